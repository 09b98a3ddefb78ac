// What must not stand in any file, and how large a file may be. Patterns are put together so that this file passes itself.
import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { limitsPage } from '../../scripts/limits.ts';
import { filesBelow, read } from '../../scripts/source.ts';

const ENDINGS = ['.ts', '.tsx', '.cjs', '.css', '.html', '.json', '.md', '.mmd', '.svg', '.sh'];
const FOLDERS = ['src', 'test', 'scripts', 'bench', 'docs', 'diagrams'];

/** Everything that people wrote, and what scripts of ours made. */
const files = [
  ...FOLDERS.flatMap((folder) => filesBelow(folder, ...ENDINGS)),
  ...readdirSync(new URL('../../', import.meta.url)).filter(
    (name) => ENDINGS.some((ending) => name.endsWith(ending)) && name !== 'package-lock.json',
  ),
];

const isSource = (file: string): boolean => /^(src|scripts|bench)\/.*\.(ts|tsx)$/.test(file);
const isTest = (file: string): boolean => /^test\/.*\.(ts|tsx)$/.test(file);
const SOURCE_LINES_MAX = 300;

interface Hit {
  file: string;
  line: number;
  text: string;
}

function hits(pattern: RegExp, of: (file: string) => boolean): Hit[] {
  const looked = files.filter(of);
  expect(looked.length).toBeGreaterThan(0);
  return looked.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((text, at) => (pattern.test(text) ? [{ file, line: at + 1, text: text.trim() }] : [])),
  );
}

const word = (...parts: string[]): string => parts.join('');

test('house no file knows a path of the machine it was written on', () => {
  const homes = [
    word('/ho', 'me/'),
    word('/Us', 'ers/'),
    word('/wo', 'rk/'),
    word('/ro', 'ot/'),
    word('C:', '\\\\'),
  ];
  expect(hits(new RegExp(`(^|["'\`( =])(${homes.join('|')})`), () => true)).toEqual([]);
});

test('house nothing is left for later in a comment', () => {
  expect(
    hits(new RegExp(`\\b(${word('TO', 'DO')}|${word('FIX', 'ME')}|${word('X', 'XX')})\\b`), () => true),
  ).toEqual([]);
});

test('house no test is left out, and none runs alone', () => {
  const calls = new RegExp(
    `\\b(test|it|describe|suite)(\\.\\w+)*\\.(${word('on', 'ly')}|${word('sk', 'ip')}|${word('to', 'do')})\\b`,
  );
  expect(hits(calls, isTest)).toEqual([]);
});

/** They look again for a fact that nobody tells, until it is there. */
const LOOKS_AGAIN = ['test/support/eventually.ts'];
/** A reader that takes one event a second, in a campaign that is called by name and is no test; readers that come back when
 * they were told to, and pauses that are the fault. */
const SLOW_ON_PURPOSE = ['test/campaigns/prompt-slow.ts', 'test/campaigns/crowd.ts'];

test('house no test waits for time to pass', () => {
  const sleeps = new RegExp(
    [
      `${word('set', 'Timeout')}\\(\\s*(resolve|done|go|r)\\b`,
      `timers/${word('pro', 'mises')}`,
      `\\b${word('sl', 'eep')}\\(\\d`,
      word('waitFor', 'Timeout'),
    ].join('|'),
  );
  const left = [...LOOKS_AGAIN, ...SLOW_ON_PURPOSE];
  expect(hits(sleeps, (file) => isTest(file) && !left.includes(file))).toEqual([]);
});

test('house no source file is longer than 300 lines', () => {
  const long = files
    .filter(isSource)
    .map((file) => ({ file, lines: read(file).trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > SOURCE_LINES_MAX);
  expect(long).toEqual([]);
});

test('house every module says in its first line what it is for', () => {
  const silent = files.filter(isSource).filter((file) => !/^(\/\/|\/\*\*|#!)/.test(read(file)));
  expect(silent).toEqual([]);
});

test('house every link of a page leads to something', () => {
  const links = files
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) =>
      [...read(file).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => ({
        file,
        target: target ?? '',
      })),
    );
  expect(links.length).toBeGreaterThan(10);
  const root = new URL('../../', import.meta.url);
  expect(links.filter(({ file, target }) => !existsSync(new URL(target, new URL(file, root))))).toEqual([]);
});

test('house docs/limits.md lists every bound with its value; if this fails: npm run limits', () => {
  expect(read('docs/limits.md')).toBe(limitsPage());
});
