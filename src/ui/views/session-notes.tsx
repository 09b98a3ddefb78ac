// What is said of a session beside its title and over its transcript: where it came from, and that it is archived.
import { type MouseEvent, useEffect, useState } from 'react';
import type { Session } from '../../protocol/views.ts';
import { api } from '../api.ts';
import { plainText } from '../renderer/plain.ts';
import { pathOf } from '../router.ts';
import { enTranscript } from '../text/en-transcript.ts';
import { useApp, useStore } from './context.tsx';

const words = enTranscript;

/** The list holds what is looked for: a title that it has held stays, and one that it hasn't is asked for. */
function useTitle(session_id: string | null): string | null {
  const listed = useStore(useApp().list, ({ sessions }) =>
    sessions.find((one) => one.session_id === session_id),
  )?.title;
  const [known, setKnown] = useState<{ session_id: string; title: string } | null>(null);
  const isKnown = known?.session_id === session_id;
  useEffect(() => {
    if (session_id === null) return;
    if (listed !== undefined) return setKnown({ session_id, title: listed });
    if (isKnown) return;
    const leaving = new AbortController();
    api.session(session_id, leaving.signal).then(
      ({ session: { title } }) => setKnown({ session_id, title }),
      // It may be gone: then it is another session.
      () => undefined,
    );
    return () => leaving.abort();
  }, [session_id, listed, isKnown]);
  return listed ?? (isKnown ? known.title : null);
}

/** The way back to the session that this one was made from. */
export function Origin({ session }: { session: Session }) {
  const { commands } = useApp();
  const { parent_session_id: parent, relation } = session;
  const title = useTitle(parent);
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
