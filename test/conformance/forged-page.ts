// A real page in Chromium whose feed, asks and time are in a test's hands: its EventSource opens, speaks and fails when it is
// told to, an ask for the session waits for its answer, time goes on by hand. And what the page's own machine is in, and what
// is drawn. Knows no expectation.
import type { Page } from 'playwright-core';
import type { AttachmentScene, ForgedFrame } from './attachment.scene.ts';
import { type Look, plant } from './planted.ts';

/** A source that is taken up again is asked for by then. */
export const REOPEN_MS = 120;

export interface ForgedPage {
  /** A run begins in the session: its message is in the log. */
  begins(run: 'run' | 'newer'): Promise<unknown>;
  frames(names: ForgedFrame[], first: number): Promise<unknown>;
  say(event: string, data: object): Promise<unknown>;
  cut(): Promise<unknown>;
  /** `within_ms` go by, in which a source is asked for; it opens. */
  reopens(within_ms: number): Promise<unknown>;
  resets(): Promise<unknown>;
  asksElsewhere(): Promise<unknown>;
  answers(status: string, scene: AttachmentScene): Promise<unknown>;
  fact(type: string): Promise<unknown>;
  goesOn(ms: number): Promise<unknown>;
  /** Sources that were asked for and have not opened. */
  pending(): Promise<number>;
  /** After the step: the pos of what did not fit is free again. */
  took(fits: boolean): void;
  look(): Promise<Look>;
  stream(run: 'run' | 'newer'): string;
  /** The page goes to another session, whatever became of the one it shows; `opened`: what the server says of that. */
  moves(opened: Opened): Promise<void>;
}

/** Tries of a page to ask for the session that it goes to. */
const TRIES_MAX = 200;

// biome-ignore lint/suspicious/noExplicitAny: the server's own answer, changed at will
type Opened = any;

const pathOf = ({ session }: Opened) => `/s/${session.session_id}`;

