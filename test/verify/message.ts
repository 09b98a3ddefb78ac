// What is under way between the server and the page. Knows neither.
import type { TranscriptStatus } from '../../src/machines/attachment.machine.ts';
import type { Outcome } from '../../src/protocol/index.ts';
import { type Entry, entryKey, type StreamNo } from './log.ts';

export interface QueueWord {
  version: number;
  pending: string | null;
  count: number;
}

/**
 * From the server, over the line, in its order. `opened`: what a connection begins with. `length`: of the piece of the log
 * that it stands for.
 */
export type Pushed =
  | { type: 'opened'; head: number; active: 0 | StreamNo; queue: QueueWord }
  | { type: 'records'; from: number; length: number; entries: readonly Entry[] }
  | { type: 'queue'; queue: QueueWord };

export type Request =
  | { type: 'cancel' }
  | { type: 'answer'; prompt: string }
  /** `owner`: who owned the pane when it was asked; nobody should look at it */
  | { type: 'ask'; stream: StreamNo; owner: number }
  | { type: 'load' };

/** The answer to a request, in no order. `failed`: nobody knows. */
export type Response =
  | {
      type: 'transcript';
      stream: StreamNo;
      owner: number;
      status: TranscriptStatus;
      seq: number;
      terminal?: Outcome;
    }
  | { type: 'respond'; prompt: string; result: 'accepted' | 'stale' | 'failed' }
  | { type: 'loaded'; cursor: number; active: 0 | StreamNo; seq: number; view: string; settled: number };

/** Which wait a request begins and its response ends. */
export function awaitedBy(message: Request | Response): string {
  if (message.type === 'ask' || message.type === 'transcript') return `ask ${message.stream}`;
  if (message.type === 'answer' || message.type === 'respond') return `answer ${message.prompt}`;
  return message.type;
}

const queueKey = ({ version, pending, count }: QueueWord): string => `v${version} ${pending} of ${count}`;

export function nameOf(message: Pushed | Request | Response): string {
  switch (message.type) {
    case 'opened':
      return `opened at ${message.head}, active ${message.active}, queue ${queueKey(message.queue)}`;
    case 'records':
      return `records ${message.from + 1}–${message.from + message.length}: ${message.entries.map((entry) => `${entryKey(entry)}:${entry.seq ?? ''}`).join(' ')}`;
    case 'queue':
      return `queue ${queueKey(message.queue)}`;
    default:
      return Object.values(message).join(' ');
  }
}
