// One run of an agent, as the server sees it. Knows no storage, agent or socket: it commands, and is told facts.
//
// active      we own it, the agent may speak: admitted, starting, running, waiting, quiet
// draining    fenced, its end is being written (ST2): closing (terminal commit), stopping (ST7), describing, settling,
//             retrying (ST4)
// stale       nobody live owns it: awaiting (its producer may return), recovering (ST9, ST10), retrying, held (storage
//             takes no writes; said, and tried again)
// settled     final; one outcome for ever (ST1)
//
// ST3 `owns` stands on everything an agent says. ST8: no event here comes from a reader.
import type { StateValue } from 'xstate';
import type { StreamState } from '../protocol/index.ts';
import * as bounds from './bounds.ts';
import { pathOf } from './path.ts';
import type { StreamContext, StreamError, StreamInput } from './stream.facts.ts';
import { streamSetup } from './stream.setup.ts';

export type * from './stream.facts.ts';

const START_TIMEOUT: StreamError = {
  type: 'start_timeout',
  message: `The agent did not start within ${bounds.STARTING_MS / 1000} s.`,
};
const SILENT: StreamError = {
  type: 'silent',
  message: `The agent said nothing for ${bounds.AGENT_SILENT_MS / 1000} s.`,
};
const EXITED: StreamError = { type: 'agent_exited', message: 'The agent exited before it had finished.' };

const birth = ({ input }: { input: StreamInput }): StreamContext => ({
  ...input,
  floor: input.head,
  agent: 'none',
  asked_at: null,
  pending: 0,
  last_frame_at: input.at,
  outcome: input.terminal,
  error: null,
  run_state: 'starting',
  since: input.at,
  now: input.at,
  due_at: null,
  why: null,
  try: 0,
  of: 0,
  recovery_due_at: input.at,
});

const active = streamSetup.createStateConfig({
  initial: 'admitted',
  on: {
    'frames.committed': { actions: 'moveHead' },
    'prompts.changed': { actions: 'notePending' },
    'agent.finished': { guard: 'owns', target: 'draining', actions: 'finish' },
    'agent.failed': { guard: 'owns', target: 'draining', actions: 'fail' },
    'agent.gone': {
      guard: 'ownsRemaining',
      target: 'draining',
      actions: ['noteGone', { type: 'failAs', params: EXITED }],
    },
    cancel: { target: 'draining', actions: ['stopRun', 'askAgent'] },
    'owner.lost': [
      { guard: 'producerMayReturn', target: 'stale.awaiting', actions: 'becauseTold' },
      { target: 'stale.recovering', actions: ['becauseTold', 'beginRecovery'] },
    ],
  },
  states: {
    admitted: {
      entry: { type: 'enter', params: { as: 'starting', within_ms: bounds.STARTING_MS } },
      // ST10: the log has its terminal already; only the fence is missing.
      always: {
        guard: 'isEnded',
        target: '#stream.stale.recovering',
        actions: [{ type: 'because', params: { why: 'restart' } }, 'beginRecovery'],
      },
      on: {
        start: [
          { guard: 'mayStart', target: 'starting' },
          {
            target: '#stream.stale.recovering',
            actions: [{ type: 'because', params: { why: 'starts_spent' } }, 'beginRecovery'],
          },
        ],
      },
      after: {
        startingBound: { target: '#stream.draining', actions: { type: 'failAs', params: START_TIMEOUT } },
      },
    },
    // ST11: `stream_started` is durable before the agent is called.
    starting: {
      entry: [{ type: 'enter', params: { as: 'starting', within_ms: bounds.STARTING_MS } }, 'writeStarted'],
      on: {
        'stream.started': { guard: 'isUncalled', actions: ['noteStarted', 'callAgent'] },
        'frames.committed': [
          { guard: 'isFirstFrame', target: 'running', actions: 'moveHead' },
          { actions: 'moveHead' },
        ],
        'prompts.changed': [
          { guard: 'asks', target: 'waiting', actions: 'notePending' },
          { actions: 'notePending' },
        ],
      },
      after: {
        startingBound: { target: '#stream.draining', actions: { type: 'failAs', params: START_TIMEOUT } },
      },
    },
    running: {
      entry: [{ type: 'enter', params: { as: 'running', within_ms: bounds.QUIET_AFTER_MS } }, 'dueWhenQuiet'],
      on: {
        'prompts.changed': [
          { guard: 'asks', target: 'waiting', actions: 'notePending' },
          { actions: 'notePending' },
        ],
      },
      // One timer per 30 s, not one per commit: when it fires, it asks whether anything was heard meanwhile.
      after: { quietAfter: [{ guard: 'wasHeard', target: 'running', reenter: true }, { target: 'quiet' }] },
    },
    waiting: {
      entry: { type: 'enter', params: { as: 'waiting', within_ms: null } },
      on: {
        'prompts.changed': [
          { guard: 'asks', actions: 'notePending' },
          { target: 'running', actions: ['notePending', 'noteHeard'] },
        ],
      },
    },
    quiet: {
      entry: [
        {
          type: 'enter',
          params: { as: 'quiet', within_ms: bounds.AGENT_SILENT_MS - bounds.QUIET_AFTER_MS },
        },
        'noteSilence',
      ],
      on: {
        'frames.committed': { target: 'running', actions: 'moveHead' },
        'prompts.changed': [
          { guard: 'asks', target: 'waiting', actions: 'notePending' },
          { actions: 'notePending' },
        ],
      },
      after: { silentBound: { target: '#stream.draining', actions: { type: 'failAs', params: SILENT } } },
    },
  },
});

