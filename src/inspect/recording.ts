// A recording as text: JSON lines, the head first. What is no recording of ours is refused in words.
import { type Entry, entrySchema, type RecordingHead, recordingHeadSchema } from '../protocol/inspection.ts';

export interface Recording {
  head: RecordingHead;
  entries: Entry[];
}

/** It can't be read as a recording: shown to a person. */
export class RecordingError extends Error {
  override name = 'RecordingError';
}

function jsonOf(line: string, at: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new RecordingError(`Line ${at} is not JSON.`);
  }
}

/** @throws RecordingError */
export function readRecording(text: string): Recording {
  const lines = text.split('\n').filter((line) => line !== '');
  const head = recordingHeadSchema.safeParse(jsonOf(lines[0] ?? '', 1));
  if (!head.success) throw new RecordingError('The first line is no head of a recording.');
  const entries = lines.slice(1).map((line, at) => {
    const entry = entrySchema.safeParse(jsonOf(line, at + 2));
    if (!entry.success) throw new RecordingError(`Line ${at + 2} is no entry of a recording.`);
    const n = head.data.n + at + 1;
    if (entry.data.n !== n) throw new RecordingError(`Line ${at + 2} is entry ${entry.data.n}, not ${n}.`);
    return entry.data;
  });
  return { head: head.data, entries };
}
