import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createKeptText } from '../../src/agents/openai/kept-text.ts';

const MARK = /\n… (\d+) characters left out …\n/;

/** What is kept of `pieces`, and the whole. */
function keep(pieces: readonly string[], length_max: number, bytes_max: number) {
  const kept = createKeptText(length_max);
  for (const piece of pieces) kept.push(piece);
  return { whole: pieces.join(''), ...kept.end(bytes_max) };
}

describe('kept text', () => {
  test('AG14 in whatever pieces, it is the whole or its beginning, how much is missing, and its end', () => {
    const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\u001b'), maxLength: 30 }));
    fc.assert(
      fc.property(
        pieces,
        fc.integer({ min: 2, max: 60 }),
        fc.integer({ min: 80, max: 400 }),
        (given, n, bytes) => {
          const { whole, text, isCut } = keep(given, n, bytes);
          expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThanOrEqual(bytes);
          expect(isCut).toBe(text !== whole);
          if (!isCut) return;
          const found = MARK.exec(text)!;
          const [head, tail] = [text.slice(0, found.index), text.slice(found.index + found[0].length)];
          expect(whole.startsWith(head) && whole.endsWith(tail)).toBe(true);
          expect(head.length + Number(found[1]) + tail.length).toBe(whole.length);
          expect(head.length).toBe(Math.min(head.length, Math.floor(n / 2)));
        },
      ),
    );
  });

  test('AG14 what is within both bounds is kept as it is', () => {
    expect(keep(['x'.repeat(50), 'y'.repeat(50)], 100, 102)).toMatchObject({ isCut: false });
    expect(keep(['x'.repeat(50), 'y'.repeat(50)], 100, 101)).toMatchObject({ isCut: true });
    expect(keep(['x'.repeat(50), 'y'.repeat(51)], 100, 1000)).toMatchObject({ isCut: true });
    expect(keep([], 100, 100)).toMatchObject({ text: '', isCut: false });
  });

  test('AG14 no half of a character is left at a cut', () => {
    const { text } = keep(['🙂'.repeat(40)], 10, 1000);
    expect(text.isWellFormed()).toBe(true);
  });
});