/** Opens a session's page; `first`: what the server says of the session. */
export async function forgePage(page: Page, first: Opened): Promise<ForgedPage> {
  let opened = first;
  let pos: number = opened.session.head;
  let before = pos;
  let runs = 0;
  const streams = { run: '', newer: '' };

  await page.clock.install({ time: 1_700_000_000_000 });
  await page.addInitScript(plant);
  await page.goto(pathOf(opened));
  await page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
  await page.waitForFunction(() => globalThis.hand.pending() > 0);
  await page.clock.pauseAt(1_700_000_100_000);

  const rest = () => page.evaluate(() => globalThis.hand.rest());
  const tell = async (events: { event: string; data: string; id?: string }[]) => {
    await page.evaluate(async (given) => {
      globalThis.hand.say(given);
      await globalThis.hand.rest();
    }, events);
  };
  const record = (event: string, data: object) => {
    pos += 1;
    return {
      event,
      data: JSON.stringify({ at: 1_700_000_100_000, ...data }),
      id: `${opened.session.session_id}:${pos}`,
    };
  };
  /** What makes the page draw what came at once: any word of the run's state. */
  const state = () => ({
    event: 'stream_state',
    data: JSON.stringify({
      session_id: opened.session.session_id,
      stream_id: streams.run,
      state: 'active',
      run_state: 'running',
      path: 'active.running',
      since: 1_700_000_100_000,
      why: null,
      epoch: 1,
      head: 1,
      outcome: null,
    }),
  });
  const snapshot = () => ({
    event: 'snapshot',
    data: JSON.stringify({ session: sessionOf(null), active_stream: null, queue: [], head: pos }),
  });
  const sessionOf = (active_stream_id: string | null) => {
    const { messages: _m, transcript_pos: _p, has_more: _h, head: _head, ...session } = opened.session;
    return { ...session, active_stream_id };
  };
  const messageOf = (stream_id: string, last_seq: number, words: number, isSettled: boolean) => ({
    message_id: `m_${stream_id}`,
    role: 'assistant',
    parts: words > 0 ? [{ type: 'text', text: 'word '.repeat(words) }] : [],
    created_at: 1_700_000_100_000,
    stream_id,
    last_seq,
    terminal_state: isSettled ? 'completed' : null,
    ...(isSettled && { settled_at: 1_700_000_100_000 }),
  });
  const sessionWith = (messages: Opened[], active_stream_id: string | null) =>
    JSON.stringify({
      session: { ...sessionOf(active_stream_id), messages, transcript_pos: pos, head: pos, has_more: false },
    });
  const answer = (status: number, body: string) =>
    page.evaluate(
      async ([code, text]) => {
        await globalThis.hand.answer(code, text);
        await globalThis.hand.rest();
      },
      [status, body] as const,
    );
  const payloads: Record<ForgedFrame, object> = {
    token: { text: 'word ' },
    title: { title: 'A title' },
    done: { message_id: 'm' },
    stream_end: { terminal_state: 'completed' },
  };

  const forged: ForgedPage = {
    async begins(run) {
      runs += 1;
      streams[run] = `r_${run}${runs}`;
      before = pos;
      const message = { message_id: `u_${runs}`, text: 'hello', stream_id: streams[run] };
      await tell([record('user_message', message), state()]);
    },
    async frames(names, first) {
      before = pos;
      const said = names.map((name, at) =>
        record(name, { stream_id: streams.run, seq: first + at, ...payloads[name] }),
      );
      await tell([...said, state()]);
    },
    say: (event, data) => tell([{ event, data: JSON.stringify(data) }]),
    async cut() {
      await page.evaluate(() => globalThis.hand.cut());
      await rest();
    },
    async reopens(within_ms) {
      await page.evaluate(() => {
        if (globalThis.hand.pending() > 0) return;
        const buttons = [...document.querySelectorAll('button')];
        buttons.find(({ textContent }) => textContent === 'Try now')?.click();
      });
      await forged.goesOn(within_ms);
      await page.waitForFunction(() => globalThis.hand.pending() > 0);
      await page.evaluate(() => globalThis.hand.open());
      await tell([snapshot()]);
    },
    resets: () => forged.say('reset', { reason: 'ahead', head: 0, session_id: opened.session.session_id }),
    async asksElsewhere() {
      await page.evaluate(() => globalThis.hand.elsewhere());
      await rest();
    },
    async answers(status, { facts, context }) {
      if (status === 'error') return answer(500, '{"error":"No.","code":"internal"}');
      const isSettled = status === 'restored' || status === 'short';
      const seq = status === 'short' ? context.shown - 1 : context.shown;
      const own = messageOf(streams.run, seq, facts.drawn, isSettled);
      const isThere = isSettled || status === 'active';
      const owner = { active: streams.run, stale: streams.newer }[status] ?? null;
      return answer(200, sessionWith(isThere ? [own] : [], owner));
    },
    fact: (type) =>
      page.evaluate(async (name) => {
        globalThis.hand.fact(name);
        await globalThis.hand.rest();
      }, type),
    async goesOn(ms) {
      if (ms > 0) await page.clock.runFor(ms);
      await rest();
    },
    took(fits) {
      if (!fits) pos = before;
    },
    look: () => page.evaluate((stream_id) => globalThis.hand.look(stream_id), streams.run),
    pending: () => page.evaluate(() => globalThis.hand.pending()),
    stream: (run) => streams[run],
    async moves(next) {
      opened = next;
      pos = opened.session.head;
      await page.evaluate((path) => globalThis.hand.move(path), pathOf(opened));
      for (let left = TRIES_MAX; ; left--) {
        const asked = await page.evaluate(() => globalThis.hand.asked());
        if (asked.includes(opened.session.session_id)) break;
        if (left === 0) throw new Error(`the page asks for ‘${asked}’`);
        // Of what was watched before: the next is asked for once that has opened.
        if (asked) await page.evaluate(() => globalThis.hand.open());
        await forged.goesOn(REOPEN_MS);
      }
      await begins();
    },
  };
  const begins = async () => {
    await page.evaluate(() => {
      globalThis.hand.holds = true;
    });
    await forged.reopens(REOPEN_MS);
  };
  await begins();
  return forged;
}
