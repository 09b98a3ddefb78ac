// A recording as a file: its head, then an entry a line. What is no recording is said so, and where it stops being one.
import * as z from 'zod/mini';
import {
  type Entry,
  entrySchema,
  type RecordingHead,
  recordingHeadSchema,
} from '../../protocol/inspection.ts';

/** A file that is larger is not read. */
export const RECORDING_BYTES_MAX = 128 * 1024 * 1024;

export interface Recording {
  head: RecordingHead;
  entries: Entry[];
}

/** `line`: the first that could not be read, from 1 */
export type RecordingError = { kind: 'no recording' } | { kind: 'damaged'; line: number };

function parsed<Schema extends z.ZodMiniType>(schema: Schema, line: string): z.infer<Schema> | null {
  try {
    return z.safeParse(schema, JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

/** A recording that was cut off in its last line is one. */
export function readRecording(text: string): Recording | RecordingError {
  const lines = text.split('\n');
  const head = parsed(recordingHeadSchema, lines[0] ?? '');
  if (!head) return { kind: 'no recording' };
  const entries: Entry[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line === '') continue;
    const entry = parsed(entrySchema, line);
    if (entry?.n === head.n + entries.length + 1) entries.push(entry);
    else if (index < lines.length - 1) return { kind: 'damaged', line: index + 1 };
  }
  return { head, entries };
}

/** Entries of one event of the feed: an entry a line. They come from our own server, and are not checked again. */
export const readBatch = (lines: string): Entry[] => JSON.parse(`[${lines.replaceAll('\n', ',')}]`);
