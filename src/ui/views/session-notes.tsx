// What is said of a session beside its title and over its transcript: where it came from, and that it is archived.
import type { MouseEvent } from 'react';
import type { Session } from '../../protocol/views.ts';
import { plainText } from '../renderer/plain.ts';
import { pathOf } from '../router.ts';
import { enTranscript } from '../text/en-transcript.ts';
import { useApp, useStore } from './context.tsx';

const words = enTranscript;

/** The way back to the session that this one was made from. */
export function Origin({ session }: { session: Session }) {
  const { list, commands } = useApp();
  const { parent_session_id: parent, relation } = session;
  const title = useStore(list, (context) => context.sessions.find((one) => one.session_id === parent)?.title);
  if (parent === null) return null;
  return (
    <a
      className="where cut"
      dir="auto"
      href={pathOf({ page: 'session', session_id: parent })}
      onClick={(event: MouseEvent) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        commands.open(parent);
      }}
    >
      <span dir="ltr">{words.origins[relation ?? 'child']}</span> {plainText(title || words.anotherSession)}
    </a>
  );
}

/** Who archives the session on screen sees what became of it, and can take it back. */
export function ArchivedNotice() {
  const { pane, commands } = useApp();
  const session_id = useStore(pane, ({ session }) => (session?.archived ? session.session_id : null));
  return (
    <div role="status">
      {session_id !== null && (
        <div className="notice">
          <span>{words.archived}</span>
          <button type="button" className="link push" onClick={() => commands.archive(session_id, false)}>
            {words.unarchive}
          </button>
        </div>
      )}
    </div>
  );
}