const draining = streamSetup.createStateConfig({
  initial: 'closing',
  on: {
    'frames.committed': { actions: 'moveHead' },
    'prompts.changed': { actions: 'notePending' },
    'agent.gone': { guard: 'ownsRemaining', actions: 'noteGone' },
    'settle.committed': { target: 'settled', actions: 'noteTerminal' },
    'owner.lost': { target: 'stale.recovering', actions: ['becauseTold', 'beginRecovery'] },
  },
  states: {
    closing: {
      entry: [
        { type: 'enter', params: { as: 'draining', within_ms: bounds.COMMIT_ANSWER_MS } },
        'countTry',
        'writeTerminal',
      ],
      on: {
        'terminal.committed': [
          { guard: 'agentRemains', target: 'stopping', actions: 'noteTerminal' },
          { guard: 'isCompleted', target: 'describing', actions: 'noteTerminal' },
          { target: 'settling', actions: 'noteTerminal' },
        ],
        'terminal.refused': [{ guard: 'mayRetry', target: 'retrying' }, { target: '#stream.stale.held' }],
      },
      after: { answerBound: '#stream.stale.held' },
    },
    // ST7: settled within its bound whatever the agent does; not before it is gone, unless it can't be killed.
    stopping: {
      entry: [
        { type: 'enter', params: { as: 'draining', within_ms: bounds.CANCEL_SETTLE_MS } },
        'askAgent',
        'dueWhenStopped',
      ],
      on: {
        'agent.gone': [
          { guard: 'ownsCompleted', target: 'describing', actions: 'noteGone' },
          { guard: 'ownsRemaining', target: 'settling', actions: 'noteGone' },
        ],
      },
      after: {
        killBound: { actions: 'killAgent' },
        stopBound: { target: 'settling', actions: 'killAgent' },
      },
    },
    describing: {
      entry: [{ type: 'enter', params: { as: 'draining', within_ms: bounds.DESCRIBE_MS } }, 'describe'],
      on: { 'description.finished': 'settling' },
      after: { describeBound: 'settling' },
    },
    settling: {
      entry: [
        { type: 'enter', params: { as: 'draining', within_ms: bounds.COMMIT_ANSWER_MS } },
        'countTry',
        'writeSettle',
      ],
      on: { 'settle.refused': [{ guard: 'mayRetry', target: 'retrying' }, { target: '#stream.stale.held' }] },
      after: { answerBound: '#stream.stale.held' },
    },
    retrying: {
      entry: { type: 'enter', params: { as: 'draining', within_ms: bounds.COMMIT_RETRY_MS } },
      after: { commitRetry: [{ guard: 'isEnded', target: 'settling' }, { target: 'closing' }] },
    },
  },
});

