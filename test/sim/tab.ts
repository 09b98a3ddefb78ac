// One tab of a simulated browser: the page's own line, watch, attachments and prompt desk, over a document that has only what
// they ask of one. Left out: what draws, the outbox, the list, the board's page, notices and the service worker. After every
// step what is shown is held against the log (P2, P3, P8); at the end, against the server's transcript (Q2, Q3, Q7).
import { boardSchema } from '../../src/protocol/board.ts';
import { promptId } from '../../src/protocol/prompts.ts';
import type { Message } from '../../src/protocol/views.ts';
import { request } from '../../src/ui/api.ts';
import type { Message as Said } from '../../src/ui/line/channel.ts';
import { createLocks } from '../../src/ui/line/locks.ts';
import { createPageLine, type PageLine } from '../../src/ui/line/page-line.ts';
import { watchPage } from '../../src/ui/page-facts.ts';
import { createPaneStore } from '../../src/ui/pane-store.ts';
import { createPromptDesk } from '../../src/ui/prompts/prompt-desk.ts';
import { type SessionWatch, watchSession } from '../../src/ui/session-watch.ts';
import type { BrowserPorts } from './browser.ts';
import type { SimNode } from './clock.ts';
import type { Unmet } from './end-check.ts';
import type { LockRoom } from './locks.ts';
import { createPage } from './page.ts';
import type { PageGlobals } from './traps.ts';

export interface TabPorts extends BrowserPorts {
  locks: LockRoom;
  post(from: Tab, message: Said): void;
  term: { kept(): number; keep(term: number): void };
}

export interface Tab extends Pick<TabOf, 'session_id' | 'client'> {
  readonly node: SimNode;
  readonly globals: PageGlobals;
  open(): void;
  close(): void;
  freeze(): void;
  thaw(): void;
  show(isShown: boolean): void;
  network(isThere: boolean): void;
  isHidden(): boolean;
  hear(text: string): void;
  answerCards(): void;
  check(): void;
  unquiet(): Unmet[];
}

const textOf = ({ parts }: Message): string =>
  parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

/** `client`: what it calls itself to the server; a double of it does too. */
export type TabOf = { name: string; session_id: string; client: string };

