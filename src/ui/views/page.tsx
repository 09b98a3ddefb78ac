// The page: list, session, drawer.
import { lazy, Suspense, useRef } from 'react';
import { keptDraft } from '../draft.ts';
import { isBornHere } from '../new-session.ts';
import { en } from '../text/en.ts';
import { Announcer } from './announcer.tsx';
import { Composer } from './composer.tsx';
import { useApp, usePlace, useStore } from './context.tsx';
import { Dialogs } from './dialogs.tsx';
import { Guard } from './guard.tsx';
import { Header } from './header.tsx';
import { useKeys } from './keys.ts';
import { LineNotice } from './notice.tsx';
import { Sidebar } from './sidebar.tsx';
import { Signs } from './signs.tsx';
import { DrawerPart, TranscriptPart } from './transcript-part.tsx';

const BoardView = lazy(() => import('./board.tsx'));

function Empty({
  title,
  text,
  children,
}: {
  title: string;
  text: string | null;
  children?: React.ReactNode;
}) {
  return (
    <div className="empty-pane" id="transcript">
      <h2>{title}</h2>
      {text && <p dir="auto">{text}</p>}
      {children}
    </div>
  );
}

/** Whose words are in the composer: a session that was made here takes over those of the start page, caret and all. */
function useWriter(session_id: string | null): number {
  const seen = useRef({ session_id, writer: 0 });
  const { session_id: before, writer } = seen.current;
  if (before !== session_id) {
    const goesOn = before === null && session_id !== null && isBornHere(session_id);
    seen.current = { session_id, writer: goesOn ? writer : writer + 1 };
  }
  return seen.current.writer;
}

function Session() {
  const { pane, commands } = useApp();
  // One by one: what is written into the transcript is no news for the frame around it.
  const status = useStore(pane, (context) => context.status);
  const why = useStore(pane, (context) => context.why);
  const session_id = useStore(pane, (context) => context.session_id);
  const writer = useWriter(session_id);
  if (status === 'missing')
    return (
      <Empty title={en.missing.title} text={en.missing.text}>
        {keptDraft(null) !== '' && <p>{en.missing.draft}</p>}
        <button type="button" className="btn" onClick={commands.newSession}>
          {en.sidebar.newSession}
        </button>
      </Empty>
    );
  if (status === 'failed')
    return (
      <Empty title={en.loadFailed.title} text={why}>
        <button type="button" className="btn" onClick={commands.retryLine}>
          {en.loadFailed.retry}
        </button>
      </Empty>
    );
  return (
    <>
      {status === 'start' ? (
        <Empty title={en.start.title} text={en.start.text} />
      ) : (
        <Guard key={`log ${session_id}`}>
          <TranscriptPart />
        </Guard>
      )}
      <Composer key={`write ${writer}`} session_id={session_id} />
    </>
  );
}

function SessionPage() {
  const { shell } = useApp();
  const side = useStore(shell, (context) => context.side);
  const drawer = useStore(shell, (context) => context.drawer);
  return (
    <div className="app" data-side={side ? 'open' : 'closed'} data-drawer={drawer ? 'open' : 'closed'}>
      <Sidebar />
      <main className="pane">
        <Header />
        <LineNotice />
        <Session />
      </main>
      <DrawerPart />
    </div>
  );
}

const BoardPage = () => (
  <main id="board">
    <Guard>
      <Suspense fallback={<p className="empty-pane">{en.board.loading}</p>}>
        <BoardView />
      </Suspense>
    </Guard>
  </main>
);

export function Page() {
  const app = useApp();
  const isBoard = usePlace().page === 'board';
  useKeys(app);
  return (
    <>
      <a className="skip" href={isBoard ? '#board' : '#transcript'}>
        {isBoard ? en.skipToBoard : en.skip}
      </a>
      <Announcer />
      <Signs />
      {isBoard ? <BoardPage /> : <SessionPage />}
      <Dialogs />
    </>
  );
}
