// The life of one command: it runs until it ends, its time is over or it is told to go; then its whole group has to go.
// It knows no output and no tool.
import type { Clock } from '../../protocol/index.ts';
import type { Exit, ProcessGroup } from './process-group.ts';

/** Between being asked to go and being killed. */
export const TERMINATE_MS_MAX = 2_000;
/** A killed group that is still there after this can't be killed: a driver holds it. */
export const KILL_MS_MAX = 2_000;
/** Nobody tells when a group is gone: it is asked. */
export const GONE_POLL_MS = 50;
/** A silent command is alive: its time limit is what bounds it. */
const ALIVE_EVERY_MS = 10_000;

export interface CommandPorts {
  clock: Clock;
  time_limit_ms: number;
  /** it was told to go */
  signal: AbortSignal;
  /** it must be gone now */
  killed: AbortSignal;
  alive(): void;
}

export interface CommandEnd extends Exit {
  /** null: the command ended by itself */
  cut: 'time_limit' | 'stopped' | null;
}

/** Resolves when nobody of the group lives. Never rejects. */
export async function outlive(group: ProcessGroup, ports: CommandPorts): Promise<CommandEnd> {
  let exit: Exit | null = null;
  void group.exited.then((how) => {
    exit = how;
  });
  const cut = await untilOver(group, ports);
  // What it left behind goes with it, also after a good end.
  await endGroup(group, async () => exit !== null && (await group.isGone()), ports);
  return { ...(exit ?? { exit_code: null, signal: null }), cut };
}

function untilOver(
  group: ProcessGroup,
  { clock, time_limit_ms, signal, alive }: CommandPorts,
): Promise<CommandEnd['cut']> {
  return new Promise((resolve) => {
    const over = (why: CommandEnd['cut']) => {
      clock.clearTimeout(limit);
      clock.clearTimeout(beat);
      signal.removeEventListener('abort', onStop);
      resolve(why);
    };
    const onStop = () => over('stopped');
    const onBeat = () => {
      alive();
      beat = clock.setTimeout(onBeat, ALIVE_EVERY_MS);
    };
    const limit = clock.setTimeout(() => over('time_limit'), time_limit_ms);
    let beat = clock.setTimeout(onBeat, ALIVE_EVERY_MS);
    signal.addEventListener('abort', onStop, { once: true });
    if (signal.aborted) onStop();
    void group.exited.then(() => over(null));
  });
}

async function endGroup(
  group: ProcessGroup,
  isGone: () => Promise<boolean>,
  { clock, killed }: CommandPorts,
): Promise<void> {
  group.signal('SIGTERM');
  if (await goneWithin(TERMINATE_MS_MAX, isGone, clock, killed)) return;
  group.signal('SIGKILL');
  await goneWithin(KILL_MS_MAX, isGone, clock);
}

async function goneWithin(
  ms: number,
  isGone: () => Promise<boolean>,
  clock: Clock,
  unless?: AbortSignal,
): Promise<boolean> {
  let isOver = false;
  const limit = clock.setTimeout(() => {
    isOver = true;
  }, ms);
  try {
    while (!unless?.aborted) {
      if (await isGone()) return true;
      if (isOver) return false;
      await pause(clock, GONE_POLL_MS, unless);
    }
    return false;
  } finally {
    clock.clearTimeout(limit);
  }
}

function pause(clock: Clock, ms: number, unless?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clock.clearTimeout(timer);
      unless?.removeEventListener('abort', over);
      resolve();
    };
    const timer = clock.setTimeout(over, ms);
    unless?.addEventListener('abort', over, { once: true });
  });
}
