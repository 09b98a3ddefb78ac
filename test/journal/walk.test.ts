// The walk of the log over tables in memory: which records, in which order, in pages of which size, and what it does when one of
// them is not what was written.
import { expect, test } from 'vitest';
import { DamagedRecord } from '../../src/journal/port.ts';
import { findSession, findStream } from '../../src/journal/rows.ts';
import { type SessionPlace, type StreamPlace, walkSession, walkStream } from '../../src/journal/walk.ts';
import { type Desk, openDesk } from './desk.ts';
import { admission, newSession, OWNER, started, token } from './support.ts';

/** Two sessions, of the second of which two runs have spoken, one after the other. */
function open(): Desk & { session(): SessionPlace; stream(of: string): StreamPlace } {
  const desk = openDesk();
  for (const session_id of ['other', 's'])
    desk.write('create', { owner: OWNER, session: newSession(session_id), at: 1 });
  speak(desk, 's', 'a', ['one', 'two', 'three']);
  speak(desk, 'other', 'z', ['nothing']);
  speak(desk, 's', 'b', ['four', 'five']);
  return {
    ...desk,
    session: () => findSession(desk.database, OWNER, 's') as SessionPlace,
    stream: (of) => ({ kept_from: 1, ...findStream(desk.database, `stream_${of}`) }) as StreamPlace,
  };
}

function speak({ write }: Desk, session_id: string, run: string, words: string[]): void {
  write('admit', { owner: OWNER, admission: admission(session_id, run), at: 10 });
  const stream = { stream_id: `stream_${run}`, epoch: 1 };
  write('append', started(stream));
  for (const word of words) write('append', token(stream, word));
  write('terminal', { ...stream, event: 'done', payload: '{"message_id":"m"}', at: 30 });
  write('settle', { ...stream, at: 40 });
}

const failure = (walk: () => unknown): DamagedRecord => {
  try {
    walk();
  } catch (error) {
    if (error instanceof DamagedRecord) return error;
    throw error;
  }
  throw new Error('nothing was damaged');
};
const change = ({ database }: Desk, sql: string): void => database.exec(sql);
/** The place of a frame. */
const placeOf = ({ database }: Desk, stream: StreamPlace, seq: number): number =>
  Number(
    database.sql('SELECT place FROM records WHERE stream_no = ? AND seq = ?').get(stream.stream_no, seq)
      ?.place,
  );

test('P3 a stream is its own frames, numbered from 1, whatever lies between, before and behind them', () => {
  const desk = open();
  for (const [of, count] of [
    ['a', 6],
    ['b', 5],
  ] as const) {
    const { records, head, kept_from } = walkStream(desk.database, desk.stream(of), 0, 100);
    expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, at) => at + 1));
    expect(
      records.every(({ stream_id, session_id }) => stream_id === `stream_${of}` && session_id === 's'),
    ).toBe(true);
    expect([head, kept_from]).toEqual([count, 1]);
  }
});

test('P3 a session is all its records, numbered from 1, and each frame knows its stream', () => {
  const desk = open();
  const { records, head } = walkSession(desk.database, desk.session(), 0, 100);
  expect(records.map(({ pos }) => pos)).toEqual(Array.from({ length: head }, (_, at) => at + 1));
  const frames = records.filter(({ seq }) => seq !== null);
  expect(frames.map(({ stream_id, seq }) => `${stream_id}:${seq}`)).toEqual([
    ...[1, 2, 3, 4, 5, 6].map((seq) => `stream_a:${seq}`),
    ...[1, 2, 3, 4, 5].map((seq) => `stream_b:${seq}`),
  ]);
  expect(records.filter(({ seq }) => seq === null).every(({ stream_id }) => stream_id === null)).toBe(true);
});

test('P3 page after page from any number on is the same log, once; at the head there is nothing', () => {
  const desk = open();
  for (const limit of [1, 2, 5]) {
    const whole = walkSession(desk.database, desk.session(), 0, 100).records;
    for (let after = 0; after <= whole.length; after += 1)
      expect(walkSession(desk.database, desk.session(), after, limit).records).toEqual(
        whole.slice(after, after + limit),
      );
    const frames = walkStream(desk.database, desk.stream('b'), 0, 100).records;
    for (let after = 0; after <= frames.length; after += 1)
      expect(walkStream(desk.database, desk.stream('b'), after, limit).records).toEqual(
        frames.slice(after, after + limit),
      );
  }
  for (const limit of [0, -1]) {
    expect(walkSession(desk.database, desk.session(), 0, limit).records).toEqual([]);
    expect(walkStream(desk.database, desk.stream('a'), 0, limit).records).toEqual([]);
  }
});

test('wire §3 what retention cut is not walked, and every page says what is kept', () => {
  const desk = open();
  const kept = { ...desk.session(), kept_from: 4 };
  expect(walkSession(desk.database, kept, 0, 2)).toMatchObject({
    records: [{ pos: 4 }, { pos: 5 }],
    kept_from: 4,
  });
  expect(walkSession(desk.database, kept, 4, 1)).toMatchObject({ records: [{ pos: 5 }] });
  const cut = { ...desk.stream('a'), kept_from: 3 };
  expect(walkStream(desk.database, cut, 0, 2)).toMatchObject({
    records: [{ seq: 3 }, { seq: 4 }],
    kept_from: 3,
  });
  expect(walkStream(desk.database, { ...cut, kept_from: 7 }, 0, 9)).toMatchObject({ records: [], head: 6 });
});

