// The writer's thread: the only one that holds a handle that writes. Groups come in one at a time; the watermark and the
// look for room are paced here. A slow disk makes this thread wait and no other.
import { parentPort, workerData } from 'node:worker_threads';
import { isCorrupt, isFull, isShut } from './database.ts';
import { createFaults } from './faults.ts';
import { JournalRefusal } from './port.ts';
import { createReserve } from './reserve.ts';
import { createRoom } from './room.ts';
import type { FromWriter, ThreadSettings, ToWriter, WriterState } from './thread-messages.ts';
import { openWatermark, readWatermark, type Watermark } from './watermark.ts';
import type { Done } from './work.ts';
import { createWriter, HandleLost, type Writer } from './writer.ts';

/** How old the watermark may be. */
const WATERMARK_MS = 1000;

const settings = workerData as ThreadSettings;
const port = parentPort!;
const tell = (message: FromWriter): void => port.postMessage(message);

let full: string | null = null;
let watermark_timer: NodeJS.Timeout | undefined;
let probe_timer: NodeJS.Timeout | undefined;

function open(): { writer: Writer; watermark: Watermark } {
  const faults = createFaults(settings.fault_memory ?? undefined);
  const { folder, reserve_bytes } = settings;
  const reserve = createReserve(folder, reserve_bytes);
  const room = createRoom(folder, reserve, reserve_bytes, faults, (reason) => {
    full = reason;
    probe_timer ??= setTimeout(probe, settings.probe_ms);
  });
  const writer = createWriter(folder, readWatermark(folder), room, faults);
  return { writer, watermark: openWatermark(folder) };
}

/** In words, where it is the folder's state and not a bug. */
function refusalOf(error: unknown): { text: string; refusal: boolean } {
  const { folder } = settings;
  if (isFull(error)) return { text: `The disk that holds ${folder} is full.`, refusal: true };
  if (isCorrupt(error))
    return { text: `The log in ${folder} can't be read as a database; it is left alone.`, refusal: true };
  if (isShut(error)) return { text: `The log in ${folder} can't be opened to write in it.`, refusal: true };
  const text = error instanceof Error ? error.message : String(error);
  return { text, refusal: error instanceof JournalRefusal };
}

function start(): ReturnType<typeof open> | null {
  try {
    return open();
  } catch (error) {
    tell({ kind: 'refused', ...refusalOf(error) });
    return null;
  }
}

const state = (): WriterState => ({ full, commit_no: parts!.writer.commit_no, bytes: parts!.writer.bytes });

function moveWatermark(): void {
  watermark_timer = undefined;
  try {
    parts!.watermark.move(parts!.writer.commit_no);
  } catch (error) {
    tell({ kind: 'warning', text: 'the watermark could not be written', reason: String(error) });
  }
}

/** Paced: while the disk is full, one look a time. */
function probe(): void {
  probe_timer = setTimeout(probe, settings.probe_ms);
  finish(() => {
    const done = parts!.writer.regain();
    if (!done) return;
    clearTimeout(probe_timer);
    probe_timer = undefined;
    full = null;
    tell({ kind: 'space', damage: done.damage, state: state() });
  });
}

function finish(work: () => void): void {
  try {
    work();
    watermark_timer ??= setTimeout(moveWatermark, WATERMARK_MS);
  } catch (error) {
    if (!(error instanceof HandleLost)) throw error;
    tell({ kind: 'lost', reason: error.message });
  }
}

function attempt(work: () => Done | null): void {
  finish(() => {
    const done = work();
    if (done) tell({ kind: 'done', ...done, state: state() });
  });
}

function close({ writer, watermark }: NonNullable<typeof parts>): void {
  clearTimeout(probe_timer);
  clearTimeout(watermark_timer);
  moveWatermark();
  watermark.close();
  writer.close();
  tell({ kind: 'closed' });
  port.close();
}

const parts = start();
if (parts) {
  const { writer } = parts;
  port.on('message', (message: ToWriter) => {
    if (message.kind === 'group') attempt(() => writer.run(message.operations));
    else if (message.kind === 'reopen') attempt(() => writer.reopen());
    else close(parts);
  });
  tell({ kind: 'opened', report: writer.report, sessions: writer.sessions, state: state() });
}
