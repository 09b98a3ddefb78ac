// The mark of an actor's state: one of the marks that the whole page has, so that a shape means the same everywhere. Pure.
import { ownOf } from '../../protocol/own.ts';
import { OUTCOMES } from '../../protocol/terminal.ts';
import type { ActorNow } from './fold.ts';

export type Mark =
  | 'idle'
  | 'starting'
  | 'running'
  | 'waiting'
  | 'quiet'
  | 'draining'
  | 'stale'
  | 'completed'
  | 'cancelled'
  | 'errored'
  | 'interrupted';

/** The first whose path begins the state counts. */
const MARKS: Record<string, [path: string, mark: Mark][]> = {
  stream: [
    ['active.admitted', 'starting'],
    ['active.starting', 'starting'],
    ['active.waiting', 'waiting'],
    ['active.quiet', 'quiet'],
    ['active', 'running'],
    ['draining', 'draining'],
    ['stale', 'stale'],
  ],
  session: [
    ['running', 'running'],
    ['advancing', 'starting'],
    ['deleting', 'draining'],
  ],
  'prompt-queue': [
    ['active.asking', 'waiting'],
    ['draining', 'draining'],
    ['stale', 'stale'],
  ],
  attachment: [
    ['following.live', 'running'],
    ['following.suspended', 'quiet'],
    ['following', 'starting'],
    ['draining', 'draining'],
    ['stale', 'stale'],
    ['settled', 'completed'],
  ],
  line: [
    ['open', 'running'],
    ['connecting', 'starting'],
    ['backoff', 'stale'],
    ['polling', 'quiet'],
    ['quiet', 'quiet'],
    ['suspended', 'quiet'],
  ],
  'tab-leader': [
    ['leading', 'running'],
    ['alone', 'running'],
    ['following', 'idle'],
    ['frozen', 'quiet'],
  ],
  'prompt-feed': [
    ['pushing.open', 'running'],
    ['pushing.connecting', 'starting'],
    ['pushing', 'quiet'],
    ['polling', 'quiet'],
  ],
  board: [['', 'running']],
};

export function markIn(machine: string, state: string, context: Readonly<Record<string, unknown>>): Mark {
  if (machine === 'stream' && state === 'settled')
    return OUTCOMES.find((outcome) => outcome === context.terminal) ?? 'idle';
  for (const [path, mark] of ownOf(MARKS, machine) ?? [])
    if (path === '' || state === path || state.startsWith(`${path}.`)) return mark;
  return 'idle';
}

export const markOf = ({ machine, state, context, status }: ActorNow): Mark =>
  status === 'error' ? 'errored' : status === 'stopped' ? 'idle' : markIn(machine, state, context);
