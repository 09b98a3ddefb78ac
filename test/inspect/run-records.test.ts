// The log of an exported run, checked: what is missing, doubled or after the end is named.
import { expect, test } from 'vitest';
import { createRunRecords } from '../../src/inspect/run-records.ts';

const EVENTS = ['stream_started', 'token', 'done', 'metering', 'stream_end'];
const RECORDS = EVENTS.map((event, at) => ({
  ...{ kind: 'record' as const, n: at + 1, at: 1, actor: 'stream:st_1', pos: at + 2, event },
  data: { stream_id: 'st_1', seq: at + 1 },
}));
function wrongIn(records: typeof RECORDS): unknown[] {
  const wrong: unknown[] = [];
  const log = createRunRecords((entry, what, recorded) => wrong.push([entry.pos, what, recorded]));
  for (const record of records) log.take(record);
  return wrong;
}

test('IN6 P1 ST1 the log of a run has no hole, no double, one end, and nothing after it', () => {
  expect(wrongIn(RECORDS)).toEqual([]);
  expect(wrongIn(RECORDS.filter(({ event }) => event !== 'token'))).toEqual([[4, 'seq', 3]]);
  expect(wrongIn(RECORDS.toSpliced(1, 0, RECORDS[0]!)).map((wrong) => (wrong as unknown[])[1])).toEqual([
    'pos',
    'seq',
  ]);
  const more = { ...RECORDS[1]!, n: 9, pos: 9, data: { stream_id: 'st_1', seq: 6 } };
  expect(wrongIn([...RECORDS, more])).toEqual([[9, 'event', 'token']]);
  expect(
    wrongIn(RECORDS.map((record) => (record.event === 'metering' ? { ...record, event: 'cancel' } : record))),
  ).toEqual([[5, 'event', 'cancel']]);
});