const stale = streamSetup.createStateConfig({
  initial: 'recovering',
  on: {
    'frames.committed': { actions: 'moveHead' },
    'prompts.changed': { actions: 'notePending' },
    'agent.gone': { guard: 'ownsRemaining', actions: 'noteGone' },
    'terminal.committed': { guard: 'isUnended', actions: 'noteTerminal' },
    'settle.committed': { target: 'settled', actions: 'noteTerminal' },
  },
  states: {
    awaiting: {
      entry: { type: 'enter', params: { as: 'stale', within_ms: bounds.PRODUCER_RETURN_MS } },
      on: {
        'producer.returned': { guard: 'epochNotOlder', target: '#stream.active.running', actions: 'resume' },
        cancel: { target: '#stream.draining', actions: ['stopRun', 'askAgent'] },
        'terminal.committed': { target: 'recovering', actions: ['noteTerminal', 'beginRecovery'] },
        'owner.lost': {
          guard: 'isOtherLoss',
          target: 'recovering',
          actions: ['becauseTold', 'beginRecovery'],
        },
      },
      after: { producerBound: { target: 'recovering', actions: 'beginRecovery' } },
    },
    // Once the settle commit is asked for, no producer comes back: the first terminal wins.
    recovering: {
      entry: [
        { type: 'enter', params: { as: 'stale', within_ms: bounds.RECOVERY_MS } },
        'dueWithRecovery',
        'killAgent',
        'countTry',
        'writeSettle',
      ],
      on: { 'settle.refused': [{ guard: 'mayRecover', target: 'retrying' }, { target: 'held' }] },
      after: { recoveryBound: 'held' },
    },
    retrying: {
      entry: { type: 'enter', params: { as: 'stale', within_ms: bounds.RECOVERY_RETRY_MS } },
      after: { recoveryRetry: 'recovering' },
    },
    // ST4: only storage that takes no writes holds a stream here; it says so.
    held: {
      entry: [
        { type: 'enter', params: { as: 'stale', within_ms: bounds.STORAGE_WATCH_MS } },
        { type: 'because', params: { why: 'storage' } },
        'killAgent',
      ],
      on: { 'storage.returned': { target: 'recovering', actions: 'beginRecovery' } },
      after: { storageWatch: { target: 'held', reenter: true, actions: 'writeSettle' } },
    },
  },
});

export const streamMachine = streamSetup.createMachine({
  id: 'stream',
  context: birth,
  initial: 'active',
  states: {
    active,
    draining,
    stale,
    settled: { type: 'final', entry: { type: 'enter', params: { as: 'settled', within_ms: null } } },
  },
});

/** What a stream's actor says of itself to a page. Pure. */
export function runState(snapshot: { value: StateValue; context: StreamContext }): StreamState {
  const { context } = snapshot;
  const path = pathOf(snapshot.value);
  const state = path.split('.')[0] as StreamState['state'];
  const tries = state === 'stale' || (state === 'draining' && context.try > 1);
  return {
    stream_id: context.stream_id,
    state,
    run_state: context.run_state,
    path,
    since: context.since,
    why: context.why,
    ...(tries && context.of > 0 && { try: context.try, of: context.of }),
    epoch: context.epoch,
    head: context.head,
    outcome: state === 'draining' ? context.outcome : context.terminal,
  };
}
