// What must hold when the faults have stopped and everything had its time (Q1–Q7, P11): asked of the log, of the clients, and
// of the process. Each answer is a sentence, or null while it holds.
import { SWEEP_EVERY_MS } from '../../src/machines/bounds.ts';
import { STATUS_OF_OUTCOME } from '../../src/protocol/index.ts';
import type { World } from './world.ts';

/** A rule and what is against it. */
export type Unmet = [rule: string, what: string];

/** What is not quiet yet; empty: all is. */
export function unquiet(world: World): Unmet[] {
  const { truth, readers, agents } = world;
  const unmet: Unmet[] = [];
  const process = world.process();
  if (!process?.isReady) return [['Q1', 'no process runs']];
  for (const stream of truth.streams.values()) {
    const session = truth.sessions.get(stream.session_id);
    if (!stream.settled && session && !session.isDeleted && !session.isDamaged)
      unmet.push(['Q1', `${stream.stream_id} is not settled: ${stream.terminal ?? 'no terminal'}`]);
  }
  for (const { session_id, queue, isPaused, isDeleted, isDamaged } of truth.sessions.values())
    if (queue.size > 0 && !isPaused && !isDeleted && !isDamaged)
      unmet.push(['Q1', `${queue.size} follow-ups of ${session_id} don't begin`]);
  for (const reader of readers) {
    const behind = reader.behind();
    if (behind) unmet.push(['Q2', behind]);
  }
  for (const session of truth.sessions.values())
    for (const prompt of session.prompts.values())
      if (prompt.how === null && !session.isDeleted && !session.isDamaged)
        unmet.push(['Q3', `${prompt.id} waits for ever`]);
  for (const run of agents.runs)
    if (!run.isOver && run.node.isAlive) unmet.push(['Q4', `the agent of ${run.stream_id} lives`]);
  unmet.push(...boardsOfReaders(world));
  if (world.persons.waiting > 0) unmet.push(['Q2', `${world.persons.waiting} requests have no answer`]);
  const counts = process.sessions.counts();
  for (const [state, count] of Object.entries(counts.stream ?? {}))
    if (count > 0) unmet.push(['Q7', `${count} streams are ${state}`]);
  for (const [rule, what] of world.browser.unquiet()) unmet.push([rule, what]);
  return unmet;
}

/** BR4: what a reader has folded is the board. */
function boardsOfReaders({ readers, process }: World): Unmet[] {
  const unmet: Unmet[] = [];
  for (const { name, owner, tasks } of readers) {
    const folded = tasks();
    if (!folded) continue;
    const said = new Map(
      [...(process()?.sessions.board(owner).tasks() ?? [])].map((task) => [task.task_id, task]),
    );
    for (const [task_id, { status, title }] of said) {
      const task = folded.get(task_id);
      if (task?.status !== status || task.title !== title)
        unmet.push(['Q6', `${name} has ${task?.status} of ${task_id}, the board says ${status}`]);
    }
    for (const task_id of folded.keys())
      if (!said.has(task_id)) unmet.push(['Q6', `${name} still has ${task_id}`]);
  }
  return unmet;
}

/** Q6: the board says what the log says. */
export function boardAgainstLog(world: World): Unmet[] {
  const unmet: Unmet[] = [];
  const process = world.process();
  const { truth } = world;
  const owners = new Set([...truth.sessions.values()].map(({ owner }) => owner));
  for (const owner of owners) {
    for (const task of process?.sessions.board(owner).tasks() ?? []) {
      const stream = truth.streams.get(task.task_id);
      const session = truth.sessions.get(task.session_id);
      if (session?.owner !== owner) unmet.push(['P8', `${owner}'s board has ${task.task_id}`]);
      if (!stream || !session || session.isDamaged) continue;
      if (session.isDeleted) unmet.push(['Q6', `the board has ${task.task_id} of a deleted session`]);
      const isLive = ['running', 'waiting-for-input', 'stale'].includes(task.status);
      if (isLive !== !stream.settled) unmet.push(['Q6', `the board says ${task.status} of ${task.task_id}`]);
      const says = stream.outcome && STATUS_OF_OUTCOME[stream.outcome];
      if (says && task.status !== says) unmet.push(['Q6', `${task.task_id} is ${task.status}, not ${says}`]);
    }
  }
  return unmet;
}

/** Timers that an idle process may have: the sweep's. */
const IDLE_TIMERS_MAX = 1;

/** P11: nothing belongs to what is over. After everybody left and what can rest, rests. */
export function leftBehind(world: World): Unmet[] {
  const unmet: Unmet[] = [];
  const process = world.process();
  if (!process) return [];
  if (process.hub.size > 0) unmet.push(['P11', `${process.hub.size} connections are open`]);
  const { stream, session } = process.sessions.counts();
  const live = Object.entries({ ...stream, ...session }).filter(([, count]) => count > 0);
  const count = live.reduce((sum, [, each]) => sum + each, 0);
  // A damaged session whose queue can't go on is watched, not let go of.
  const damaged = [...world.truth.sessions.values()].filter(({ isDamaged }) => isDamaged).length;
  if (count > damaged) unmet.push(['P11', `actors live: ${JSON.stringify(live)}`]);
  const timers = process.node.timers.size;
  if (damaged === 0 && timers > IDLE_TIMERS_MAX)
    unmet.push(['P11', `${timers} timers, every ${SWEEP_EVERY_MS} ms one is due`]);
  return unmet;
}
