// The checker must be able to fail (properties §3): each fault is put into a machine, and the walk must find it.

import { expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { assign, emit, enqueueActions } from 'xstate';
import type { AttachmentContext } from '../../src/machines/attachment.machine.ts';
import { projected } from '../../src/machines/prompt-feed.cards.ts';
import type { Card, PromptFeedContext } from '../../src/machines/prompt-feed.machine.ts';
import type { PromptQueueContext } from '../../src/machines/prompt-queue.machine.ts';
import type { StreamContext } from '../../src/machines/stream.machine.ts';
import type { TabLeaderContext } from '../../src/machines/tab-leader.machine.ts';
import type { QueueState } from '../../src/protocol/index.ts';
import { type Ground, survey } from '../support/rules.ts';
import { attachmentGround } from './attachment.ground.ts';
import { lineGround } from './line.ground.ts';
import { promptFeedGround } from './prompt-feed.ground.ts';
import { promptQueueGround } from './prompt-queue.ground.ts';
import { sessionGround } from './session.ground.ts';
import { streamGround } from './stream.ground.ts';
import { tabLeaderGround } from './tab-leader.ground.ts';

type Parts = { guards?: Record<string, unknown>; actions?: Record<string, unknown>; delays?: object };
// biome-ignore lint/suspicious/noExplicitAny: any ground, any fault
type Case = [fault: string, ground: Ground<any>, parts: Parts, rule: RegExp];
type Seen<C> = { context: C; event: { type: string } & Record<string, unknown> };

const yes = () => true;
const nothing = () => {};

/** The fold of the prompt queue, with a fault in it. */
const folding = (fold: (seen: Seen<PromptQueueContext>) => object | null): Parts => ({
  actions: {
    fold: assign((seen: unknown) => fold(seen as Seen<PromptQueueContext>) ?? {}) as unknown,
  },
});
const asked = ({ event }: Seen<PromptQueueContext>): boolean => event.type === 'prompt.asked';
const without = ({ context, event }: Seen<PromptQueueContext>) =>
  context.entries.filter((entry) => 'clarify_id' in entry && entry.clarify_id !== event.prompt_id);

/** Cards that a fault turns as it likes where it says so; elsewhere nothing becomes of them but that they come. */
const turning = (turn: (seen: Seen<PromptFeedContext>) => Card[] | null): Parts => ({
  actions: {
    turnCards: assign((args: unknown) => {
      const seen = args as Seen<PromptFeedContext>;
      const { state } = seen.event as { state?: QueueState };
      const at = Number(seen.event.at);
      const wrong = turn(seen);
      if (wrong) return { cards: wrong };
      return { cards: state ? projected(seen.context.cards, state, at) : seen.context.cards };
    }) as unknown,
  },
});

const faults: Case[] = [
  ['an end by another owner', streamGround, { guards: { owns: yes } }, /ST3/],
  ['a retry without a bound', streamGround, { guards: { mayRetry: yes } }, /P9|endless/],
  ['a recovery without a bound', streamGround, { guards: { mayRecover: yes } }, /P9|endless/],
  [
    'a second terminal that wins',
    streamGround,
    {
      actions: {
        noteTerminal: assign({
          terminal: ({ context, event }: Seen<StreamContext>) => event.outcome ?? context.terminal,
        } as object),
      },
    },
    /ST1/,
  ],
  ['an agent that is called twice', streamGround, { guards: { isUncalled: yes } }, /ST6/],
  ['a settlement over a living agent', streamGround, { actions: { killAgent: nothing } }, /ST7/],
  [
    'an owner that comes back with an older epoch',
    streamGround,
    { guards: { epochNotOlder: yes } },
    /P5|ST3/,
  ],
  ['a run that ends with another’s end', sessionGround, { guards: { owns: yes } }, /ST3/],
  ['a follow-up taken while a stream runs', sessionGround, { guards: { hasStream: () => false } }, /SE1|SE2/],
  ['a session passivated with work to do', sessionGround, { guards: { mayPassivate: yes } }, /SE4/],
  ['an erasure without a bound', sessionGround, { guards: { mayRetry: yes } }, /P9/],
  [
    'a finalizer without the stream’s identity',
    attachmentGround,
    {
      actions: {
        finalize: enqueueActions(({ context, enqueue }) => {
          if (context.finalized) return;
          enqueue(emit({ type: 'finalize', owns_pane: true } as { type: string }));
          enqueue.assign({ finalized: true });
        }),
      },
    },
    /AT3 the pane/,
  ],
  [
    'a finalizer that runs again',
    attachmentGround,
    { actions: { finalize: emit({ type: 'finalize' }) } },
    /AT3 the finalizer runs once/,
  ],
  ['ownership not taken anew after an await', attachmentGround, { actions: { notePane: nothing } }, /AT4/],
  [
    'a transcript that is too short',
    attachmentGround,
    { guards: { isRestored: ({ event }: Seen<AttachmentContext>) => event.status === 'restored' } },
    /AT2/,
  ],
  ['asks without a bound', attachmentGround, { guards: { mayAskAgain: yes } }, /AT1|endless/],
  [
    'a hole passed over',
    attachmentGround,
    { guards: { continues: ({ event }: Seen<AttachmentContext>) => event.type === 'frames.arrived' } },
    /AT11/,
  ],
  [
    'an open line torn down by a timer',
    lineGround,
    { delays: { quietAfter: 1 }, guards: { wasHeard: () => false } },
    /LN1/,
  ],
  [
    'a prompt dropped in silence when another is pending (the seeds’ full queue)',
    promptQueueGround,
    folding((seen) => {
      const { context, event } = seen;
      if (!asked(seen)) return { entries: without(seen), version: event.pos };
      return { version: event.pos, entries: context.entries.length > 0 ? context.entries : [event.entry] };
    }),
    /CQ1/,
  ],
  [
    'a queue that notifies its tail instead of its head',
    promptQueueGround,
    folding((seen) => {
      const { context, event } = seen;
      if (!asked(seen)) return { entries: without(seen), version: event.pos };
      return { version: event.pos, entries: [event.entry, ...context.entries] };
    }),
    /CQ1/,
  ],
  [
    'a version told out of order',
    promptQueueGround,
    folding(({ event }) => ({ version: event.pos })),
    /CQ4 versions only grow/,
  ],
  [
    'a change without a version',
    promptQueueGround,
    folding((seen) =>
      asked(seen) ? { entries: [...seen.context.entries, seen.event.entry] } : { entries: without(seen) },
    ),
    /CQ4/,
  ],
  [
    'an answer that takes the head, whatever its id',
    promptQueueGround,
    folding((seen) => {
      const { context, event } = seen;
      if (Number(event.pos) <= context.version) return null;
      const entries = asked(seen) ? [...context.entries, event.entry] : context.entries.slice(1);
      return { entries, version: event.pos };
    }),
    /CQ6/,
  ],
  ['a stream that ends another stream’s prompts', promptQueueGround, { guards: { owns: yes } }, /ST3/],
  ['a queue that any stream drains', promptQueueGround, { guards: { concerns: yes } }, /ST3/],
  ['a prompt that expires before its time', promptQueueGround, { guards: { isDue: yes } }, /CQ7/],
  ['a prompt that never expires', promptQueueGround, { guards: { isTimed: () => false } }, /CQ7 while/],
  [
    'a wait longer than a timer can be',
    promptQueueGround,
    {
      actions: {
        dueWithNext: assign({
          due_at: ({ context }: Seen<PromptQueueContext>) => context.entries[0]?.expires_at ?? null,
        } as object),
      },
    },
    /CQ7 no wait/,
  ],
  ['an expiry without a bound', promptQueueGround, { guards: { mayRetry: yes } }, /P9/],
  [
    'a prompt that outlives its session',
    promptQueueGround,
    { actions: { abandon: nothing } },
    /CQ9 a deleted session|CQ1/,
  ],
  ['polls before it is known that nothing opens', promptFeedGround, { guards: { cannotOpen: yes } }, /PF2/],
  [
    'a newer state replaced by an older',
    promptFeedGround,
    {
      guards: { isNewer: yes },
      actions: {
        noteState: assign({ state: ({ event }: Seen<PromptFeedContext>) => event.state } as object),
      },
    },
    /PF3/,
  ],
  [
    'a healthy line torn down by the stale detector',
    promptFeedGround,
    { delays: { quietAfter: 1 }, guards: { wasHeard: () => false }, actions: { dueWhenQuiet: nothing } },
    /LN1/,
  ],
  [
    'a finalizer of cards without the stream’s identity',
    promptFeedGround,
    turning(({ context, event }) =>
      event.type === 'stream.finalized'
        ? context.cards.map((card) => ({ ...card, state: 'cleared' as const }))
        : null,
    ),
    /AT3/,
  ],
  [
    'the 409 of one card that takes the shown one down (lesson 101)',
    promptFeedGround,
    turning(({ context, event }) => (event.type === 'respond.stale' ? context.cards.slice(0, -1) : null)),
    /CQ6/,
  ],
  [
    'a dead card that comes back to life',
    promptFeedGround,
    turning(({ context, event }) =>
      event.type === 'state.pushed'
        ? context.cards.map((card) => ({ ...card, state: 'pending' as const }))
        : null,
    ),
    /CQ5 what is over|PF1/,
  ],
  [
    'the timer of an answer that outlives its feed',
    promptFeedGround,
    { actions: { forgetAnswers: nothing } },
    /ST4|P11/,
  ],
  ['an answer posted for any card', promptFeedGround, { guards: { mayAnswer: yes } }, /P12|CQ5/],
  [
    'a wait without jitter or ladder',
    lineGround,
    { actions: { drawWait: assign({ wait_ms: 0 }) } },
    /AT6 P9/,
  ],
  [
    'a thawed leader that does not yield',
    tabLeaderGround,
    { guards: { isNewer: () => false } },
    /LN2.*yields/,
  ],
  ['a term that is used twice', tabLeaderGround, { actions: { raiseTerm: nothing } }, /LN2 a term is above/],
  [
    'a term that forgets what others remembered',
    tabLeaderGround,
    { actions: { noteGranted: nothing } },
    /LN2 a term is above/,
  ],
  [
    'seen tabs that take the line from each other',
    tabLeaderGround,
    {
      guards: {
        isEager: ({ context }: Seen<TabLeaderContext>) => !context.hidden,
        isContent: ({ context }: Seen<TabLeaderContext>) => context.hidden,
      },
    },
    /LN2 a lock is stolen/,
  ],
  [
    'an old leader that counts as a living one',
    tabLeaderGround,
    {
      guards: { isCurrent: yes },
      actions: {
        noteBeat: assign(({ event }: Seen<TabLeaderContext>) => ({ term: Number(event.term ?? 0) })),
      },
    },
    /LN2 terms never fall/,
  ],
  [
    'a leader that is silent when it is asked',
    tabLeaderGround,
    { actions: { beat: nothing } },
    /LN2 only a leader beats/,
  ],
];

test.each(faults)('%s is found', { timeout: 30_000 }, (_, ground, parts, rule) => {
  const machine = ground.machine.provide(parts as never) as AnyStateMachine;
  const broken = [...survey(ground, machine, rule).broken.keys()];
  expect(broken.filter((name) => rule.test(name))).not.toEqual([]);
});

test.each([
  streamGround,
  sessionGround,
  promptQueueGround,
  attachmentGround,
  lineGround,
  tabLeaderGround,
  promptFeedGround,
] as Ground<unknown>[])('without a fault nothing is found', { timeout: 30_000 }, (ground) =>
  expect([...survey(ground).broken]).toEqual([]),
);
