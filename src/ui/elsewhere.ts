// What this tab knows of the sessions that are not on its screen: the list, the board, and which of them it follows. It never
// changes what is on the screen by itself: it tells.
import { isSettledTask } from '../protocol/board.ts';
import type { Session } from '../protocol/views.ts';
import { createBoardFeed } from './board/board-feed.ts';
import { newsOf } from './board/news.ts';
import { keptDraft } from './draft.ts';
import { createFollower } from './follow.ts';
import type { PageLine } from './line/page-line.ts';
import { createSessionList } from './list.ts';
import type { Shell } from './shell-store.ts';
import { en } from './text/en.ts';

export interface ElsewherePorts {
  line: PageLine;
  /** the session on screen; null: none */
  watched(): string | null;
  dialog(): Shell['dialog'];
  /** Said to who hears the page. */
  news(text: string): void;
  /** What is on screen, as the server has it now. */
  told(session: Session): void;
  /** This tab follows another session now. */
  moved(): void;
  lockedOut(): void;
}

/** Somebody writes in this tab: a field has the focus. */
const isWritten = (): boolean => /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '');

export function createElsewhere(ports: ElsewherePorts) {
  const sessions = createSessionList(ports);
  const titleOf = (session_id: string): string =>
    sessions.store.getSnapshot().context.sessions.find((one) => one.session_id === session_id)?.title ||
    en.sidebar.untitled;
  const follower = createFollower({
    isBusy: () => ports.dialog() !== null || isWritten() || keptDraft(ports.watched()) !== '',
    moved: ports.moved,
    stayed: (session_id) => ports.news(en.board.began(titleOf(session_id))),
  });
  const board = createBoardFeed({
    sessionChanged(session_id, session) {
      sessions.changed(session_id, session);
      if (session && session_id === ports.watched()) ports.told(session);
    },
    missed() {
      sessions.refreshSoon();
      const live = [...board.store.getSnapshot().context.tasks.values()].filter(
        (task) => !isSettledTask(task),
      );
      sessions.want(live.map((task) => task.session_id));
    },
    taskChanged(task, before) {
      const news = task.session_id === ports.watched() ? null : newsOf(task, before);
      if (news !== null) ports.news(news);
      if (!before && !isSettledTask(task)) follower.began(task.session_id);
    },
  });
  /** The focus went from here to nothing else. */
  const left = ({ relatedTarget }: FocusEvent): void => {
    if (relatedTarget === null) follower.freed();
  };
  addEventListener('focusout', left);
  ports.line.board(board);

  return {
    sessions,
    board,
    follower,
    close() {
      removeEventListener('focusout', left);
      sessions.close();
    },
  };
}
