// What of a scene matters to a path, and what a path is for.
import { QUIET_AFTER_MS } from '../../src/machines/bounds.ts';
import type { Act } from './act.ts';
import type { Scene } from './scene.ts';

/** Two scenes with the same key are one place for a run: what is other in them changes no state to come. */
export function streamKey(scene: Scene): string {
  const { facts, stream, path } = scene;
  const { agent, outcome, terminal, last_frame_at, due_at, try: tries } = stream.snapshot.context;
  return [
    path,
    stream.due() === null,
    agent,
    outcome === 'completed',
    terminal,
    path.startsWith('stale.held') ? 0 : tries,
    path === 'active.running' && [last_frame_at + QUIET_AFTER_MS > (due_at ?? 0), scene.at > last_frame_at],
    [facts.started, facts.agent, facts.titling, facts.damaged, facts.epoch, facts.settled],
    [facts.terminals.length, facts.settles.length, scene.pending.length],
  ].join(' ');
}

/** The same for a queue. */
export function queueKey(scene: Scene): string {
  const { facts, queue, stream } = scene;
  const { expiring, stale, try: tries } = queue.snapshot.context;
  const left = scene.pending.map(({ timeout_seconds, expires_at }) =>
    expires_at !== null && expires_at <= scene.at ? 'due' : timeout_seconds,
  );
  return [
    scene.path.split('.').slice(0, 2),
    stream.snapshot.context.agent,
    scene.queuePath,
    queue.due() === null,
    [tries, stale, expiring === null, scene.offset],
    left,
    [
      facts.started,
      facts.agent,
      facts.damaged,
      facts.epoch,
      facts.settled,
      facts.deleted,
      facts.ended_first,
      facts.asking === null,
    ],
    [facts.terminals.length, facts.settles.length, facts.expiries.length],
  ].join(' ');
}

/** Every act in every state, and every event of each machine from every state to every other. */
export const streamGoals = (before: Scene, act: Act, after: Scene): string[] => [
  ...(act.cost === undefined ? [`${before.path}: ${act.name}`] : []),
  ...after.stream.steps,
];
export const queueGoals = (before: Scene, act: Act, after: Scene): string[] => [
  ...(act.cost === undefined ? [`${before.queuePath}: ${act.name}`] : []),
  ...after.queue.steps,
];
