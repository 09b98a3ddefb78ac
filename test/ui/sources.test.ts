// The sources of one page, each in the test's hand: one opens, speaks, ends or fails only when it is told to, while another tab
// asks, panes come and go, and time goes by. What a slow network does for a second, this does for as long as it likes.
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Message } from '../../src/ui/line/channel.ts';
import { createLocks } from '../../src/ui/line/locks.ts';
import { createPageLine, type PageLine, type SessionLine } from '../../src/ui/line/page-line.ts';
import type { SourceListener } from '../../src/ui/line/source.ts';
import type { PageFact } from '../../src/ui/page-facts.ts';
import { Gate, LockModel, later } from '../support/lock-model.ts';

/** Longer than a source that was asked for is put off. */
const SOON_MS = 300;
/** As long as it takes to miss who leads and to lead oneself. */
const LEADS_MS = 45_000;
/** Sources that follow each other until nobody wants another one. */
const SOURCES_MAX = 10;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type State = 'waiting' | 'open' | 'closed';

class Source {
  state: State = 'waiting';
  readonly listener: SourceListener;
  constructor(listener: SourceListener) {
    this.listener = listener;
  }
  opens(): void {
    this.state = 'open';
    this.listener.opened();
  }
  fails(): void {
    this.state = 'closed';
    this.listener.failed();
  }
  says(event: string, data: object, id = ''): void {
    this.listener.event(event, id, JSON.stringify(data));
  }
}

/** A tab that leads, as the only one that lives; `other` asks over the channel. */
class OnePage {
  readonly sources: Source[] = [];
  readonly heard: number[] = [];
  readonly page: PageLine;
  watches: SessionLine[] = [];
  /** how often a pane goes back in the very turn in which it hears of its line */
  goesBack = 0;
  #hears: (message: Message) => void = () => {};
  #tell: (fact: PageFact) => void = () => {};
  #asks = 0;
  #term = 0;
  head = 0;

  constructor() {
    const gate = new Gate();
    const locks = new LockModel();
    this.page = createPageLine({
      tab: 'p1',
      now: Date.now,
      seed: () => 7,
      openSource: (_path, listener) => {
        const source = new Source(listener);
        this.sources.push(source);
        return () => {
          source.state = 'closed';
        };
      },
      openChannel: (hears) => {
        this.#hears = hears;
        return { post() {}, forget() {}, close() {} };
      },
      openLocks: (tab, listener) => createLocks(locks.of(gate), tab, listener),
      nextTurn: (callback) => later(gate, callback, 0),
      watchPage: (_now, tell) => {
        this.#tell = tell;
        return () => {};
      },
      isHidden: () => false,
      term: {
        kept: () => this.#term,
        keep: (term) => {
          this.#term = term;
        },
      },
      isLockedOut: async () => false,
      lockedOut() {},
      broken(bug) {
        throw bug;
      },
      readBoard: () => Promise.reject(new Error('nobody reads it')),
    });
  }

  of(state: State): Source[] {
    return this.sources.filter((source) => source.state === state);
  }

  watch(): void {
    const back = () => {
      if (this.goesBack === 0) return;
      this.goesBack -= 1;
      line.reattach();
    };
    const line = this.page.watch('s', {
      cursor: () => this.heard.at(-1) ?? 0,
      line: back,
      heard() {},
      event: ({ pos }) => {
        if (pos !== null && pos > (this.heard.at(-1) ?? 0)) this.heard.push(pos);
      },
      poll: back,
    });
    this.watches.push(line);
  }

  otherAsks(): void {
    this.#asks += 1;
    const ask = { n: this.#asks, sessions: {}, board: null, seen: false, notices: false };
    this.#hears({ type: 'ask', tab: 'p2', ask });
  }

  otherLeaves(): void {
    this.#hears({ type: 'bye', tab: 'p2' });
  }

  /** It leads, of a higher term, and is not heard of again. */
  otherLeads(): void {
    this.#hears({ type: 'beat', tab: 'p2', term: this.#term + 1, hidden: false });
  }

  fact(type: PageFact['type']): void {
    this.#tell({ type, at: Date.now() });
  }

  says(event: string, data: object, id?: string): void {
    for (const source of this.of('open')) source.says(event, data, id);
  }

  record(): void {
    this.head += 1;
    this.says('token', {}, `s:${this.head}`);
  }
}

const acts = {
  opens: (one: OnePage) => one.of('waiting').at(-1)?.opens(),
  fails: (one: OnePage) => (one.of('waiting').at(-1) ?? one.of('open')[0])?.fails(),
  breaks: (one: OnePage) => one.of('open')[0]?.fails(),
  ends: (one: OnePage) => one.says('end', { reason: 'lifetime' }),
  speaks: (one: OnePage) => one.record(),
  isGone: (one: OnePage) => one.says('gone', { session_id: 's' }),
  watches: (one: OnePage) => one.watch(),
  unwatches: (one: OnePage) => one.watches.pop()?.close(),
  reattaches: (one: OnePage) => one.watches.at(-1)?.reattach(),
  goesBack: (one: OnePage) => {
    one.goesBack = 2;
  },
  retries: (one: OnePage) => one.page.retry(),
  otherAsks: (one: OnePage) => one.otherAsks(),
  otherLeaves: (one: OnePage) => one.otherLeaves(),
  otherLeads: (one: OnePage) => one.otherLeads(),
  hides: (one: OnePage) => one.fact('page.hidden'),
  shows: (one: OnePage) => one.fact('page.shown'),
  isOff: (one: OnePage) => one.fact('network.lost'),
  isOn: (one: OnePage) => one.fact('network.returned'),
  freezes: (one: OnePage) => one.fact('page.frozen'),
  resumes: (one: OnePage) => one.fact('page.resumed'),
};
const step = fc.record({
  act: fc.constantFrom(...(Object.keys(acts) as (keyof typeof acts)[])),
  wait_ms: fc.constantFrom(0, 0, 0, 1, 50, 120, 1_000, 4_000, 16_000),
});

/** Whatever became of it, what is asked for last opens, and is listened to. */
async function settles(one: OnePage): Promise<void> {
  one.fact('page.resumed');
  one.fact('page.shown');
  one.fact('network.returned');
  // As long as it takes to lead again, and to begin.
  await vi.advanceTimersByTimeAsync(LEADS_MS);
  one.watch();
  for (let left = SOURCES_MAX; left > 0; left--) {
    await vi.advanceTimersByTimeAsync(SOON_MS);
    if (one.of('waiting').length === 0 && one.of('open').length === 0) one.page.retry();
    one.of('waiting').at(-1)?.opens();
  }
  expect(one.sources.map(({ state }) => state).filter((state) => state !== 'closed')).toEqual(['open']);
  one.record();
  expect(one.heard.at(-1)).toBe(one.head);
}

test('LN2 LN3 of the sources of a page one waits and one is open at most, whatever happens to them; the one that waits is the one that counts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      vi.clearAllTimers();
      const one = new OnePage();
      one.watch();
      for (const { act, wait_ms } of steps) {
        acts[act](one);
        await vi.advanceTimersByTimeAsync(wait_ms);
        const [waiting, open] = [one.of('waiting').length, one.of('open').length];
        expect({ waiting: waiting > 1, open: open > 1 }).toEqual({ waiting: false, open: false });
      }
      await settles(one);
      one.page.close();
      expect(one.sources.every(({ state }) => state === 'closed')).toBe(true);
    }),
    { numRuns: Number(process.env.LINE_RUNS ?? 150) },
  );
});
