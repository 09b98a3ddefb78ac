// The log of one run, as its export holds it: without a hole, and with one end, after which there is nothing (P1, ST1).
// Knows no machine.
import { isTerminalEvent } from '../protocol/index.ts';
import type { Entry } from '../protocol/inspection.ts';

type LogEntry = Extract<Entry, { kind: 'record' }>;
/** What is wrong with a record: what it says, and what it should. */
export type Tell = (entry: LogEntry, what: string, recorded: unknown, expected: unknown) => void;

export interface RunRecords {
  take(entry: LogEntry): void;
}

const seqOf = (data: unknown): number | null =>
  typeof data === 'object' && data !== null && 'seq' in data && typeof data.seq === 'number'
    ? data.seq
    : null;

export function createRunRecords(tell: Tell): RunRecords {
  let pos = 0;
  let seq: number | null = null;
  let terminal: string | null = null;
  let isOver = false;
  return {
    take(entry) {
      if (entry.pos <= pos) tell(entry, 'pos', entry.pos, `above ${pos}`);
      pos = entry.pos;
      const frame = seqOf(entry.data);
      if (frame === null) return;
      if (seq !== null && frame !== seq + 1) tell(entry, 'seq', frame, seq + 1);
      seq = frame;
      if (isOver) tell(entry, 'event', entry.event, 'nothing after stream_end');
      if (isTerminalEvent(entry.event)) {
        if (terminal !== null) tell(entry, 'event', entry.event, `nothing but ${terminal}`);
        terminal = entry.event;
      }
      isOver ||= entry.event === 'stream_end';
    },
  };
}
