// What a process writes, on its way to the page and into a result: decoded, without secrets, bounded in rate and size.
// It knows no process and no frame.
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { type Clock, FRAME_BYTES_MAX } from '../../protocol/index.ts';
import { createKeptText } from './kept-text.ts';
import type { Redaction } from './redaction.ts';

export const UPDATE_EVERY_MS = 100;
/** What is shown while it runs; the result has the end as well. */
export const SHOWN_LENGTH_MAX = 128 * 1024;
const KEPT_LENGTH_MAX = 256 * 1024;
/** Six bytes a character, and it still fits into a frame. */
const UPDATE_LENGTH_MAX = 32 * 1024;
/** A frame's other fields need room, too. */
const RESULT_BYTES_MAX = FRAME_BYTES_MAX - 8 * 1024;
/** P10: read between two updates; whoever floods waits, and everybody else has the rest of the time. */
const READ_BYTES_MAX = 16 * 1024 * 1024;
/** After the process is gone; somebody who left its group may hold the pipe open for ever. */
export const DRAIN_MS_MAX = 500;

export interface OutputPorts {
  clock: Clock;
  redaction: Redaction;
  /** Resolves when more may come. What it rejects with, end() rejects with. */
  show(text: string): Promise<void>;
}

export interface LiveOutput {
  /** The process is gone: reads what is left, closes the pipe, and gives what is kept. */
  end(): Promise<{ text: string; isCut: boolean; full_bytes: number }>;
}

export function watchOutput(source: Readable, { clock, redaction, show }: OutputPorts): LiveOutput {
  const decoder = new StringDecoder('utf8');
  const clean = redaction.stream();
  const kept = createKeptText(KEPT_LENGTH_MAX);
  const shown = createShown(show);
  let full_bytes = 0;
  let read_bytes = 0;
  let timer: unknown = null;
  let isEnding = false;

  const wake = () => {
    timer ??= clock.setTimeout(tick, UPDATE_EVERY_MS);
  };
  function tick(): void {
    timer = null;
    read_bytes = 0;
    source.resume();
    shown.next();
    if (shown.isWaiting()) wake();
  }
  function add(text: string): void {
    kept.push(text);
    shown.push(text);
  }

  // A pipe that breaks is a pipe that ends.
  source.on('error', () => {});
  source.on('data', (chunk: Buffer) => {
    full_bytes += chunk.length;
    read_bytes += chunk.length;
    add(clean.push(decoder.write(chunk)));
    if (isEnding) return;
    if (read_bytes >= READ_BYTES_MAX) source.pause();
    wake();
  });

  return {
    async end() {
      isEnding = true;
      clock.clearTimeout(timer);
      source.resume();
      await closed(source, clock);
      source.destroy();
      add(clean.push(decoder.end()) + clean.rest());
      await shown.rest();
      return { ...kept.end(RESULT_BYTES_MAX), full_bytes };
    },
  };
}

/** What still has to be shown: one update at a time, each when the one before was taken. */
function createShown(show: OutputPorts['show']) {
  let pending = '';
  let room = SHOWN_LENGTH_MAX;
  let isTaken = true;
  let last: Promise<void> = Promise.resolve();

  async function give(): Promise<void> {
    const text = pending.slice(0, UPDATE_LENGTH_MAX);
    pending = pending.slice(UPDATE_LENGTH_MAX);
    await show(text);
    isTaken = true;
  }
  function next(): void {
    if (!isTaken || pending === '') return;
    isTaken = false;
    last = give();
    // Who broke it off hears of it in rest(); until then nothing more is shown.
    last.catch(() => {});
  }
  return {
    next,
    isWaiting: () => pending !== '',
    push(text: string) {
      if (room < 0) return;
      pending += text.slice(0, room);
      room -= text.length;
      if (room < 0) pending += '\n… what follows is in the result …\n';
    },
    async rest() {
      for (await last; pending !== ''; await last) next();
    },
  };
}

function closed(source: Readable, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    if (source.closed) return resolve();
    const over = () => {
      clock.clearTimeout(timer);
      source.off('close', over);
      resolve();
    };
    const timer = clock.setTimeout(over, DRAIN_MS_MAX);
    source.on('close', over);
  });
}
