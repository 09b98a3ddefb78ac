// What stands in a page before it begins, so that a test has its feed and its asks in hand, and sees its own machine. It is
// sent as text: it knows nothing but the page.

/** Within the page. */
interface Hand {
  /** The next ask for the session waits. */
  holds: boolean;
  /** sources that the page has opened and not closed; the newest last */
  pending(): number;
  /** what the newest of them asks for; empty: there is none */
  asked(): string;
  /** @throws where several wait, or are open: a page has one line */
  open(): void;
  say(events: { event: string; data: string; id?: string }[]): void;
  cut(): void;
  fact(type: string): void;
  /** Resolves when it was read. */
  answer(status: number, body: string): Promise<void>;
  elsewhere(): void;
  /** Seen, online, alone in its browser and without an ask, the page goes to another session, whose asks are answered. */
  move(path: string): void;
  look(stream_id: string): Look;
  /** Everything that is ready has had its turn. */
  rest(): Promise<void>;
}
declare global {
  var hand: Hand;
}

export interface Look {
  path: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: the context of the page's own machine
  context: any;
  commands: string[];
  /** words of the run that are drawn */
  drawn: number;
  busy: boolean;
  /** asks for the session that wait */
  asks: number;
}

/** What stands in the page before it begins. Of itself: it is sent as text. */
export function plant(): void {
  type Source = EventTarget & { path: string; state: number };
  const sources: Source[] = [];
  const asks: { resolve(answer: Response): void }[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: actors of the page
  const actors = new Map<string, { actor: any; commands: string[] }>();
  const [WAITING, OPEN, CLOSED] = [0, 1, 2];
  const newest = (state: number): Source | undefined => sources.findLast((each) => each.state === state);

  class ForgedSource extends EventTarget {
    state = WAITING;
    path: string;
    constructor(path: string) {
      super();
      this.path = path;
      sources.push(this);
    }
    close(): void {
      this.state = CLOSED;
    }
  }
  Object.assign(globalThis, { EventSource: ForgedSource });

  const real = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const isAsk = /\/api\/session\?.*messages=1/.test(String(input));
    if (!isAsk || !globalThis.hand.holds) return real(input, init);
    return new Promise((resolve) => asks.push({ resolve }));
  };

  globalThis.weirInspect = (actor, input) => {
    if ((actor as { logic?: { id?: string } }).logic?.id !== 'attachment') return;
    const commands: string[] = [];
    actor.on('*', ({ type }: { type: string }) => commands.push(type));
    actors.set((input as { stream_id: string }).stream_id, { actor, commands });
  };

  const ports = new MessageChannel();
  let turns: (() => void)[] = [];
  ports.port1.onmessage = () => turns.shift()?.();
  const turn = () =>
    new Promise<void>((resolve) => {
      turns = [...turns, resolve];
      ports.port2.postMessage(null);
    });
  let others = 0;
  const OTHER = 't_other';
  const post = (message: object): void => {
    const channel = new BroadcastChannel('weir.line.2');
    channel.postMessage(message);
    channel.close();
  };

  globalThis.hand = {
    holds: false,
    pending: () => sources.filter(({ state }) => state === WAITING).length,
    asked: () => newest(WAITING)?.path ?? '',
    open() {
      const waiting = sources.filter(({ state }) => state === WAITING);
      if (waiting.length !== 1) throw new Error(`${waiting.map(({ path }) => path)} wait at once`);
      const source = waiting[0]!;
      source.state = OPEN;
      source.dispatchEvent(new Event('open'));
      const open = sources.filter(({ state }) => state === OPEN);
      if (open.length > 1) throw new Error(`${open.map(({ path }) => path)} are open at once`);
    },
    say(events) {
      for (const { event, data, id = '' } of events)
        newest(OPEN)!.dispatchEvent(new MessageEvent(event, { data, lastEventId: id }));
    },
    cut() {
      const source = newest(WAITING) ?? newest(OPEN)!;
      source.dispatchEvent(new Event('error'));
    },
    fact(type) {
      const isHidden = type === 'page.hidden';
      if (type.startsWith('page')) {
        Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
        const value = isHidden ? 'hidden' : 'visible';
        Object.defineProperty(document, 'visibilityState', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      } else {
        const value = type === 'network.returned';
        Object.defineProperty(navigator, 'onLine', { value, configurable: true });
        dispatchEvent(new Event(value ? 'online' : 'offline'));
      }
    },
    answer(status, body) {
      const answer = new Response(body, { status, headers: { 'content-type': 'application/json' } });
      const read = new Promise<void>((resolve) => {
        const json = answer.json.bind(answer);
        answer.json = () => json().finally(resolve);
      });
      asks.shift()!.resolve(answer);
      return read;
    },
    elsewhere() {
      others += 1;
      const ask = { n: others, sessions: {}, board: null, seen: false, notices: false };
      post({ type: 'ask', tab: OTHER, ask });
    },
    move(path) {
      post({ type: 'bye', tab: OTHER });
      if (document.hidden) globalThis.hand.fact('page.shown');
      if (!navigator.onLine) globalThis.hand.fact('network.returned');
      globalThis.hand.holds = false;
      asks.length = 0;
      history.pushState(null, '', path);
      dispatchEvent(new PopStateEvent('popstate'));
    },
    look(stream_id) {
      const known = actors.get(stream_id);
      const snapshot = known?.actor.getSnapshot();
      const path = (value: unknown): string =>
        typeof value === 'string'
          ? value
          : Object.entries(value as object)
              .map(([key, inner]) => `${key}.${path(inner)}`)
              .join();
      const article = document.querySelector(`article[data-stream-id="${stream_id}"]`);
      const said = [...(article?.querySelectorAll('p') ?? [])].map((p) => p.textContent).join(' ');
      return {
        path: snapshot ? path(snapshot.value) : null,
        context: snapshot?.context,
        commands: known?.commands.splice(0) ?? [],
        drawn: (said.match(/word/g) ?? []).length,
        busy: article?.getAttribute('aria-busy') === 'true',
        asks: asks.length,
      };
    },
    async rest() {
      for (let turns = 0; turns < 6; turns++) await turn();
    },
  };
}
