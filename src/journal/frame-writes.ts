// Writes to one stream's log: append, the terminal commit, a change of owner. Every one is fenced by the epoch (P5, ST3).
import type { TerminalEvent } from '../protocol/index.ts';
import { AFTER_TERMINAL_EVENTS, isTerminalEvent, outcomeOf } from '../protocol/terminal.ts';
import type { StreamHead } from './ledger.ts';
import { type Answer, DAMAGED, FULL, type Input, NOT_FOUND } from './operations.ts';
import type { Writer } from './port.ts';
import { closePrompts } from './prompt-ends.ts';
import { streamRow, type Writing } from './writing.ts';

export const FENCED = { kind: 'fenced' } as const;

/** The stream, if this is its owner at its epoch. */
export function ownedStream({ ledger }: Writing, writer: Writer): StreamHead | null {
  const stream = ledger.stream(writer.stream_id);
  return stream?.epoch === writer.epoch ? stream : null;
}

export function append(writing: Writing, input: Input<'append'>): Answer<'append'> {
  const stream = ownedStream(writing, input);
  if (!stream) return FENCED;
  if (stream.session.damaged) return DAMAGED;
  // ST1, ST6: after the terminal only the bookkeeping of the end, after stream_end nothing.
  if (stream.settled) return FENCED;
  if (stream.terminal_state !== null && !AFTER_TERMINAL_EVENTS.includes(input.event)) return FENCED;
  if (writing.full) return FULL;
  if (input.event === 'stream_started') {
    stream.started = true;
    writing.ledger.touch(stream);
  }
  const { pos } = writing.ledger.frame(stream, input.event, input.payload, input.at);
  return { kind: 'committed', seq: stream.head, pos };
}

/** Writes the end of the stream's prompts, then its terminal frame. The caller has checked that none is there; the database checks again (ST1). */
export function writeTerminal(
  writing: Writing,
  stream: StreamHead,
  event: TerminalEvent,
  payload: string,
  at: number,
): void {
  const data = JSON.parse(payload);
  const outcome = outcomeOf(event, data);
  if (event === 'apperror')
    writing.database
      .sql('UPDATE streams SET error_type = ? WHERE stream_no = ?')
      .run(String(data.type), stream.stream_no);
  closePrompts(writing, stream, outcome, at);
  writing.ledger.frame(stream, event, payload, at);
  stream.terminal_state = outcome;
  stream.terminal_seq = stream.head;
  writing.ledger.touch(stream);
}

export function terminal(writing: Writing, input: Input<'terminal'>): Answer<'terminal'> {
  const stream = ownedStream(writing, input);
  if (!stream) return FENCED;
  if (stream.terminal_state !== null)
    return { kind: 'lost', outcome: stream.terminal_state, seq: stream.terminal_seq };
  if (stream.session.damaged) return DAMAGED;
  if (!isTerminalEvent(input.event)) throw new TypeError(`${input.event} ends no stream`);
  writeTerminal(writing, stream, input.event, input.payload, input.at);
  return { kind: 'won', outcome: stream.terminal_state!, seq: stream.head };
}

export function takeOver(writing: Writing, input: Input<'take_over'>): Answer<'take_over'> {
  const stream = writing.ledger.stream(input.stream_id);
  if (!stream) return NOT_FOUND;
  if (stream.session.damaged) return DAMAGED;
  if (stream.settled) return { kind: 'settled' };
  stream.epoch += 1;
  writing.ledger.touch(stream);
  // ST10: where its end is in the log already, nothing but bookkeeping may follow.
  if (!stream.started) stream.starts += 1;
  else if (stream.terminal_state === null) {
    const payload = JSON.stringify({ reason: input.reason, epoch: stream.epoch });
    writing.ledger.frame(stream, 'stale', payload, input.at);
    writing.database.sql('UPDATE streams SET stale = 1 WHERE stream_no = ?').run(stream.stream_no);
  }
  return { kind: 'taken', stream: streamRow(writing, stream.stream_id) };
}
