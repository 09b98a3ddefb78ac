// The records of one run out of its session's log: what it answers, its frames, its prompts. Up to what is written; what is
// damaged is left out, and of a run that retention cut there is nothing. Knows no format.
import type { Journal, ReceiptRow } from '../journal/port.ts';
import { answeredStream, type StoredRecord, type TimedRecord } from '../protocol/index.ts';
import { readAround } from './log-page.ts';

const PAGE_RECORDS = 512;
/** How far before its first frame its message is looked for: little is written between them. */
const LOOK_BACK_RECORDS = 64;

export interface RunRecord extends TimedRecord {
  pos: number;
}

const OTHERS: readonly string[] = ['user_message', 'prompt_asked', 'prompt_settled'];

/** null: it is another's. Number and time are the record's, whatever a payload calls so. */
function recordOf(stored: StoredRecord, of: string): RunRecord | null {
  const { stream_id, seq, at, pos, event, json } = stored;
  const isFrame = stream_id === of;
  if (!isFrame && !OTHERS.includes(event)) return null;
  const data = JSON.parse(json);
  if (isFrame) return { pos, at, event, data: { ...data, stream_id, seq, at } };
  return answeredStream({ event, data }) === of ? { pos, at, event, data: { ...data, at } } : null;
}

/** A page at a time. */
export async function* readRun(
  journal: Journal,
  { stream, first_pos }: ReceiptRow,
): AsyncGenerator<RunRecord[]> {
  const { stream_id, session_id, owner } = stream;
  const session = await journal.getSession(owner, session_id);
  if (!session || stream.kept_from > 1) return;
  const until = stream.settled ? stream.last_pos : session.head;
  const begin = Math.max(session.kept_from, (first_pos || until) - LOOK_BACK_RECORDS);
  for (let after = begin - 1; after < until; ) {
    const { records, damage } = await readAround(journal, session_id, after, PAGE_RECORDS);
    const last = damage?.pos ?? records.at(-1)?.pos;
    if (last === undefined || last <= after) return;
    // P3: what was cut meanwhile is missing, and nobody would see that.
    if (records[0] && records[0].pos > after + 1) throw new Error('retention cut this run while it was read');
    const own = records.filter(({ pos }) => pos <= until).map((record) => recordOf(record, stream_id));
    yield own.filter((record) => record !== null);
    after = last;
  }
}
