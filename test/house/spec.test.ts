// SPEC.md, the code and the tests speak of the same rules.
import { expect, test } from 'vitest';
import { filesBelow, read } from '../../scripts/source.ts';
import { citedIn, lessonsOf, rulesOf, writtenPart } from '../../scripts/spec/rules.ts';
import { allTitles } from '../../scripts/spec/titles.ts';
import { specPage, testsByRule } from '../../scripts/spec.ts';

const page = read('SPEC.md');
const rules = rulesOf(page);
const lessons = lessonsOf(page);
const titles = allTitles();
const tests = testsByRule(titles);
const known = new Set([...rules, ...lessons].map(({ id }) => id));

/** A test that a person named: `file` “title”. */
const NAMED = /`(test\/[^`]+)` “([^”]+)”/g;

test('house every rule is defined once, and there are the lessons 1 to 120', () => {
  expect(rules.map(({ id }) => id)).toEqual([...new Set(rules.map(({ id }) => id))]);
  expect(lessons.map(({ id }) => id)).toEqual(Array.from({ length: 120 }, (_, n) => `lesson ${n + 1}`));
});

test('house every rule that code cites is in SPEC.md', () => {
  const cited = filesBelow('src', '.ts', '.tsx').flatMap((file) =>
    citedIn(read(file)).map((id) => ({ id, file })),
  );
  expect(cited.length).toBeGreaterThan(50);
  expect(cited.filter(({ id }) => !known.has(id))).toEqual([]);
});

test('house every rule that a test cites is in SPEC.md', () => {
  expect(titles.length).toBeGreaterThan(200);
  const cited = titles.flatMap((title) => citedIn(title.title).map((id) => ({ id, ...title })));
  expect(cited.filter(({ id }) => !known.has(id))).toEqual([]);
});

test('house every test that SPEC.md names exists', () => {
  const named = [...writtenPart(page).matchAll(NAMED)].map(([, file, title]) => `${file} ${title}`);
  expect(named.length).toBeGreaterThan(0);
  const existing = new Set(titles.map(({ file, title }) => `${file} ${title}`));
  expect(named.filter((name) => !existing.has(name))).toEqual([]);
});

test('house every rule of this version has a test', () => {
  expect(rules.filter(({ id, isLater }) => !isLater && !tests.has(id)).map(({ id }) => id)).toEqual([]);
});

test('house every lesson has a rule or a test, or says when it will or why it need not', () => {
  const open = lessons.filter(({ id, held }) => {
    if (/^(comes with|does not apply:) ./.test(held)) return false;
    const cited = citedIn(held);
    return (
      !(tests.has(id) || cited.some((rule) => tests.has(rule))) || cited.some((rule) => !known.has(rule))
    );
  });
  expect(open).toEqual([]);
});

test('house the chapter of tests is up to date; if this fails: npm run spec', () => {
  expect(page).toBe(specPage(page, titles));
});
