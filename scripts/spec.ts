// Writes the last chapter of SPEC.md: the tests of every rule, by their titles. With --check it only says whether that
// chapter is up to date.
import { read, writeOrCheck } from './source.ts';
import { citedIn, lessonsOf, MADE_BELOW, rulesOf, writtenPart } from './spec/rules.ts';
import { allTitles, type TestTitle } from './spec/titles.ts';

const FILE = 'SPEC.md';

/** Rule id → the tests whose titles cite it. */
export function testsByRule(titles: TestTitle[]): Map<string, TestTitle[]> {
  const tests = new Map<string, TestTitle[]>();
  for (const test of titles)
    for (const id of citedIn(test.title)) tests.set(id, [...(tests.get(id) ?? []), test]);
  return tests;
}

/** Markdown's own signs in a title are what they are. */
const plain = (title: string): string => title.replace(/[\\*_<>[\]|]/g, '\\$&');

function chapterOf(id: string, tests: TestTitle[]): string[] {
  const lines = tests.map(({ file, title }) => `- \`${file}\`: ${plain(title)}`);
  return [`**${id}**`, '', ...lines, ''];
}

/** Tests that no rule asks for; `%s` alone is a row of a table, named elsewhere. */
const others = (titles: TestTitle[]): TestTitle[] =>
  titles.filter(({ title }) => citedIn(title).length === 0 && title !== '%s');

/** SPEC.md as it should be. */
export function specPage(page: string, titles: TestTitle[]): string {
  const tests = testsByRule(titles);
  const known = [...rulesOf(page), ...lessonsOf(page)];
  const chapters = [
    ...known.flatMap(({ id }) => (tests.has(id) ? chapterOf(id, tests.get(id) ?? []) : [])),
    ...chapterOf('without a rule', others(titles)),
  ];
  return `${writtenPart(page)}${MADE_BELOW}\n\n${chapters.join('\n')}`;
}

if (import.meta.main) writeOrCheck(FILE, specPage(read(FILE), allTitles()), 'spec');
