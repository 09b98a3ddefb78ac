// PROTOCOL.md leaves nothing out: every route, code, event, field and setting of the source stands in it.
import { expect, test } from 'vitest';
import { read } from '../../scripts/source.ts';
import {
  approvalEntrySchema,
  approvalRespondSchema,
  CHOICE_KINDS,
  clarifyEntrySchema,
  clarifyRespondSchema,
  frameSchemas,
  OPTION_KINDS,
  OUTCOMES,
  PROMPT_ENDS,
  queueStateSchema,
  RUN_STATES,
  ruleSchema,
  STATUS_OF,
  sessionRecordSchemas,
  sessionSchema,
  streamStateSchema,
} from '../../src/protocol/index.ts';
import { ROUTES } from '../../src/protocol/routes.ts';
import { SETTINGS } from '../../src/settings.ts';

const page = read('PROTOCOL.md');
/** The chapter that begins with `## N `. */
const chapter = (n: number): string => page.split(/^## /m).find((part) => part.startsWith(`${n} `)) ?? '';

/** A word stands there in code, an optional field with its question mark. */
const missing = (words: string[], where: string): string[] =>
  words.filter((word) => !where.includes(`\`${word}\``) && !where.includes(`\`${word}?\``));

/** The row of a table whose first column is `word`. */
const rowOf = (n: number, word: string): string =>
  chapter(n)
    .split('\n')
    .find((line) => line.startsWith(`| \`${word}\` |`)) ?? '';

test('wire §4 every route of the table is in PROTOCOL.md', () => {
  const routes = ROUTES.map(({ method, path }) => ({
    method: method.toUpperCase(),
    path: path.replace(/\{(\w+)\}/g, ':$1'),
  }));
  const absent = routes.filter(({ method, path }) => {
    const short = path.replace('/api/sessions/:id/queue/', '…/queue/');
    // The path as a whole, not as the beginning of another.
    return ![path, short].some((each) =>
      new RegExp(`${method} ${RegExp.escape(each)}(?![\\w/:-])`).test(page),
    );
  });
  expect(absent).toEqual([]);
});

test('wire §4 every code is in PROTOCOL.md, with its status', () => {
  for (const [code, status] of Object.entries(STATUS_OF)) {
    if (code === 'sequence_gap') expect(chapter(9)).toContain(`\`${code}\``);
    else if (code === 'cursor_expired') expect(chapter(9)).toContain(`\`${code}\` (${status})`);
    else expect(chapter(4)).toContain(`| \`${code}\` | ${status} |`);
  }
});

test('wire §5 every frame is in PROTOCOL.md, with its fields', () => {
  expect(missing(Object.keys(frameSchemas), chapter(5))).toEqual([]);
  for (const [event, schema] of Object.entries(frameSchemas)) {
    expect(missing(Object.keys(schema.shape), rowOf(5, event)), event).toEqual([]);
  }
});

test('wire §4 every record that is no frame is in PROTOCOL.md, with its fields', () => {
  for (const [event, schema] of Object.entries(sessionRecordSchemas)) {
    expect(missing(Object.keys(schema.shape), rowOf(4, event)), event).toEqual([]);
  }
});

test('wire §4 every field of a session and of a stream’s state is in PROTOCOL.md', () => {
  expect(missing(Object.keys(sessionSchema.shape), chapter(4))).toEqual([]);
  expect(missing(Object.keys(streamStateSchema.shape), chapter(4))).toEqual([]);
  expect(missing([...RUN_STATES, ...OUTCOMES], page)).toEqual([]);
});

test('wire §4 every word of a prompt is in PROTOCOL.md: entries, queues, answers, ends, rules', () => {
  const prompts =
    chapter(4)
      .split(/^### /m)
      .find((part) => part.startsWith('4.6 ')) ?? '';
  const schemas = [
    clarifyEntrySchema,
    approvalEntrySchema,
    queueStateSchema('clarify'),
    clarifyRespondSchema,
    approvalRespondSchema,
  ];
  for (const { shape } of schemas) {
    // A list is written as one.
    const words = Object.keys(shape).filter((word) => !prompts.includes(`\`${word}[]\``));
    expect(missing(words, prompts)).toEqual([]);
  }
  expect(
    missing([...PROMPT_ENDS, ...OPTION_KINDS, ...Object.keys(CHOICE_KINDS), 'Weir-Client'], prompts),
  ).toEqual([]);
  expect(Object.keys(ruleSchema.shape).filter((word) => !prompts.includes(`"${word}"`))).toEqual([]);
  expect(missing(['initial', 'clarify', 'approval'], prompts.replaceAll('`event: ', '`'))).toEqual([]);
});

test('wire §7 every setting is in PROTOCOL.md, with its variable and default', () => {
  for (const [name, { env, ...setting }] of Object.entries(SETTINGS)) {
    const row = chapter(7)
      .split('\n')
      .find((line) => line.includes(`\`--${name}\``));
    expect(row, name).toContain(`\`${env}\``);
    const fallback = 'fallback' in setting ? setting.fallback : '';
    if (fallback !== '') expect(row, name).toContain(`\`${fallback}\``);
  }
});
