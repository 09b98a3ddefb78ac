// JSON from strangers: what is refused, what survives, and how long it may take.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from '../../src/http/json-text.ts';
import { JSON_DEPTH_MAX, Rejection } from '../../src/protocol/index.ts';

const refusal = (text: string): Rejection => {
  try {
    parseJson(text);
  } catch (failure) {
    if (failure instanceof Rejection) return failure;
    throw failure;
  }
  throw new Error(`taken: ${text.slice(0, 80)}`);
};

test('wire §6 depth is bounded, a million deep included, and brackets in strings do not count', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  expect(parseJson(nested(JSON_DEPTH_MAX))).toBeDefined();
  for (const depth of [JSON_DEPTH_MAX + 1, 1_000_000])
    expect(refusal(nested(depth)).code).toBe('bad_request');
  expect(refusal('{"a":'.repeat(1_000_000)).code).toBe('bad_request');
  const text = '[{"'.repeat(1_000);
  expect(parseJson(JSON.stringify([text]))).toEqual([text]);
  expect(parseJson(JSON.stringify([`\\"${text}\\`]))).toEqual([`\\"${text}\\`]);
});

test('wire §5 a key that stands twice is refused, however it is written, at any depth', () => {
  for (const text of ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '[{"x":{"b":1,"b":1}}]', '{"":1,"":2}'])
    expect(refusal(text).code).toBe('bad_request');
  expect(refusal('{"a":1,"a":2}').data.field).toBe('a');
  expect(parseJson('{"a":{"a":1},"b":["a","a",{"a":1}]}')).toEqual({ a: { a: 1 }, b: ['a', 'a', { a: 1 }] });
});

test('wire §5 a number beyond the finite is refused', () => {
  for (const text of ['1e400', '-1e400', '[1e999999]', '{"a":[0,1E400]}', `1${'0'.repeat(400)}`])
    expect(refusal(text).code).toBe('bad_request');
  expect(parseJson('[1e308,-0,"1e400"]')).toEqual([1e308, -0, '1e400']);
});

test('wire §6 __proto__ and constructor are data, and touch no prototype', () => {
  const value = parseJson(
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
  ) as object;
  expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
  expect(JSON.stringify(value)).toContain('"__proto__":{"polluted":1}');
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test('wire §4 what is no JSON is refused with a sentence', () => {
  for (const text of [
    '',
    '{',
    '}',
    '"',
    "{'a':1}",
    '[1,]',
    'undefined',
    '\ufeff{}',
    '{"a":1}{"b":2}',
    '"a\nb"',
    '][',
  ])
    expect(refusal(text).body.error).toMatch(/body/);
});

// Each of these took minutes, or broke the parser, when a string's end was searched for with a pattern.
const HEAVY: [string, string, number][] = [
  ['a megabyte of escaped quotes without an end', `"${'\\"'.repeat(500_000)}`, 500],
  ['a megabyte of quotes', '"'.repeat(1_000_000), 500],
  ['a megabyte of backslashes', `"${'\\'.repeat(1_000_001)}`, 500],
];

test('P10 the time to refuse a text grows with its length and no faster', () => {
  for (const [what, text, ms] of HEAVY) {
    const begun = performance.now();
    refusal(text);
    expect(performance.now() - begun, what).toBeLessThan(ms);
  }
});

test('wire §4 one string of 50 MB is read like any other', () => {
  const text = 'x'.repeat(50_000_000);
  expect((parseJson(`{"a":"${text}"}`) as { a: string }).a.length).toBe(text.length);
});

test('wire §4 every JSON value within the bounds comes through unchanged', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.nat(4), (value, space) => {
      expect(parseJson(JSON.stringify(value, null, space))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('wire §4 any text is taken as JSON.parse takes it, or refused with 400', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    ':',
    ',',
    '1',
    '-',
    'e',
    '"a"',
    '"a":',
    'true',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const text = pieces.join('');
      let value: unknown;
      try {
        value = parseJson(text);
      } catch (failure) {
        expect(failure).toBeInstanceOf(Rejection);
        return;
      }
      expect(value).toEqual(JSON.parse(text));
    }),
    { numRuns: 2_000 },
  );
});
