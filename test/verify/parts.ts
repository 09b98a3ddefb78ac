// The machines of the house on this model's terms, and the places where a test may put a fault in: a part of a machine, a
// write of the log, a habit of the wiring. Without faults these are what the product has.
import type { AnyStateMachine } from 'xstate';
import type { AttachmentContext } from '../../src/machines/attachment.machine.ts';
import { attachmentMachine } from '../../src/machines/attachment.machine.ts';
import * as bounds from '../../src/machines/bounds.ts';
import type { PromptFeedContext } from '../../src/machines/prompt-feed.machine.ts';
import { promptFeedMachine } from '../../src/machines/prompt-feed.machine.ts';
import type { PromptQueueContext } from '../../src/machines/prompt-queue.machine.ts';
import { promptQueueMachine } from '../../src/machines/prompt-queue.machine.ts';
import { type SessionContext, sessionMachine } from '../../src/machines/session.machine.ts';
import { type StreamContext, streamMachine } from '../../src/machines/stream.machine.ts';
import { type Journal, journal } from './log.ts';
import { AT, Stepper } from './stepper.ts';

/** What the wiring does right, each by its name; a fault turns one of them off. */
export const habits = {
  /** a follow-up leaves the queue in the write that makes its run */
  takesInOneWrite: true,
  /** a frame is on the disk before anybody is told */
  tellsAfterCommit: true,
  /** what a reader is pushed begins where its snapshot ended */
  subscribesWithSnapshot: true,
  /** a reader that is sent nothing is owed what it missed */
  owesWhatIsLeftOut: true,
  /** a reader begins right behind its cursor */
  beginsBehindCursor: 0,
  /** a reader without a cursor begins at the start */
  beginsAtBirth: true,
  /** a frame carries its own number */
  stampsOwnNumber: true,
  /** a terminal is replayed like every frame */
  replaysTerminals: true,
  /** states of a queue leave in the order of their versions */
  tellsInOrder: true,
  /** a page that gives a stream up puts its cards away */
  clearsCards: true,
  /** a run whose attachment is over owns no pane, however often it was given it since it was finalized */
  letsGoWhenOver: true,
  /** a page looks who owns the pane after it has waited for an answer */
  looksAfterAwait: true,
};
export type Habits = typeof habits;

export interface Parts {
  stream?: object;
  session?: object;
  queue?: object;
  attachment?: object;
  journal?: Partial<Journal>;
  habits?: Partial<Habits>;
}

const later = (due_at: number | null, ms: number): number | null => (due_at === null ? null : AT + ms);

const FAR_MS = 10 * bounds.RECOVERY_MS;
const streamTimes = (context: StreamContext): StreamContext => ({
  ...context,
  now: AT,
  since: AT,
  last_frame_at: AT,
  asked_at: context.asked_at === null ? null : AT,
  // Long enough for every guard that asks whether something was heard meanwhile.
  due_at: later(context.due_at, bounds.QUIET_AFTER_MS),
  recovery_due_at: context.recovery_due_at > context.now ? AT + FAR_MS : AT,
});

const sessionTimes = (context: SessionContext): SessionContext => ({
  ...context,
  now: AT,
  since: AT,
  due_at: later(context.due_at, 1),
});

/** How long a prompt waits. What is due stays due. */
export const PROMPT_MS = 60_000;
const queueTimes = (context: PromptQueueContext): PromptQueueContext => ({
  ...context,
  now: AT,
  since: AT,
  due_at: later(context.due_at, PROMPT_MS),
  entries: context.entries.map((entry) => ({
    ...entry,
    expires_at: entry.expires_at === null ? null : entry.expires_at > context.now ? AT + PROMPT_MS : AT,
  })),
});

const attachmentTimes = (context: AttachmentContext): AttachmentContext => ({
  ...context,
  now: AT,
  since: AT,
  due_at: later(context.due_at, 1),
});

/** A person may try again without an end; one more try is like the one before. */
const feedTimes = (context: PromptFeedContext): PromptFeedContext => ({
  ...context,
  now: AT,
  since: AT,
  last_heard_at: AT,
  due_at: later(context.due_at, 1),
  failures: Math.min(context.failures, bounds.POLL_AFTER_FAILURES),
  cards: context.cards.map((card) => ({ ...card, since: AT, try: Math.min(card.try, 1) })),
});

const withParts = (machine: unknown, parts: object = {}): AnyStateMachine =>
  (machine as AnyStateMachine).provide(parts as never);

/** Everything that a model is made of. */
export const createParts = (parts: Parts = {}) => ({
  stream: new Stepper<StreamContext>(withParts(streamMachine, parts.stream), streamTimes),
  session: new Stepper<SessionContext>(withParts(sessionMachine, parts.session), sessionTimes),
  queue: new Stepper<PromptQueueContext>(withParts(promptQueueMachine, parts.queue), queueTimes),
  attachment: new Stepper<AttachmentContext>(withParts(attachmentMachine, parts.attachment), attachmentTimes),
  feed: new Stepper<PromptFeedContext>(withParts(promptFeedMachine), feedTimes),
  journal: { ...journal, ...parts.journal },
  habits: { ...habits, ...parts.habits },
});
export type House = ReturnType<typeof createParts>;
