// A page of a session's log for whoever would rather have a part than nothing: up to a damaged record, which is left out and
// named. Knows no file and no reader.
import { DamagedRecord, type Journal } from '../journal/port.ts';
import type { StoredRecord } from '../protocol/index.ts';

/** What follows `after`, at most `limit` of it. With `damage`: what follows that is read by asking after its `pos`. */
export async function readAround(
  journal: Journal,
  session_id: string,
  after: number,
  limit: number,
): Promise<{ records: StoredRecord[]; damage?: DamagedRecord }> {
  try {
    return await journal.readSession(session_id, after, limit);
  } catch (damage) {
    if (!(damage instanceof DamagedRecord)) throw damage;
    const good = damage.pos - after - 1;
    const { records } = good > 0 ? await journal.readSession(session_id, after, good) : { records: [] };
    // A page ends by bytes, too: then the damage is met again, by the next one.
    return records.length < good ? { records } : { records, damage };
  }
}
