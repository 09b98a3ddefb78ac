// What the palette offers: sessions by their titles and what can be done, as far as the words that were typed are in them.
import type { Session } from '../protocol/views.ts';
import type { App } from './app.ts';
import { waitingTasks } from './board/board-feed.ts';
import { currentPlace } from './router.ts';
import type { Dialog } from './shell-store.ts';
import { isBusy, markOf, rowWord } from './shown-run.ts';
import { en } from './text/en.ts';
import { enBoard } from './text/en-board.ts';
import { enDialogs } from './text/en-dialogs.ts';

export interface Entry {
  id: string;
  name: string;
  /** what a session is at, in a word and as its mark; null: an action */
  note: string | null;
  mark: string | null;
  run(): void;
}

/** Sessions that are offered at once. */
const SESSIONS_MAX = 12;
const words = enBoard.palette;

/** Whether each word that was typed is in the text, wherever. Pure. */
export function isMeant(typed: string, text: string): boolean {
  const there = text.toLocaleLowerCase();
  return typed
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => there.includes(word));
}

type Action = [name: string, run: () => void, isOffered?: boolean];

function sessionActions({ pane, shell, commands }: App): Action[] {
  const { session, owner_stream_id } = pane.getSnapshot().context;
  if (!session) return [];
  const { session_id, pinned, archived } = session;
  const dialog = (name: Dialog) => () => shell.trigger.dialogOpened({ dialog: name, about: session_id });
  return [
    [words.stop, commands.stop, owner_stream_id !== null && isBusy(pane.getSnapshot().context)],
    [words.rename, dialog('rename')],
    [pinned ? words.unpin : words.pin, () => commands.pin(session_id, !pinned)],
    [archived ? words.unarchive : words.archive, () => commands.archive(session_id, !archived)],
    [words.export, dialog('export')],
    [words.remove, dialog('delete')],
  ];
}

/** What can be done from where this tab is. */
export function actionsOf(app: App): Entry[] {
  const { board, shell, commands } = app;
  const [waits] = waitingTasks(board.getSnapshot().context);
  const isBoard = currentPlace().page === 'board';
  const actions: Action[] = [
    [enBoard.newSession, commands.newSession],
    [words.nextWaiting, () => waits && commands.open(waits.session_id), waits !== undefined],
    isBoard ? [words.sessionsView, commands.openNewest] : [words.board, commands.openBoard],
    ...sessionActions(app),
    [words.theme, () => shell.trigger.themeSwitched({})],
    [words.side, () => shell.trigger.sideSwitched({}), !isBoard],
    [words.archived, () => commands.showArchived(true), !isBoard],
    [words.import, () => shell.trigger.dialogOpened({ dialog: 'import' })],
    [words.rules, () => shell.trigger.dialogOpened({ dialog: 'rules' })],
    [enDialogs.settings, () => shell.trigger.dialogOpened({ dialog: 'settings' })],
    [words.settings, () => shell.trigger.dialogOpened({ dialog: 'settings' })],
    [words.help, () => shell.trigger.dialogOpened({ dialog: 'help' })],
  ];
  return actions
    .filter(([, , isOffered = true]) => isOffered)
    .map(([name, run]) => ({ id: `do ${name}`, name, note: null, mark: null, run }));
}

const titleOf = (session: Session): string => session.title || en.sidebar.untitled;

/** `known`: as the list has them; `found`: what the server's search says of the same words. */
export function entriesOf(
  typed: string,
  {
    known,
    found,
    actions,
    open,
  }: {
    known: Session[];
    found: Session[];
    actions: Entry[];
    open(session_id: string): void;
  },
): Entry[] {
  const wanted = typed.trim();
  const named = known.filter((session) => isMeant(wanted, titleOf(session)));
  const sessions = new Map([...named, ...(wanted === '' ? [] : found)].map((one) => [one.session_id, one]));
  return [
    ...[...sessions.values()].slice(0, SESSIONS_MAX).map((session) => ({
      id: `session ${session.session_id}`,
      name: titleOf(session),
      note: rowWord(session),
      mark: markOf(session),
      run: () => open(session.session_id),
    })),
    ...actions.filter(({ name }) => isMeant(wanted, name)),
  ];
}
