// The checker must be able to fail (properties §3): faults, each put into a machine, into the log or into the wiring of the
// model, with the scene that finds it. Nothing here can be reached by the product.
import { assign, emit, enqueueActions } from 'xstate';
import type { AttachmentContext } from '../../src/machines/attachment.machine.ts';
import type { StreamContext } from '../../src/machines/stream.machine.ts';
import { add, epochOf, framesOf, has, journal, type Log, type Writer } from './log.ts';
import type { Parts } from './parts.ts';
import { type Scene, scene } from './scene.ts';

export interface Fault {
  name: string;
  parts: Parts;
  scene: Scene;
  /** which claim it breaks */
  finds: RegExp;
  /** moves of the shortest way there */
  steps: number;
}

const yes = () => true;
const asOwner = (log: Log, { stream }: Writer): Writer => ({ stream, epoch: epochOf(log, stream) });
const one = scene('one run', { tokens: 1 });
const lossy = scene('one run over a network that loses', { tokens: 1, drops: 1 });
const question = scene('a question', { tokens: 0, prompts: 1 });
const narrow = scene('a question, one message at a time', {
  tokens: 0,
  prompts: 1,
  inFlight: 1,
});
const twoOwners = scene('two owners', { takeovers: 1 });
const nextRun = scene('a newer run', { tokens: 0, followUp: true, inFlight: 2, isCalm: true });

/** The finalizer, with `owns_pane` as a fault has it. */
const finalizing = (owns_pane: boolean): object => ({
  actions: {
    finalize: enqueueActions(({ context, enqueue }) => {
      if ((context as AttachmentContext).finalized) return;
      enqueue(emit({ type: 'finalize', owns_pane } as { type: string }));
      enqueue.assign({ finalized: true } as object);
    }),
  },
});

