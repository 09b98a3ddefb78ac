// What the service worker does with a notice: shows it, once, unless somebody looks at that very session; takes it back; and
// brings a window to it. Pushes and the open pages come to the same desk, so a browser is called once.
import type { Notice, ShownNotice } from '../../protocol/notices.ts';
import { enNotices as words } from '../text/en-notices.ts';

/** A window that is busy, or sleeps, is not waited for longer. */
export const WINDOW_ANSWER_MS = 400;
/** Calls that are remembered: the same one may come from a push and from a page. */
const CALLED_MAX = 100;

export interface ShownNotification {
  data?: { about?: string; path?: string };
  close(): void;
}

/** As much of a window as a service worker has. Source: W3C Service Workers, §4.2. */
export interface OpenWindow {
  url: string;
  focused: boolean;
  visibilityState: string;
  focus(): Promise<unknown>;
  navigate(url: string): Promise<unknown>;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

export interface WorkerWorld {
  origin: string;
  /** how long a window is waited for (ms) */
  answer_ms: number;
  show(title: string, options: NotificationOptions & { renotify?: boolean }): Promise<void>;
  shown(tag: string): Promise<readonly ShownNotification[]>;
  windows(): Promise<readonly OpenWindow[]>;
  openWindow(path: string): Promise<unknown>;
}

/** What a window is asked, and what it answers with. */
export type WindowQuestion = { ask: 'place' } | { ask: 'open'; path: string };
export interface WindowAnswer {
  /** where it is: `/s/<session_id>` also where its address says less */
  path: string;
}

function ask(window: OpenWindow, question: WindowQuestion, answer_ms: number): Promise<WindowAnswer | null> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const end = (answer: WindowAnswer | null) => {
      clearTimeout(timer);
      port1.close();
      resolve(answer);
    };
    const timer = setTimeout(end, answer_ms, null);
    port1.onmessage = ({ data }) => end(data);
    window.postMessage(question, [port2]);
  });
}

export function createWorkerDesk(world: WorkerWorld) {
  const called = new Set<string>();
  const { answer_ms } = world;

  /** Its address may be older than what it shows, so it is asked. */
  const placeOf = async (window: OpenWindow): Promise<string> =>
    (await ask(window, { ask: 'place' }, answer_ms))?.path ?? new URL(window.url).pathname;

  /** A path of ours, whatever a notice says. */
  function pathOf(path: string): string {
    const url = new URL(path, world.origin);
    return url.origin === world.origin ? url.pathname + url.search : '/';
  }

  /** Somebody looks at it: the focused window has that session, or the board with all questions. */
  async function isLookedAt(path: string): Promise<boolean> {
    const wanted = new URL(pathOf(path), world.origin).pathname;
    const focused = (await world.windows()).filter((window) => window.focused);
    const places = await Promise.all(focused.map(placeOf));
    return places.some((place) => place === wanted || place === '/board');
  }

  async function show(notice: ShownNotice): Promise<void> {
    const { tag, about, topic, title, body, path } = notice;
    const call = `${tag} ${about}`;
    if (called.has(call)) return;
    called.add(call);
    const [oldest] = called;
    if (called.size > CALLED_MAX && oldest !== undefined) called.delete(oldest);
    if (topic !== 'test' && (await isLookedAt(path))) return;
    const before = await world.shown(tag);
    if (before.some(({ data }) => data?.about === about)) return;
    const heading = topic === 'test' ? words.app : title || words.untitled;
    await world.show(heading, {
      body: words.bodies[topic](body),
      tag,
      // Another question takes the place of the one before, and may ring for itself.
      renotify: before.length > 0,
      icon: '/icon-192.png',
      dir: 'auto',
      data: { about, path: pathOf(path) },
    });
  }

  return {
    async take(notice: Notice): Promise<void> {
      if (notice.type === 'show') return show(notice);
      for (const each of await world.shown(notice.tag)) each.close();
    },
    /** Brings a window to `path`: one that shows that session, else one that is seen, else any, else a new one. */
    async open(given: string): Promise<void> {
      const path = pathOf(given);
      const wanted = new URL(path, world.origin).pathname;
      const windows = await world.windows();
      const places = await Promise.all(windows.map(placeOf));
      const best =
        windows[places.indexOf(wanted)] ??
        windows.find(({ visibilityState }) => visibilityState === 'visible') ??
        windows[0];
      if (!best) return void (await world.openWindow(path));
      await best.focus().catch(() => undefined);
      if (await ask(best, { ask: 'open', path }, answer_ms)) return;
      // It does not answer: an older page, or one that is asleep.
      await best.navigate(path).catch(() => world.openWindow(path));
    },
  };
}
