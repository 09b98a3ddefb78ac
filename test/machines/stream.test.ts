import { expect, test } from 'vitest';
import * as bounds from '../../src/machines/bounds.ts';
import { runState, type StreamInput, streamMachine } from '../../src/machines/stream.machine.ts';
import { type Stage, stage } from '../support/stage.ts';

const input: Omit<StreamInput, 'at'> = {
  stream_id: 's',
  session_id: 'x',
  epoch: 3,
  starts: 1,
  head: 0,
  terminal: null,
};
type Run = Stage<typeof streamMachine>;

function started(): Run {
  const run = stage(streamMachine, input);
  run.tell({ type: 'start' });
  run.tell({ type: 'stream.started', head: 1 });
  return run;
}
function running(): Run {
  const run = started();
  run.tell({ type: 'frames.committed', head: 2 });
  run.take();
  return run;
}
function settling(): Run {
  const run = running();
  run.tell({ type: 'agent.finished', epoch: 3 });
  run.tell({ type: 'agent.gone', epoch: 3 });
  run.tell({ type: 'terminal.committed', outcome: 'completed', head: 3 });
  run.tell({ type: 'description.finished' });
  run.take();
  return run;
}
const shown = (run: Run) => runState(run.actor.getSnapshot());

test('ST1 a good end: terminal commit, description, settle commit, and then nothing', () => {
  const run = running();
  run.tell({ type: 'agent.finished', epoch: 3 });
  expect(run.take()).toEqual([{ type: 'write.terminal', epoch: 3, outcome: 'completed' }]);
  run.tell({ type: 'agent.gone', epoch: 3 });
  run.tell({ type: 'terminal.committed', outcome: 'completed', head: 3 });
  expect(run.types()).toEqual(['describe']);
  run.tell({ type: 'description.finished' });
  expect(run.take()).toEqual([{ type: 'write.settle', epoch: 3, outcome: 'completed' }]);
  run.tell({ type: 'settle.committed', outcome: 'completed', head: 5 });
  expect(shown(run)).toMatchObject({ state: 'settled', outcome: 'completed', head: 5 });
  expect(run.clock.pending()).toBe(0);
});

test('ST1 the first terminal wins: another outcome in the log is the outcome', () => {
  const run = running();
  run.tell({ type: 'agent.finished', epoch: 3 });
  run.tell({ type: 'agent.gone', epoch: 3 });
  run.tell({ type: 'terminal.committed', outcome: 'cancelled', head: 3 });
  expect(run.take().at(-1)).toEqual({ type: 'write.settle', epoch: 3, outcome: 'cancelled' });
});

test('ST2 the settle commit is not asked for before the terminal commit is durable', async () => {
  const run = running();
  run.tell({ type: 'agent.finished', epoch: 3 });
  await run.pass(bounds.COMMIT_ANSWER_MS - 1);
  expect(run.types()).toEqual(['write.terminal']);
});

test('ST3 an older owner ends nothing', () => {
  const run = running();
  run.tell({ type: 'agent.finished', epoch: 2 });
  run.tell({ type: 'agent.failed', epoch: 2, error: { type: 'x', message: 'x' } });
  run.tell({ type: 'agent.gone', epoch: 2 });
  expect(run.path()).toBe('active.running');
  expect(run.take()).toEqual([]);
});

test('ST4 a refused settle is tried ten times 200 ms apart, then held, and goes on when storage does', async () => {
  const run = settling();
  for (let tries = 2; tries <= bounds.COMMIT_TRIES_MAX; tries++) {
    run.tell({ type: 'settle.refused', reason: 'storage' });
    await run.pass(bounds.COMMIT_RETRY_MS);
    expect(run.types()).toEqual(['write.settle']);
    expect(shown(run)).toMatchObject({ try: tries, of: 10 });
  }
  run.tell({ type: 'settle.refused', reason: 'storage' });
  expect(shown(run)).toMatchObject({ path: 'stale.held', why: 'storage', outcome: 'completed' });
  await run.pass(bounds.STORAGE_WATCH_MS);
  expect(run.types()).toEqual(['write.settle']);
  run.tell({ type: 'storage.returned' });
  expect(run.take()).toEqual([{ type: 'write.settle', epoch: 3, outcome: 'completed' }]);
  run.tell({ type: 'settle.committed', outcome: 'completed', head: 4 });
  expect(shown(run).outcome).toBe('completed');
});

test('ST4 a terminal commit that storage refuses is tried, then held', async () => {
  const run = running();
  run.tell({ type: 'cancel' });
  run.tell({ type: 'agent.gone', epoch: 3 });
  for (let tries = 1; tries <= bounds.COMMIT_TRIES_MAX; tries++) {
    run.tell({ type: 'terminal.refused', reason: 'storage' });
    await run.pass(bounds.COMMIT_RETRY_MS);
  }
  expect(run.path()).toBe('stale.held');
  expect(run.types().filter((type) => type === 'write.terminal')).toHaveLength(10);
});

