// The sessions of a lineage, with the way to each: of several the list shows the newest alone.
import '../style/copies.css';
import { type MouseEvent, useEffect, useState } from 'react';
import type { Session } from '../../protocol/views.ts';
import { sentenceOf } from '../api.ts';
import { dayTime, isoTime } from '../format.ts';
import { membersOf } from '../lineage.ts';
import { plainText } from '../renderer/plain.ts';
import { pathOf } from '../router.ts';
import { markOf, rowWord } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { enDialogs } from '../text/en-dialogs.ts';
import { useApp, useStore } from './context.tsx';
import { Modal } from './modal.tsx';
import { useAbout } from './use-about.ts';

const words = enDialogs;

function Member({ session, isShown }: { session: Session; isShown: boolean }) {
  const { shell, commands } = useApp();
  function onClick(event: MouseEvent): void {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    shell.trigger.dialogClosed({});
    commands.open(session.session_id);
  }
  return (
    <li>
      <a
        href={pathOf({ page: 'session', session_id: session.session_id })}
        aria-current={isShown ? 'page' : undefined}
        onClick={onClick}
      >
        <i className="mark" data-state={markOf(session)} aria-hidden="true" />
        <span className="cut" dir="auto">
          <span className="vh" dir="ltr">
            {rowWord(session)}:{' '}
          </span>
          {plainText(session.title || en.sidebar.untitled)}
        </span>
        {isShown && <span className="dim">{words.lineageHere}</span>}
        <time className="dim push" dateTime={isoTime(session.updated_at)}>
          {dayTime(session.updated_at, Date.now())}
        </time>
      </a>
    </li>
  );
}

export default function LineageDialog() {
  const { shell, pane } = useApp();
  const shown = useStore(pane, (context) => context.session_id);
  const [about] = useState(useAbout());
  const [members, setMembers] = useState<Session[] | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  useEffect(() => {
    if (about) membersOf(about).then(setMembers, (error) => setWhy(sentenceOf(error)));
  }, [about]);
  return (
    <Modal title={words.lineageTitle}>
      <p>{words.lineageText}</p>
      {why !== null && (
        <p className="failed" role="alert">
          {why}
        </p>
      )}
      {members === null && why === null && <p className="dim">{words.lineageLoading}</p>}
      {members && (
        <ol className="members" aria-label={words.lineageTitle}>
          {members.map((session) => (
            <Member
              key={session.session_id}
              session={session}
              isShown={session.session_id === (shown ?? about?.session_id)}
            />
          ))}
        </ol>
      )}
      <div className="acts">
        <button type="button" className="btn" onClick={() => shell.trigger.dialogClosed({})}>
          {words.close}
        </button>
      </div>
    </Modal>
  );
}
