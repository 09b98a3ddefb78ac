// Cursors: the valid, the greater, and every kind of wrong.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CURSOR_BYTES_MAX,
  type CursorInput,
  eventId,
  Rejection,
  resolveCursor,
} from '../../src/protocol/index.ts';

const HEAD = 10;
const from = (input: Partial<CursorInput>, head = HEAD, kept_from = 1) =>
  resolveCursor('r_1', { ids: [], numbers: [], ...input }, head, kept_from);

test('wire §3 no cursor starts at the first frame', () => {
  expect(from({})).toEqual({ after: 0 });
  expect(from({ ids: [undefined], numbers: [undefined] })).toEqual({ after: 0 });
});

test('lesson 4 head 0 is a known head: a cursor of 0 is at its tail, 1 is ahead of it', () => {
  expect(from({ ids: ['r_1:0'] }, 0)).toEqual({ after: 0 });
  expect(from({ ids: ['r_1:1'] }, 0)).toEqual({ after: 0, reset: 'ahead' });
});

test('lesson 12 a cursor at the head asks for nothing again', () => {
  expect(from({ ids: ['r_1:10'] })).toEqual({ after: 10 });
  expect(from({ numbers: ['10'] })).toEqual({ after: 10 });
});

test('lesson 11 of several valid cursors the greater wins, wherever it stands', () => {
  expect(from({ ids: ['r_1:3', 'r_1:7'], numbers: ['5'] })).toEqual({ after: 7 });
  expect(from({ ids: ['r_1:7', 'r_1:3'], numbers: ['9'] })).toEqual({ after: 9 });
  expect(from({ ids: [undefined, 'r_1:2'], numbers: [undefined] })).toEqual({ after: 2 });
});

const MALFORMED_NUMBERS = [
  '',
  '-1',
  '-0',
  '+1',
  '1.0',
  '1e3',
  '0x10',
  '01',
  ' 1',
  '1 ',
  '９',
  'NaN',
  'Infinity',
];
const TOO_LARGE = ['9007199254740992', '9007199254740993', '99999999999999999999', `1${'0'.repeat(300)}`];

test('lesson 10 a number that is none, negative or beyond 2^53 resets instead of being guessed', () => {
  for (const number of [...MALFORMED_NUMBERS, ...TOO_LARGE]) {
    expect(from({ numbers: [number] })).toEqual({ after: 0, reset: 'malformed' });
    expect(from({ ids: [`r_1:${number}`] })).toEqual({ after: 0, reset: 'malformed' });
  }
});

test('lesson 10 an id that is none resets', () => {
  for (const id of [
    '',
    ':',
    ':5',
    'r_1',
    'r_1:',
    'r 1:5',
    'r_1:5:',
    '../x:5',
    `${'x'.repeat(65)}:5`,
    'r_1;5',
    'ä:1',
    '55',
  ])
    expect(from({ ids: [id] })).toEqual({ after: 0, reset: 'malformed' });
});

test('lesson 6 a well-formed cursor of anything else is foreign and filters nothing', () => {
  for (const id of ['x:5', 'r_2:5', 'R_1:5', '__proto__:5', 'constructor:1', 'r_1x:10', 'never-was:99'])
    expect(from({ ids: [id] })).toEqual({ after: 0, reset: 'foreign' });
});

test('lesson 10 a cursor from the future is ahead', () => {
  for (const n of ['11', '9007199254740991']) {
    expect(from({ ids: [`r_1:${n}`] })).toEqual({ after: 0, reset: 'ahead' });
    expect(from({ numbers: [n] })).toEqual({ after: 0, reset: 'ahead' });
  }
});

test('wire §3 one invalid cursor beside a valid one resets: never a guess', () => {
  expect(from({ ids: ['r_1:3', 'r_2:3'] })).toEqual({ after: 0, reset: 'foreign' });
  expect(from({ ids: ['nonsense'], numbers: ['5'] })).toEqual({ after: 0, reset: 'malformed' });
  expect(from({ ids: ['r_1:5'], numbers: ['11'] })).toEqual({ after: 0, reset: 'ahead' });
});