test('ST4 a commit that nobody answers does not hold a stream in draining', async () => {
  const run = settling();
  await run.pass(bounds.COMMIT_ANSWER_MS);
  expect(run.path()).toBe('stale.held');
});

test('ST6 after a cancel the agent is heard no more, but what came late still moves the head', () => {
  const run = running();
  run.tell({ type: 'cancel' });
  run.tell({ type: 'frames.committed', head: 7 });
  run.tell({ type: 'agent.finished', epoch: 3 });
  expect(shown(run)).toMatchObject({ path: 'draining.closing', head: 7, outcome: 'cancelled' });
});

test('ST7 a cancel commits and asks at once, kills after 3 s, and settles after 5 s over a deaf agent', async () => {
  const run = running();
  run.tell({ type: 'cancel' });
  expect(run.types().sort()).toEqual(['stop.agent', 'write.terminal']);
  await run.pass(1_000);
  run.tell({ type: 'terminal.committed', outcome: 'cancelled', head: 3 });
  await run.pass(bounds.CANCEL_KILL_MS - 1_000 - 1);
  expect(run.take()).toEqual([]);
  await run.pass(1);
  expect(run.types()).toEqual(['kill.agent']);
  await run.pass(bounds.CANCEL_SETTLE_MS - bounds.CANCEL_KILL_MS - 1);
  expect(run.path()).toBe('draining.stopping');
  await run.pass(1);
  expect(run.take()).toEqual([{ type: 'write.settle', epoch: 3, outcome: 'cancelled' }]);
});

test('ST7 an agent that goes when it is asked is not killed, and the stream settles then', async () => {
  const run = running();
  run.tell({ type: 'cancel' });
  run.tell({ type: 'terminal.committed', outcome: 'cancelled', head: 3 });
  run.take();
  await run.pass(10);
  run.tell({ type: 'agent.gone', epoch: 3 });
  expect(run.types()).toEqual(['write.settle']);
});

test('ST7 a second cancel is the same as one', () => {
  const run = running();
  run.tell({ type: 'cancel' });
  run.take();
  run.tell({ type: 'cancel' });
  expect(run.take()).toEqual([]);
});

test('ST7 a cancel before the agent was called settles without calling it (lesson 62)', () => {
  const run = stage(streamMachine, input);
  run.tell({ type: 'start' });
  run.tell({ type: 'cancel' });
  run.tell({ type: 'stream.started', head: 1 });
  run.tell({ type: 'terminal.committed', outcome: 'cancelled', head: 2 });
  expect(run.types()).toEqual(['write.started', 'write.terminal', 'write.settle']);
});

test('ST9 a stream whose owner died settles as interrupted, in one transaction, at once', () => {
  const run = stage(streamMachine, { ...input, head: 12 });
  run.tell({ type: 'owner.lost', reason: 'restart' });
  expect(shown(run)).toMatchObject({ state: 'stale', why: 'restart' });
  expect(run.take()).toMatchObject([
    { type: 'write.settle', outcome: 'interrupted', error: { type: 'interrupted' } },
  ]);
  run.tell({ type: 'settle.committed', outcome: 'interrupted', head: 14 });
  expect(shown(run)).toMatchObject({ state: 'settled', outcome: 'interrupted', head: 14 });
});

test('ST9 recovery is tried ten times and at most 30 s, then held', async () => {
  const run = stage(streamMachine, input);
  run.tell({ type: 'owner.lost', reason: 'restart' });
  for (let tries = 1; tries < bounds.RECOVERY_TRIES_MAX; tries++) {
    run.tell({ type: 'settle.refused', reason: 'storage' });
    expect(run.path()).toBe('stale.retrying');
    await run.pass(bounds.RECOVERY_RETRY_MS);
  }
  expect(run.types()).toHaveLength(bounds.RECOVERY_TRIES_MAX);
  run.tell({ type: 'settle.refused', reason: 'storage' });
  expect(run.path()).toBe('stale.held');
});

test('ST10 a terminal in the log is the outcome of the recovery', () => {
  const run = stage(streamMachine, { ...input, head: 12, terminal: 'completed' });
  run.tell({ type: 'owner.lost', reason: 'restart' });
  expect(run.take()).toEqual([{ type: 'write.settle', epoch: 3, outcome: 'completed' }]);
});

