// What may be shown of a value: nothing that anybody wrote, and always in bounds.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { REDACTED_BYTES_MAX, redact } from '../../src/protocol/redaction.ts';

const shown = (value: object) => redact(value).value;

test('IN4 ids, numbers, states and words of ours stay', () => {
  const entry = {
    type: 'prompt.asked',
    at: 1_700_000_000_000,
    pos: 4,
    live: true,
    terminal: null,
    reason: 'producer_silent',
    stream_id: 'st_Ab-9_x',
    nested: { kind: 'clarify', list: ['one', 2, { path: 'draining.closing' }] },
  };
  expect(shown(entry)).toEqual(entry);
});

test('IN4 what is written becomes its length: prose anywhere, and anything below the keys of what people write', () => {
  expect(
    shown({
      why: 'The disk is full',
      error: { type: 'silent', message: 'No.' },
      choices_offered: ['Yes', 'No'],
      answer: { response: 'Postgres' },
      args: 17,
      multiple: false,
      long: 'x'.repeat(81),
      '‹a key of theirs›': 1,
    }),
  ).toEqual({
    why: '‹16 chars›',
    error: { type: 'silent', message: '‹3 chars›' },
    choices_offered: ['‹3 chars›', '‹2 chars›'],
    answer: '‹1 keys›',
    args: '‹number›',
    multiple: false,
    long: '‹81 chars›',
    '‹17 chars›': 1,
  });
});

test('IN4 IN6 whatever the value, no prose of it is left, and twice is the same as once', () => {
  const prose = fc.string({ minLength: 3, maxLength: 40 }).map((text) => `${text} ¶ ${text}`);
  const value = fc.object({
    values: [prose, fc.integer(), fc.constant('word'), fc.constant(null)],
    maxDepth: 5,
  });
  const property = fc.property(value, (given) => {
    const once = shown(given);
    expect(JSON.stringify(once)).not.toContain('¶');
    expect(shown(once)).toEqual(once);
  });
  // No key is a key's prototype.
  fc.assert(property, { numRuns: 300, examples: [[JSON.parse('{"__proto__":{"":0}}')]] });
});

test('IN5 whatever the value, it is bounded, and a value that is cut says so', () => {
  const wide = { list: Array.from({ length: 100_000 }, (_, id) => ({ id })) };
  const deep = Array.from({ length: 1_000 }).reduce<object>((inner) => ({ inner }), {});
  const keys = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`key${at}`, 'word']));
  const heavy = {
    lists: Array.from({ length: 200 }, () => Array.from({ length: 200 }, () => 'w'.repeat(80))),
  };
  const written = { choices: [...heavy.lists, 'and one more'] };
  for (const value of [wide, deep, keys, heavy, written]) {
    const json = JSON.stringify(shown(value));
    expect(json.length).toBeLessThan(REDACTED_BYTES_MAX * 1.5);
    expect(json).toContain('‹cut›');
  }
});
