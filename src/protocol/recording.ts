// A recording as text: JSON lines, its head first, then an entry a line. The one reader of it, for the page and for what steps
// a recording again. Knows no file.
import { type Entry, entrySchema, type RecordingHead, recordingHeadSchema } from './inspection.ts';

export interface Recording {
  head: RecordingHead;
  entries: Entry[];
}
export interface ReadRecording extends Recording {
  /** the line, from 1, in whose middle the text ends, which is left out; null: it ends with a whole one */
  cut_line: number | null;
}
/** The first line that can't be read, and what it is instead, such as `is not JSON`. */
export interface RecordingFault {
  line: number;
  why: string;
}

const NOT_JSON = Symbol('not JSON');

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return NOT_JSON;
  }
}

/** What is copied while it is being written is cut in its last line: all before that is a recording. */
export function readRecording(text: string): ReadRecording | RecordingFault {
  const lines = text.split('\n');
  const first = jsonOf(lines[0] ?? '');
  const { data: head } = recordingHeadSchema.safeParse(first);
  if (!head) return { line: 1, why: first === NOT_JSON ? 'is not JSON' : 'is no head of a recording' };
  const entries: Entry[] = [];
  for (const [index, written] of lines.entries()) {
    if (index === 0 || written === '') continue;
    const line = index + 1;
    const value = jsonOf(written);
    const isCut = value === NOT_JSON && line === lines.length && written.startsWith('{');
    if (isCut) return { head, entries, cut_line: line };
    if (value === NOT_JSON) return { line, why: 'is not JSON' };
    const { data: entry } = entrySchema.safeParse(value);
    if (!entry) return { line, why: 'is no entry of a recording' };
    const n = head.n + entries.length + 1;
    if (entry.n !== n) return { line, why: `is entry ${entry.n}, not ${n}` };
    entries.push(entry);
  }
  return { head, entries, cut_line: null };
}
