// What the server answers when it is asked: read from the log, which may be ahead of what its actors have heard. Pure.
import { promptId } from '../../src/protocol/index.ts';
import type { Backend } from './backend.ts';
import { activeOf, epochOf, framesOf, isSettled, STREAMS, terminalOf } from './log.ts';
import type { QueueWord, Request, Response } from './message.ts';
import { bitOf, viewOf } from './page.ts';
import type { House } from './parts.ts';

/** What a page may show of the first run: every beginning of its frames. */
export function viewsOf({ log }: Backend): Set<string> {
  const frames = framesOf(log, 1);
  return new Set([...frames.map((_, index) => viewOf(frames.slice(0, index))), viewOf(frames)]);
}

/** What is pushed of the queue. */
export function queueWordOf(house: House, { up, queue }: Backend): QueueWord {
  if (!up) return { version: 0, pending: null, count: 0 };
  const { version, entries } = house.queue.at(queue).context;
  return { version, pending: entries[0] ? promptId(entries[0]) : null, count: entries.length };
}

/** What is said of a run that was asked for: what the page makes of the transcript (`judge`). */
export function transcriptOf(
  { log }: Backend,
  { stream, owner }: Extract<Request, { type: 'ask' }>,
): Response {
  const seq = framesOf(log, stream).length;
  const of = { type: 'transcript', stream, owner, seq } as const;
  if (isSettled(log, stream)) return { ...of, status: 'restored', terminal: terminalOf(log, stream)! };
  if (activeOf(log) === stream) return { ...of, status: 'active' };
  return { ...of, status: activeOf(log) === 0 ? 'missing' : 'stale' };
}

/** What a load gives. */
export function loadedFrom({ log }: Backend): Response {
  const active = activeOf(log);
  const settled = STREAMS.filter((stream) => epochOf(log, stream) > 0 && isSettled(log, stream));
  return {
    type: 'loaded',
    cursor: log.entries.length,
    active,
    seq: active === 0 ? 0 : framesOf(log, active).length,
    view: active === 1 ? viewOf(framesOf(log, 1)) : '',
    settled: settled.reduce((bits, stream) => bits | bitOf(stream), 0),
  };
}

/** What a page is told when a request or its answer is lost. Null: it asks again by itself, or does not wait. */
export function failureOf(request: Request): Response | null {
  if (request.type === 'answer') return { type: 'respond', prompt: request.prompt, result: 'failed' };
  if (request.type !== 'ask') return null;
  return { type: 'transcript', stream: request.stream, owner: request.owner, status: 'error', seq: 0 };
}