export function createTab({ name, session_id, client }: TabOf, ports: TabPorts): Tab {
  const { scheduler, chance, network, truth, violate, locks } = ports;
  const node = scheduler.node(name);
  const clock = scheduler.clockOf(node);
  const page = createPage({ node, scheduler, network, owner: 'owner0' });
  const store = createPaneStore();
  const broken = (bug: unknown) =>
    violate('bug', `${name}: ${bug instanceof Error ? (bug.stack ?? bug.message) : String(bug)}`);
  let watch: SessionWatch | null = null;
  let line: PageLine | null = null;
  let listener: ((message: Said) => void) | null = null;
  /** as its window is; a frozen page hears of it later */
  let isHidden = false;
  let checked: readonly Message[] = [];

  function begin(): void {
    line = createPageLine({
      tab: name,
      now: clock.now,
      seed: () => chance.between(1, 1_000_000),
      openSource: page.openSource,
      openChannel(of) {
        listener = of;
        return {
          post: (message) => ports.post(tab, message),
          forget() {},
          close() {
            listener = null;
          },
        };
      },
      openLocks: (of, told) => createLocks(locks.of(node), of, told),
      nextTurn: (run) => void scheduler.at(node, 0, run),
      watchPage,
      isHidden: () => page.isHidden,
      isLockedOut: () => Promise.resolve(false),
      readBoard: () => request(boardSchema, { method: 'GET', path: '/api/board' }),
      term: ports.term,
      lockedOut: () => violate('bug', `${name} was locked out`),
      broken,
    });
    watch = watchSession(session_id, {
      store,
      line,
      now: clock.now,
      touched() {},
      submitted() {},
      broken,
      lockedOut() {},
      client,
      draftReturned() {},
      ready: () => Promise.resolve({ createPromptDesk }),
    });
  }

  const pane = () => store.getSnapshot().context;
  const run = (act: () => void): void => void scheduler.at(node, 0, act);

  /** P2, P3: an answer that is shown is what the log says up to its number. */
  function checkMessage(message: Message): void {
    const stream = message.stream_id === null ? undefined : truth.streams.get(message.stream_id);
    if (!stream || message.role !== 'assistant') return;
    if (stream.session_id !== session_id) violate('P8', `${name} shows ${stream.stream_id}`);
    const { last_seq } = message;
    if (last_seq > stream.frames.length)
      violate('P2', `${name} shows ${stream.stream_id} to ${last_seq} of ${stream.frames.length}`);
    else if (textOf(message) !== stream.texts[last_seq])
      violate('P3', `${name} shows "${textOf(message).slice(-60)}" at ${last_seq} of ${stream.stream_id}`);
  }

  function unquiet(): Unmet[] {
    const session = truth.sessions.get(session_id);
    const { status, messages, attachments, owner_stream_id, prompts, session: shown } = pane();
    if (!session || session.isDamaged) return [];
    if (status === 'failed') return retry();
    if (session.isDeleted)
      return status === 'missing' ? [] : [['Q2', `${name} does not know that it is deleted`]];
    if (status !== 'ready') return [['Q2', `${name} is ${status}`]];
    const unmet: Unmet[] = [];
    const live = Object.keys(attachments);
    if (live.length > 0) unmet.push(['Q7', `${name} still attends to ${live.join()}`]);
    if (owner_stream_id !== null) unmet.push(['Q7', `${name} is busy with ${owner_stream_id}`]);
    if (shown?.active_stream_id) unmet.push(['Q7', `${name} shows ${shown.active_stream_id} as active`]);
    for (const stream of truth.streams.values()) {
      if (stream.session_id !== session_id) continue;
      const message = messages.findLast(
        (one) => one.role === 'assistant' && one.stream_id === stream.stream_id,
      );
      if (message?.settled_at === undefined || textOf(message) !== stream.texts.at(-1))
        unmet.push(['Q2', `${name} shows ${message ? 'a part' : 'nothing'} of ${stream.stream_id}`]);
    }
    for (const kind of ['clarify', 'approval'] as const) {
      const pending = truth.pendingAt(session_id, kind, Number.MAX_SAFE_INTEGER);
      const { current, put_away } = prompts[kind];
      const card = current ?? put_away;
      if ((card && promptId(card.entry)) !== (pending[0] ?? null))
        unmet.push(['Q3', `${name} shows another ${kind}`]);
    }
    return unmet;
  }

  /** What a person does who sees that it could not be opened. */
  function retry(): Unmet[] {
    run(() => watch?.retry());
    return [['Q2', `${name} could not be opened`]];
  }

  const tab: Tab = {
    session_id,
    client,
    node,
    globals: page.globals,
    open: () => run(begin),
    close() {
      // A tab that is closed says nothing any more; the browser gives back what it held.
      scheduler.kill(node);
      locks.gone(node);
      page.gone();
    },
    freeze() {
      if (node.isPaused) return;
      run(() => {
        page.tell('document', 'freeze');
        scheduler.at(node, 0, () => scheduler.pause(node));
      });
    },
    thaw() {
      if (!node.isPaused) return;
      scheduler.resume(node);
      run(() => page.tell('document', 'resume'));
    },
    show(isShown) {
      if (isHidden !== isShown) return;
      isHidden = !isShown;
      run(() => page.show(isShown));
    },
    network(isThere) {
      run(() => page.tell('window', isThere ? 'online' : 'offline'));
      if (!isThere) page.cutAll();
    },
    isHidden: () => isHidden,
    hear(text) {
      listener?.(JSON.parse(text));
    },
    answerCards() {
      run(() => {
        const { clarify, approval } = pane().prompts;
        if (clarify.current)
          watch?.prompts()?.answer('clarify', clarify.current.prompt_id, { response: 'so' });
        if (approval.current)
          watch?.prompts()?.answer('approval', approval.current.prompt_id, { option_id: 'once' });
      });
    },
    check() {
      const { messages, attachments, owner_stream_id } = pane();
      // P6, AT3: a run that is live here is let go of by its own end only.
      const newest = messages.findLast(({ stream_id }) => stream_id !== null)?.stream_id;
      if (newest && attachments[newest]?.state === 'live' && owner_stream_id === null)
        violate('P6', `${name} follows ${newest}, and shows itself free`);
      if (messages === checked) return;
      for (const message of messages) if (!checked.includes(message)) checkMessage(message);
      checked = messages;
    },
    unquiet,
  };
  return tab;
}