export const faults: Fault[] = [
  {
    name: 'subscribe after snapshot',
    parts: { habits: { subscribesWithSnapshot: false } },
    scene: narrow,
    finds: /Q3/,
    steps: 10,
  },
  {
    name: 'replay and live overlapping',
    parts: { habits: { beginsBehindCursor: -1 } },
    scene: lossy,
    finds: /P3 what is sent/,
    steps: 9,
  },
  {
    name: 'off-by-one cursor',
    parts: { habits: { beginsBehindCursor: 1 } },
    scene: one,
    finds: /P3 what is sent/,
    steps: 7,
  },
  {
    name: 'tip unknown at a run’s birth',
    parts: { habits: { beginsAtBirth: false } },
    scene: one,
    finds: /P3/,
    steps: 7,
  },
  {
    name: 'append without the epoch',
    parts: { journal: { append: (log, writer, kind) => journal.append(log, asOwner(log, writer), kind) } },
    scene: twoOwners,
    finds: /P5/,
    steps: 2,
  },
  {
    name: 'frame stamped with the channel’s last id instead of its own',
    parts: { habits: { stampsOwnNumber: false } },
    scene: one,
    finds: /P3/,
    steps: 6,
  },
  {
    name: 'terminal frame filtered by a replay cut-off',
    parts: { habits: { replaysTerminals: false } },
    scene: one,
    finds: /P3/,
    steps: 7,
  },
  {
    name: 'silent drop on overflow',
    parts: { habits: { owesWhatIsLeftOut: false } },
    scene: scene('a slow reader', { inFlight: 1 }),
    finds: /P3/,
    steps: 9,
  },
  {
    name: 'notify outside the order of commits',
    parts: { habits: { tellsInOrder: false } },
    scene: question,
    finds: /CQ4/,
    steps: 7,
  },
  {
    name: 'finalizer without the stream’s identity',
    parts: { attachment: finalizing(true) },
    scene: nextRun,
    finds: /AT3 P6/,
    steps: 17,
  },
  {
    name: 'finalizer without the three clean-ups',
    parts: { habits: { clearsCards: false } },
    scene: scene('a question, by its states', { tokens: 0, prompts: 1, statesOnly: true, isCalm: true }),
    finds: /AT3/,
    steps: 17,
  },
  {
    name: 'ownership not checked again after an await',
    parts: { habits: { looksAfterAwait: false } },
    scene: nextRun,
    finds: /AT3 P6/,
    steps: 17,
  },
  {
    name: 'answer not idempotent',
    parts: {
      journal: {
        answer: (log, prompt, how) =>
          has(log, 1, 'asked')
            ? {
                log: add(log, { kind: 'settled', stream: 1, epoch: epochOf(log, 1), prompt, how }),
                result: 'won',
              }
            : { log, result: 'lost' },
      },
    },
    scene: scene('a question answered twice', { tokens: 0, prompts: 1, doubles: 1, inFlight: 2 }),
    finds: /CQ5/,
    steps: 12,
  },
  {
    name: 'acknowledged before durable',
    parts: { habits: { tellsAfterCommit: false } },
    scene: scene('kill -9', { crashes: 1 }),
    finds: /P2/,
    steps: 5,
  },
  {
    name: 'retry without a bound',
    parts: { stream: { guards: { mayRetry: yes } } },
    scene: scene('a log that refuses', { refusals: 1 }),
    finds: /P9/,
    steps: 4,
  },
  {
    name: 'asks without a bound',
    parts: { attachment: { guards: { mayAskAgain: yes } } },
    scene: one,
    finds: /P9/,
    steps: 18,
  },
  {
    name: 'follow-up started twice after a crash',
    parts: { habits: { takesInOneWrite: false } },
    scene: scene('a newer run, and kill -9', {
      tokens: 0,
      followUp: true,
      inFlight: 1,
      crashes: 1,
      isCalm: true,
    }),
    finds: /P12/,
    steps: 22,
  },
  {
    name: 'a second terminal that wins',
    parts: {
      journal: {
        terminal: (log, writer, outcome) => ({
          log: add(log, { kind: 'terminal', ...writer, outcome }),
          result: 'won',
          outcome,
        }),
      },
    },
    scene: twoOwners,
    finds: /P4|P5/,
    steps: 4,
  },
  {
    name: 'a lost owner that settles',
    parts: {
      journal: { settle: (log, writer, otherwise) => journal.settle(log, asOwner(log, writer), otherwise) },
    },
    scene: twoOwners,
    finds: /P6|P5/,
    steps: 4,
  },
  {
    name: 'a settle commit that leaves its prompts pending',
    parts: {
      journal: {
        settle: (log, writer, outcome) => {
          const settled = journal.settle(
            { ...log, entries: log.entries.filter(({ prompt }) => !prompt) },
            writer,
            outcome,
          );
          return {
            ...settled,
            log: {
              ...settled.log,
              entries: [...log.entries, ...settled.log.entries.slice(framesOf(log, 1).length)],
            },
          };
        },
      },
    },
    scene: scene('a question, and kill -9', { tokens: 0, prompts: 1, crashes: 1, inFlight: 1 }),
    finds: /ST5/,
    steps: 7,
  },
  {
    name: 'a run that nobody settles after a crash',
    parts: { stream: { actions: { writeSettle: () => {} } } },
    scene: scene('kill -9', { tokens: 0, crashes: 1 }),
    finds: /Q1/,
    steps: 8,
  },
  {
    name: 'an agent that nobody kills',
    parts: {
      stream: { actions: { killAgent: assign({ agent: 'killed' } as Partial<StreamContext>) } },
    },
    scene: scene('a stop', { tokens: 0, cancels: 1 }),
    finds: /Q4|ST7/,
    steps: 9,
  },
  {
    name: 'a pane that stays with a run that is over',
    parts: { habits: { letsGoWhenOver: false } },
    scene: scene('a lost connection', { tokens: 0, drops: 1, inFlight: 1, isCalm: true }),
    finds: /Q7/,
    steps: 30,
  },
];