test('wire §3 a cursor in what retention has cut is expired, and starts with what is kept', () => {
  expect(from({ ids: ['r_1:2'] }, HEAD, 5)).toEqual({ after: 4, reset: 'expired' });
  expect(from({ ids: ['r_1:4'] }, HEAD, 5)).toEqual({ after: 4 });
  expect(from({}, HEAD, 5)).toEqual({ after: 4 });
  expect(from({ ids: ['bad'] }, HEAD, 5)).toEqual({ after: 4, reset: 'malformed' });
});

const refusedWith = (act: () => unknown): Rejection => {
  try {
    act();
  } catch (failure) {
    if (failure instanceof Rejection) return failure;
    throw failure;
  }
  throw new Error('nothing was refused');
};

test('wire §3 over 1 KiB, a megabyte, or control characters: 400', () => {
  const hostile = [
    `r_1:${'1'.repeat(CURSOR_BYTES_MAX)}`,
    '1'.repeat(1024 * 1024),
    'r_1:5\0',
    'r_1:\n5',
    '\r',
    'r_1:5\u007f',
    '\u001b[31m5',
  ];
  for (const raw of hostile) {
    expect(refusedWith(() => from({ ids: [raw] }))).toMatchObject({ status: 400, data: { field: 'cursor' } });
    expect(refusedWith(() => from({ numbers: [raw] })).body).toMatchObject({
      code: 'bad_request',
      field: 'cursor',
    });
  }
  expect(refusedWith(() => from({ ids: ['1'.repeat(CURSOR_BYTES_MAX + 1)] })).message).toContain(
    `at most ${CURSOR_BYTES_MAX} bytes`,
  );
  expect(refusedWith(() => from({ ids: ['r_1:5\0'] })).message).toContain('control characters');
});

test('wire §3 exactly 1 KiB is a cursor, if a malformed one', () => {
  expect(from({ numbers: ['1'.repeat(CURSOR_BYTES_MAX)] })).toEqual({ after: 0, reset: 'malformed' });
});

test('wire §4 what stands in the id line of a feed is what comes back as its cursor', () => {
  expect(eventId('r_1', 7)).toBe('r_1:7');
  expect(from({ ids: [eventId('r_1', 7)] })).toEqual({ after: 7 });
});

test('wire §3 the 1 KiB of a cursor are bytes, not characters', () => {
  expect(refusedWith(() => from({ ids: ['€'.repeat(400)] })).status).toBe(400);
});

test('wire §3 whatever is sent, the start lies between what is kept and the head, and is exact or a reset', () => {
  const number = fc.oneof(fc.nat(15).map(String), fc.string(), fc.maxSafeInteger().map(String));
  const id = fc.oneof(
    number.map((n) => `r_1:${n}`),
    number.map((n) => `r_2:${n}`),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  fc.assert(
    fc.property(
      fc.array(id, { maxLength: 2 }),
      fc.array(number, { maxLength: 1 }),
      fc.nat(12),
      fc.integer({ min: 1, max: 5 }),
      (ids, numbers, head, kept) => {
        const kept_from = Math.min(kept, head + 1);
        let start: ReturnType<typeof from>;
        try {
          start = from({ ids, numbers }, head, kept_from);
        } catch (failure) {
          expect(failure).toBeInstanceOf(Rejection);
          return;
        }
        expect(start.after).toBeGreaterThanOrEqual(kept_from - 1);
        expect(start.after).toBeLessThanOrEqual(head);
        if (start.reset) expect(start.after).toBe(kept_from - 1);
        else {
          const given = [...ids.map((each) => each.slice(each.lastIndexOf(':') + 1)), ...numbers].map(Number);
          expect(start.after).toBe(Math.max(kept_from - 1, ...given));
        }
      },
    ),
    { numRuns: 200 },
  );
});
