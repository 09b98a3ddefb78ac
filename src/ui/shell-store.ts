// What the frame around a session shows: list and drawer, dialogs, colours. Nothing of a session.
import { createStore } from '@xstate/store';
import { isFollowing } from './follow.ts';
import { keep, kept } from './kept.ts';
import { applyTheme, keptTheme, nextTheme } from './theme.ts';

export type Dialog =
  | 'help'
  | 'delete'
  | 'stop'
  | 'login'
  | 'rules'
  | 'rename'
  | 'palette'
  | 'settings'
  | 'lineage'
  | 'export'
  | 'import';
export type DrawerTab = 'state' | 'log';

export interface Shell {
  /** wide pages only: narrow ones show list and drawer over the page */
  side: boolean;
  drawer: boolean;
  tab: DrawerTab;
  /** the run that the drawer shows; null: the newest */
  drawer_stream_id: string | null;
  dialog: Dialog | null;
  /** the session that the dialog is about; null: it is about none */
  about: string | null;
  /** this tab follows the newest run */
  follows: boolean;
  /** what happened elsewhere, for who hears the page; grows, so that the same words twice are heard twice */
  news: { text: string; n: number };
  theme: ReturnType<typeof keptTheme>;
  /** grows when a refused message went back to its draft */
  returned: number;
  /** grows when somebody asks for a new session: they want to write */
  asked: number;
}

export function createShell() {
  const store = createStore({
    context: {
      side: kept('side') !== 'closed',
      drawer: kept('drawer') !== 'closed',
      tab: 'state',
      drawer_stream_id: null,
      dialog: null,
      about: null,
      follows: isFollowing(),
      news: { text: '', n: 0 },
      theme: keptTheme(),
      returned: 0,
      asked: 0,
    } as Shell,
    on: {
      sideSwitched: (shell) => ({ ...shell, side: !shell.side }),
      drawerSwitched: (shell, { open }: { open: boolean }) => ({ ...shell, drawer: open }),
      drawerAsked: (shell, { stream_id }: { stream_id: string | null }) => ({
        ...shell,
        drawer: true,
        tab: 'state' as const,
        drawer_stream_id: stream_id,
      }),
      tabChosen: (shell, { tab }: { tab: DrawerTab }) => ({ ...shell, tab }),
      dialogOpened: (shell, { dialog, about = null }: { dialog: Dialog; about?: string | null }) => ({
        ...shell,
        dialog,
        about,
      }),
      dialogClosed: (shell) => ({ ...shell, dialog: null }),
      loginAsked: (shell) => ({ ...shell, dialog: 'login' as const }),
      followSwitched: (shell, { on }: { on: boolean }) => ({ ...shell, follows: on }),
      newsCame: (shell, { news }: { news: string }) => ({
        ...shell,
        news: { text: news, n: shell.news.n + 1 },
      }),
      themeSwitched: (shell) => ({ ...shell, theme: nextTheme(shell.theme) }),
      messageAsked: (shell) => ({ ...shell, asked: shell.asked + 1 }),
      draftReturned: (shell) => ({ ...shell, returned: shell.returned + 1 }),
    },
  });
  applyTheme(store.getSnapshot().context.theme);
  store.subscribe(({ context }) => {
    keep('side', context.side ? null : 'closed');
    keep('drawer', context.drawer ? null : 'closed');
    applyTheme(context.theme);
  });
  return store;
}
