// The prompts of the session on screen: one feed actor per queue (PF5), fed from the page's one line, and the hands of both.
// The machine decides what is shown and sent; here is only the wiring. Closed, it leaves no timer and no request behind.
import * as z from 'zod/mini';
import {
  type PromptFeedCommand,
  type PromptFeedEvent,
  type PromptReply,
  promptFeedMachine,
  shownCards,
} from '../../machines/prompt-feed.machine.ts';
import {
  PROMPT_KINDS,
  type PromptEntry,
  type PromptKind,
  promptId,
  type QueueState,
  queueStateSchema,
} from '../../protocol/prompts.ts';
import { start } from '../actors.ts';
import type { FeedRecord, Snapshot } from '../feed.ts';
import type { PaneStore } from '../pane-store.ts';
import { pendingPrompts, respond } from './prompt-api.ts';
import { forgetPromptDraft, returnPromptDraft } from './prompt-draft.ts';
import { answerOf, commandOf, type SettledPrompt } from './prompt-line.ts';
import { isPutAway, keepAway } from './put-away.ts';
import { keepLine, keptLines } from './settled-lines.ts';

/** Entries remembered until their record says how they ended. */
const ENTRIES_MAX = 256;

export interface DeskPorts {
  store: PaneStore;
  now(): number;
  /** the name under which this tab answers */
  client: string;
  reattach(): void;
  /** A draft went back to the message. */
  draftReturned(): void;
  broken(bug: unknown): void;
}

export type LineFact = 'line.opened' | 'line.lost' | 'line.ended' | 'line.heard';

export interface PromptDesk {
  line(type: LineFact): void;
  /** The state of a queue, as it came. */
  pushed(kind: PromptKind, state: unknown): void;
  /** What a feed begins with. */
  snapshot(snapshot: Snapshot): void;
  /** A `prompt_asked` or `prompt_settled` of the log. */
  record(record: FeedRecord): void;
  /** AT3: the page has given this stream up. */
  finalized(stream_id: string): void;
  answer(kind: PromptKind, prompt_id: string, reply: PromptReply): void;
  tell(kind: PromptKind, type: 'acknowledge' | 'dismiss' | 'recall', prompt_id: string): void;
  close(): void;
}