test('P10 a page ends with the record that takes it over a megabyte; the next goes on behind it', () => {
  const desk = open();
  const { write, database } = desk;
  write('admit', { owner: OWNER, admission: admission('s', 'c'), at: 50 });
  const stream = { stream_id: 'stream_c', epoch: 1 };
  write('append', started(stream));
  for (let n = 0; n < 6; n += 1) write('append', token(stream, 'x'.repeat(400 * 1024)));
  const place = desk.stream('c');
  const pages = [];
  for (let after = 0; after < place.head; ) {
    const { records } = walkStream(database, place, after, 100);
    pages.push(records.map(({ seq }) => seq));
    after = records.at(-1)?.seq ?? place.head;
  }
  expect(pages).toEqual([
    [1, 2, 3, 4],
    [5, 6, 7],
  ]);
});

test('P1 a record that is not what was written is damage at its place, and nothing behind it is shown', () => {
  const desk = open();
  const stream = desk.stream('a');
  change(
    desk,
    `UPDATE records SET json = replace(json, 'two', 'six') WHERE place = ${placeOf(desk, stream, 3)}`,
  );
  const bad = failure(() => walkStream(desk.database, stream, 0, 100));
  expect(bad).toMatchObject({ session_id: 's', reason: 'its checksum does not match what it says' });
  expect(failure(() => walkSession(desk.database, desk.session(), 0, 100))).toMatchObject({ pos: bad.pos });
  expect(walkSession(desk.database, desk.session(), 0, bad.pos - 1).records).toHaveLength(bad.pos - 1);
  expect(walkStream(desk.database, stream, 0, 2).records).toHaveLength(2);
  expect(walkStream(desk.database, stream, 3, 100).records).toHaveLength(3);
});

test('P1 a frame that is missing is damage, at the record that stands in its place', () => {
  const desk = open();
  const stream = desk.stream('a');
  change(desk, `DELETE FROM records WHERE place = ${placeOf(desk, stream, 3)}`);
  expect(failure(() => walkStream(desk.database, stream, 0, 100)).reason).toBe(
    'frame 3 of stream stream_a is missing',
  );
  const missing = failure(() => walkSession(desk.database, desk.session(), 0, 100));
  expect(missing.reason).toBe(`record ${missing.pos - 1} is missing`);
  // Whoever stands behind it has lost nothing.
  expect(walkStream(desk.database, stream, 3, 100).records.map(({ seq }) => seq)).toEqual([4, 5, 6]);
});

test('P1 a log that ends before its head is damaged at its end; a page that is full has not ended', () => {
  const desk = open();
  const stream = desk.stream('a');
  const last = placeOf(desk, stream, 6);
  change(desk, `DELETE FROM records WHERE place = ${last}`);
  expect(failure(() => walkStream(desk.database, stream, 0, 100))).toMatchObject({
    session_id: 's',
    pos: stream.last_pos,
    reason: 'the log ends before its head 6',
  });
  expect(walkStream(desk.database, stream, 0, 5).records).toHaveLength(5);
  expect(failure(() => walkStream(desk.database, stream, 0, 6)).reason).toContain('ends before');
  const whole = walkSession(desk.database, desk.session(), desk.session().head - 1, 100).records;
  change(desk, `DELETE FROM records WHERE json = '${whole[0]?.json.replaceAll("'", "''")}'`);
  expect(
    failure(() => walkSession(desk.database, desk.session(), desk.session().head - 1, 100)),
  ).toMatchObject({
    pos: desk.session().head,
  });
});

test('P1 a frame of a stream that is not there any more does not pass for another’s', () => {
  const desk = open();
  change(desk, `DELETE FROM streams WHERE stream_id = 'stream_a'`);
  expect(failure(() => walkSession(desk.database, desk.session(), 0, 100)).reason).toContain('checksum');
});

test('P1 a page of the file that can’t be read is damage behind what could be; any other failure is not the log’s', () => {
  const desk = open();
  const failing = (errcode: number, after: number) => ({
    ...desk.database,
    sql(text: string) {
      const statement = desk.database.sql(text);
      if (!text.includes('FROM records')) return statement;
      return {
        *iterate(...given: never[]) {
          let left = after;
          for (const row of statement.iterate(...given)) {
            if (left === 0) throw Object.assign(new Error('disk image'), { errcode });
            left -= 1;
            yield row;
          }
        },
      };
    },
  });
  const walk = (errcode: number, after: number, from = 0) =>
    walkSession(failing(errcode, after) as never, desk.session(), from, 100);
  expect(failure(() => walk(11, 0))).toMatchObject({
    session_id: 's',
    pos: 1,
    reason: 'its page is malformed',
  });
  expect(failure(() => walk(11, 3))).toMatchObject({ pos: 4 });
  expect(failure(() => walk(11, 0, 5))).toMatchObject({ pos: 6 });
  expect(() => walk(10, 1)).toThrow('disk image');
  const { first_pos } = desk.stream('b');
  expect(failure(() => walkStream(failing(11, 0) as never, desk.stream('b'), 0, 9))).toMatchObject({
    pos: first_pos,
  });
  expect(failure(() => walkStream(failing(11, 0) as never, desk.stream('b'), 2, 9))).toMatchObject({
    pos: first_pos + 2,
  });
});
