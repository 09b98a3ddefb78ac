// The log of one run, read for the drawer: all frames from the first, over a feed of its own that ends with the run. And the
// way of a run that is over, read out of that log.

import { isTerminalEvent, outcomeOf } from '../../protocol/terminal.ts';
import type { RunState, Transition } from '../../protocol/views.ts';
import { createPaint } from '../paint.ts';
import { FRAME_NAMES } from '../record-names.ts';

export interface LogRow {
  seq: number;
  at: number;
  event: string;
  json: string;
}

export interface RunLog {
  rows: LogRow[];
  status: 'reading' | 'read' | 'failed';
}

/** Reads the log of `stream_id` and tells of it once per frame of the screen, until the run has ended or `close` is called. */
export function readRunLog(stream_id: string, tell: (log: RunLog) => void): () => void {
  const source = new EventSource(`/api/chat/stream?stream_id=${encodeURIComponent(stream_id)}`);
  const rows: LogRow[] = [];
  let status: RunLog['status'] = 'reading';
  const paint = createPaint(() => tell({ rows: rows.slice(), status }));
  const close = (): void => {
    source.close();
    paint.cancel();
  };
  const end = (how: RunLog['status']): void => {
    status = how;
    source.close();
    paint.ask();
  };
  for (const name of FRAME_NAMES)
    source.addEventListener(name, (event) => {
      const { seq, at } = JSON.parse(event.data);
      if (seq <= (rows.at(-1)?.seq ?? 0)) return;
      rows.push({ seq, at, event: name, json: event.data });
      if (name === 'stream_end') end('read');
      else paint.ask();
    });
  source.addEventListener('error', () => end(rows.length > 0 ? 'read' : 'failed'));
  return close;
}

const step = (at: number, path: string, run_state: RunState, why: string | null): Transition => ({
  at,
  path,
  run_state,
  why,
});

function stepOf(
  row: LogRow,
  words: { firstFrame: (seq: number) => string },
  isFirst: boolean,
): Transition | null {
  const data = JSON.parse(row.json);
  if (row.event === 'stream_started') return step(row.at, 'active.starting', 'starting', data.agent ?? null);
  if (row.event === 'stale') return step(row.at, 'stale.recovering', 'stale', data.reason ?? null);
  if (row.event === 'resumed') return step(row.at, 'active.running', 'running', null);
  if (isTerminalEvent(row.event))
    return step(row.at, 'draining.closing', 'draining', data.message ?? outcomeOf(row.event, data));
  if (row.event === 'stream_end') return step(row.at, 'settled', 'settled', data.terminal_state ?? null);
  return isFirst ? step(row.at, 'active.running', 'running', words.firstFrame(row.seq)) : null;
}

/** What the log alone tells of a run's way, newest last. Quiet spells leave no record. Pure. */
export function transitionsOf(rows: LogRow[], words: { firstFrame: (seq: number) => string }): Transition[] {
  const steps: Transition[] = [];
  for (const row of rows) {
    const isFirst = !steps.some((one) => one.run_state === 'running');
    const next = stepOf(row, words, isFirst);
    if (next) steps.push(next);
  }
  return steps;
}
