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
  type PromptKind,
  promptId,
  type QueueState,
  queueStateSchema,
} from '../../protocol/prompts.ts';
import { emptyAnswer, foldRecord } from '../../protocol/transcript.ts';
import { start } from '../actors.ts';
import type { FeedRecord, Snapshot } from '../feed.ts';
import type { PaneStore } from '../pane-store.ts';
import { pendingPrompts, respond } from './prompt-api.ts';
import { appendPromptDraft, forgetPromptDraft, returnPromptDraft } from './prompt-draft.ts';
import { answerOf } from './prompt-line.ts';
import { isPutAway, keepAway } from './put-away.ts';

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
  /** What was written on a card that is over goes to the message: a person wants it there. */
  takeDraft(prompt_id: string): void;
  close(): void;
}

export function createPromptDesk(session_id: string, ports: DeskPorts): PromptDesk {
  const { store, now, client } = ports;
  const abort = new AbortController();
  let isOpen = false;
  const send = (kind: PromptKind, event: PromptFeedEvent): void => {
    if (!abort.signal.aborted) feeds[kind].send(event);
  };
  const sendBoth = (event: PromptFeedEvent): void => {
    for (const kind of PROMPT_KINDS) send(kind, event);
  };

  function noteHead(kind: PromptKind, { pending }: QueueState): void {
    if (!pending) return;
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

  /** Without a line no record tells of it: what was asked and taken is known from here, until the transcript is read again. */
  function noteTaken(kind: PromptKind, prompt_id: string, reply: PromptReply): void {
    const entry = feeds[kind].getSnapshot().context.cards.find((card) => card.prompt_id === prompt_id)?.entry;
    const message = store
      .getSnapshot()
      .context.messages.findLast((one) => one.role === 'assistant' && one.stream_id === entry?.stream_id);
    if (isOpen || !entry || !message) return;
    const how = 'action' in reply ? 'declined' : 'answered';
    const settled = { kind, id: prompt_id, how, by: client, answer: answerOf(entry, reply), at: now() };
    const answer = { ...emptyAnswer(), parts: [...message.parts] };
    foldRecord(answer, { event: 'prompt_asked', data: { kind, entry, at: entry.requested_at } });
    foldRecord(answer, { event: 'prompt_settled', data: settled });
    store.trigger.answerChanged({ answer: { ...message, parts: answer.parts } });
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
    record({ event, pos, data }) {
      if (event !== 'prompt_settled') return;
      const { kind, id: prompt_id, how, by = null } = data;
      send(kind, { type: 'prompt.settled', prompt_id, how, by, pos, at: now() });
    },
    finalized: (stream_id) => sendBoth({ type: 'stream.finalized', stream_id, at: now() }),
    answer: (kind, prompt_id, reply) => send(kind, { type: 'answer', prompt_id, reply, at: now() }),
    tell(kind, type, prompt_id) {
      if (type !== 'acknowledge') keepAway(prompt_id, type === 'dismiss');
      send(kind, { type, prompt_id, at: now() });
    },
    takeDraft(prompt_id) {
      appendPromptDraft(session_id, prompt_id);
      ports.draftReturned();
    },
    close() {
      sendBoth({ type: 'close', at: now() });
      abort.abort();
      for (const kind of PROMPT_KINDS) feeds[kind].stop();
    },
  };
}