export function createPromptDesk(session_id: string, ports: DeskPorts): PromptDesk {
  const { store, now, client } = ports;
  const abort = new AbortController();
  const entries = new Map<string, PromptEntry>();
  let isOpen = false;
  const send = (kind: PromptKind, event: PromptFeedEvent): void => {
    if (!abort.signal.aborted) feeds[kind].send(event);
  };
  const sendBoth = (event: PromptFeedEvent): void => {
    for (const kind of PROMPT_KINDS) send(kind, event);
  };

  function remember(entry: PromptEntry): void {
    entries.set(promptId(entry), entry);
    const oldest = entries.keys().next();
    if (entries.size > ENTRIES_MAX && !oldest.done) entries.delete(oldest.value);
  }

  function noteHead(kind: PromptKind, { pending }: QueueState): void {
    if (!pending) return;
    remember(pending);
    const prompt_id = promptId(pending);
    if (isPutAway(prompt_id)) send(kind, { type: 'dismiss', prompt_id, at: now() });
  }

  async function poll(kind: PromptKind): Promise<void> {
    try {
      const state = await pendingPrompts(kind, session_id, abort.signal);
      send(kind, { type: 'state.polled', state, at: now() });
      noteHead(kind, state);
    } catch {
      send(kind, { type: 'poll.failed', at: now() });
    }
  }

  async function post(kind: PromptKind, prompt_id: string, reply: PromptReply): Promise<void> {
    const responded = await respond(kind, { session_id, prompt_id, client }, reply);
    const of = { prompt_id, at: now() };
    if (responded.type === 'accepted') {
      forgetPromptDraft(prompt_id);
      noteTaken(kind, prompt_id, reply);
      send(kind, { type: 'respond.accepted', by: responded.by, ...of });
    } else if (responded.type === 'stale')
      send(kind, { type: 'respond.stale', how: responded.how, by: responded.by, ...of });
    else send(kind, { type: 'respond.failed', error: responded.error, ...of });
  }

  function perform(kind: PromptKind, command: PromptFeedCommand): void {
    switch (command.type) {
      case 'poll':
        void poll(kind);
        break;
      case 'reopen':
        ports.reattach();
        break;
      case 'respond':
        post(kind, command.prompt_id, command.reply).catch(ports.broken);
        break;
      case 'return.draft':
        if (returnPromptDraft(session_id, command.prompt_id)) ports.draftReturned();
    }
  }

  function begin(kind: PromptKind) {
    let seen: unknown[] = [];
    const feed = start(
      promptFeedMachine,
      { session_id, kind, client, at: now() },
      {
        perform: (command) => perform(kind, command),
        changed() {
          const { cards, state } = feed.getSnapshot().context;
          // Every event of the line passes through; what is shown changes seldom.
          if (abort.signal.aborted || (seen[0] === cards && seen[1] === state)) return;
          seen = [cards, state];
          store.trigger.promptsChanged({ kind, shown: shownCards(feed.getSnapshot()) });
        },
        broken: ports.broken,
      },
    );
    return feed;
  }
  const feeds: Record<PromptKind, ReturnType<typeof begin>> = {
    clarify: begin('clarify'),
    approval: begin('approval'),
  };

  for (const line of keptLines(session_id)) store.trigger.promptSettled({ line });

  function addLine(line: Omit<SettledPrompt, 'after' | 'command'>): void {
    const message = store
      .getSnapshot()
      .context.messages.findLast((one) => one.role === 'assistant' && one.stream_id === line.stream_id);
    const whole = { ...line, after: message?.parts.length ?? 0, command: commandOf(entries.get(line.id)) };
    entries.delete(line.id);
    store.trigger.promptSettled({ line: whole });
    keepLine(session_id, whole);
  }

  function takeSettled({ pos, data }: FeedRecord): void {
    const { id, kind, stream_id, how, at, by = null, reason = null, answer = null } = data;
    addLine({ id, kind, stream_id, how, by, reason, answer, at });
    send(kind, { type: 'prompt.settled', prompt_id: id, how, by, pos, at: now() });
  }

  /** Without a line no record tells of the end: what was taken is known from here. */
  function noteTaken(kind: PromptKind, prompt_id: string, reply: PromptReply): void {
    const entry = entries.get(prompt_id);
    if (isOpen || !entry) return;
    const how = 'action' in reply ? ('declined' as const) : ('answered' as const);
    const { stream_id } = entry;
    const answer = answerOf(entry, reply);
    addLine({ id: prompt_id, kind, stream_id, how, by: client, reason: null, answer, at: now() });
  }

  function pushed(kind: PromptKind, came: unknown): void {
    const parsed = z.safeParse(queueStateSchema(kind), came);
    if (!parsed.success) return;
    const state = parsed.data as QueueState;
    send(kind, { type: 'state.pushed', state, at: now() });
    noteHead(kind, state);
  }

  return {
    line(type) {
      if (type !== 'line.heard') isOpen = type === 'line.opened';
      sendBoth({ type, at: now() });
    },
    pushed,
    snapshot(snapshot) {
      for (const kind of PROMPT_KINDS) pushed(kind, snapshot[kind]);
    },
    record(record) {
      if (record.event === 'prompt_asked') remember(record.data.entry);
      else takeSettled(record);
    },
    finalized: (stream_id) => sendBoth({ type: 'stream.finalized', stream_id, at: now() }),
    answer: (kind, prompt_id, reply) => send(kind, { type: 'answer', prompt_id, reply, at: now() }),
    tell(kind, type, prompt_id) {
      if (type !== 'acknowledge') keepAway(prompt_id, type === 'dismiss');
      send(kind, { type, prompt_id, at: now() });
    },
    close() {
      sendBoth({ type: 'close', at: now() });
      abort.abort();
      for (const kind of PROMPT_KINDS) feeds[kind].stop();
    },
  };
}
