// @vitest-environment jsdom
// The live tail shows a word as what it will be when its block is settled: nothing flickers.
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createTail } from '../../src/ui/renderer/tail.ts';

// The streaming parser asserts on odd input; the build leaves its assertions out.
vi.spyOn(console, 'assert').mockImplementation(() => {});

function shown(text: string, cuts: number[] = []): HTMLElement {
  const root = document.createElement('div');
  const tail = createTail(root);
  const at = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const end of [...at, text.length]) {
    tail.write(text.slice(from, end));
    from = end;
  }
  return root;
}

const WORDS = [
  'stream_end',
  'a_b_c',
  'snake_case_',
  'http_status',
  'x__y',
  '2_000',
  'é_ü',
  '**bold_word**',
  '*soft_word*',
];

test('AT2 an underscore inside a word begins no emphasis, however the text is cut', () => {
  const sentences = fc.array(fc.constantFrom(...WORDS, 'and', 'then,'), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(sentences, fc.array(fc.nat(), { maxLength: 20 }), (words, cuts) => {
      const text = `The ${words.join(' ')} end.`;
      const root = shown(text, cuts);
      expect(root.textContent).toBe(text.replaceAll('*', ''));
      expect(root.querySelectorAll('em').length).toBe(words.filter((word) => /^\*\w/.test(word)).length);
    }),
    { numRuns: 300 },
  );
});

test('AT2 an underscore before a word still does, and code and addresses keep theirs', () => {
  expect(shown('so _very_ much and __more__ of it ').innerHTML).toBe(
    '<p>so <em>very</em> much and <strong>more</strong> of it </p>',
  );
  expect(shown('call `a_b(c_d)` now ').querySelector('code')?.textContent).toBe('a_b(c_d)');
  expect(shown('```py\nsnake_case = a_b\nmore_of_it\n').querySelector('pre')?.textContent).toBe(
    'snake_case = a_b\nmore_of_it',
  );
  expect(shown('```my_lang\nx_y\n').querySelector('pre')?.textContent).toBe('x_y');
  const link = shown('see [a_b c_d](https://example.org/a_b?c_d=e_f) there ').querySelector('a');
  expect([link?.textContent, link?.getAttribute('href')]).toEqual([
    'a_b c_d',
    'https://example.org/a_b?c_d=e_f',
  ]);
  const raw = shown('see https://example.org/a_b/c_d there ').querySelector('a');
  expect(raw?.getAttribute('href')).toBe('https://example.org/a_b/c_d');
});