test('ST11 the agent is called once `stream_started` is durable, and only once', () => {
  const run = stage(streamMachine, input);
  run.tell({ type: 'start' });
  expect(run.types()).toEqual(['write.started']);
  run.tell({ type: 'stream.started', head: 1 });
  run.tell({ type: 'stream.started', head: 1 });
  expect(run.types()).toEqual(['call.agent']);
});

test('ST11 a third start is an interruption', () => {
  const run = stage(streamMachine, { ...input, starts: bounds.STARTS_MAX + 1 });
  run.tell({ type: 'start' });
  expect(run.take()).toMatchObject([{ type: 'write.settle', outcome: 'interrupted' }]);
});

test('an agent that does not speak within 60 s has failed to start', async () => {
  const run = started();
  run.tell({ type: 'frames.committed', head: 1 });
  await run.pass(bounds.STARTING_MS);
  expect(run.take().at(-1)).toMatchObject({ outcome: 'errored', error: { type: 'start_timeout' } });
});

test('30 s without a frame are quiet, a frame ends them, 600 s are a failure', async () => {
  const run = running();
  await run.pass(20_000);
  run.tell({ type: 'frames.committed', head: 3 });
  await run.pass(bounds.QUIET_AFTER_MS - 1);
  expect(shown(run).run_state).toBe('running');
  const last_frame_at = run.clock.now() - bounds.QUIET_AFTER_MS + 1;
  await run.pass(1);
  expect(shown(run)).toMatchObject({ run_state: 'quiet', since: last_frame_at });
  run.tell({ type: 'frames.committed', head: 4 });
  expect(shown(run).run_state).toBe('running');
  await run.pass(bounds.AGENT_SILENT_MS - 1);
  expect(shown(run).run_state).toBe('quiet');
  await run.pass(1);
  expect(run.take()).toMatchObject([{ type: 'write.terminal', error: { type: 'silent' } }]);
});

test('a pending prompt is no silence: the stream waits as long as it takes', async () => {
  const run = running();
  run.tell({ type: 'prompts.changed', pending: 1 });
  await run.pass(10 * bounds.AGENT_SILENT_MS);
  expect(shown(run).run_state).toBe('waiting');
  run.tell({ type: 'prompts.changed', pending: 0 });
  await run.pass(bounds.QUIET_AFTER_MS - 1);
  expect(shown(run).run_state).toBe('running');
});

test('fault 6: a wall clock that jumps an hour ends no run', async () => {
  for (const jump_ms of [3_600_000, -3_600_000]) {
    const run = running();
    await run.pass(10_000);
    run.clock.jump(jump_ms);
    run.tell({ type: 'frames.committed', head: 3 });
    for (let head = 4; head < 40; head++) {
      await run.pass(10_000);
      run.tell({ type: 'frames.committed', head });
      expect(shown(run).run_state).toBe('running');
    }
  }
});

test('an agent that exits before it has finished has failed', () => {
  const run = running();
  run.tell({ type: 'agent.gone', epoch: 3 });
  expect(run.take()).toMatchObject([{ type: 'write.terminal', error: { type: 'agent_exited' } }]);
  run.tell({ type: 'terminal.committed', outcome: 'errored', head: 3 });
  expect(run.types()).toEqual(['write.settle']);
});

test('title and metering have 10 s, then the stream settles without them', async () => {
  const run = running();
  run.tell({ type: 'agent.finished', epoch: 3 });
  run.tell({ type: 'agent.gone', epoch: 3 });
  run.tell({ type: 'terminal.committed', outcome: 'completed', head: 3 });
  run.take();
  await run.pass(bounds.DESCRIBE_MS);
  expect(run.types()).toEqual(['write.settle']);
});

test('a push producer that falls silent may return, within its bound and not with an older epoch', async () => {
  const run = running();
  run.tell({ type: 'owner.lost', reason: 'producer_silent' });
  expect(shown(run)).toMatchObject({ path: 'stale.awaiting', why: 'producer_silent' });
  run.tell({ type: 'producer.returned', epoch: 2 });
  expect(run.path()).toBe('stale.awaiting');
  run.tell({ type: 'producer.returned', epoch: 4 });
  expect(shown(run)).toMatchObject({ run_state: 'running', epoch: 4, why: null });
  run.tell({ type: 'owner.lost', reason: 'producer_silent' });
  run.take();
  await run.pass(bounds.PRODUCER_RETURN_MS);
  expect(run.take().at(-1)).toMatchObject({ type: 'write.settle', outcome: 'interrupted', epoch: 4 });
});

test('Q4 a stream that is taken from its owner leaves no agent behind', () => {
  const run = running();
  run.tell({ type: 'owner.lost', reason: 'lease_lost' });
  expect(run.types()).toEqual(['kill.agent', 'write.settle']);
});
