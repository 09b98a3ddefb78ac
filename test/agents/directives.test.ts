import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import {
  type Directives,
  PROMPTS_MAX,
  parseDirectives,
  RATE_PER_SECOND_MAX,
  STALL_SECONDS_MAX,
  STALLS_MAX,
  TOKENS_MAX,
  TOOLS_MAX,
} from '../../src/agents/demo/directives.ts';
import { CHOICES_MAX, clarifyAskSchema } from '../../src/protocol/index.ts';

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** The other way round, written apart from the parser. */
function write(directives: Directives): string[] {
  const { tokens, rate, reasoning, tools, fail, stalls, hang, title, prompts } = directives;
  return [
    ...(tokens === undefined ? [] : [`tokens=${tokens}`]),
    ...(rate === undefined ? [] : [`rate=${rate}`]),
    ...(reasoning === undefined ? [] : [`reasoning=${reasoning}`]),
    ...(tools === undefined ? [] : [`tools=${tools}`]),
    ...(fail ? [`fail=${fail.type}@${fail.after}`] : []),
    ...stalls.map((stall) => `stall=${stall.seconds}@${stall.after}`),
    ...(hang ? [`hang@${hang.after}`] : []),
    ...(title === undefined ? [] : [`title=${quote(title)}`]),
    ...prompts.map((prompt) =>
      prompt.kind === 'ask'
        ? `ask=${quote([prompt.question, ...prompt.choices].join('|'))}`
        : `approve=${quote(prompt.command)}`,
    ),
  ];
}

const optional = <T>(arb: fc.Arbitrary<T>) => fc.option(arb, { nil: undefined });
const place = fc.nat(TOKENS_MAX);
const free = fc.string({ unit: 'binary' });
const some = fc.string({ unit: 'binary', minLength: 1 });
const noBar = some.map((text) => text.replaceAll('|', '/'));
const directivesArb: fc.Arbitrary<Directives> = fc
  .record({
    tokens: optional(place),
    rate: optional(
      fc.oneof(
        fc.nat(RATE_PER_SECOND_MAX),
        fc.nat(999).map((n) => n / 8),
      ),
    ),
    reasoning: optional(place),
    tools: optional(fc.nat(TOOLS_MAX)),
    fail: optional(fc.record({ type: fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/), after: place })),
    stalls: fc.array(fc.record({ seconds: fc.nat(STALL_SECONDS_MAX), after: place }), {
      maxLength: STALLS_MAX,
    }),
    hang: optional(fc.record({ after: place })),
    title: optional(free),
    prompts: fc.array(
      fc.oneof(
        fc.record({
          kind: fc.constant('ask' as const),
          question: noBar,
          choices: fc.array(noBar, { maxLength: 4 }),
        }),
        fc.record({ kind: fc.constant('approve' as const), command: some }),
      ),
      { maxLength: 4 },
    ),
  })
  .filter((directives) => write(directives).length > 0);

/** Only what is set, so that absent and undefined are the same. */
const bare = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('directives', () => {
  test('DM1 every set of directives that can be written is read back as it was, prose around it or not', () => {
    const prose = fc.array(fc.constantFrom('please', 'tokens', '=', 'tokens=', 'a=b', '"', 'über', 'hang'));
    fc.assert(
      fc.property(directivesArb, prose, (directives, words) => {
        const message = [...words, ...write(directives), ...words].join('  ');
        const parsed = parseDirectives(message);
        expect(bare(parsed.directives)).toEqual(bare(directives));
        expect(parsed.cut).toEqual([]);
      }),
    );
  });

  test('DM1 no message makes the parser throw, and what it reads is within bounds', () => {
    const piece = fc.oneof(
      free,
      fc.constantFrom('tokens=', 'rate=', 'fail=', 'stall=', 'hang@', 'title="', '"', '\\', '@', ' ', '|'),
      fc.nat().map(String),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const { directives } = parseDirectives(pieces.join(''));
        if (!directives) return;
        for (const count of [directives.tokens, directives.reasoning, directives.hang?.after ?? 0])
          expect(count ?? 0).toBeLessThanOrEqual(TOKENS_MAX);
        expect(directives.stalls.length).toBeLessThanOrEqual(STALLS_MAX);
      }),
    );
  });

  test('DM1 a message of prose holds no directive, however near it comes', () => {
    for (const text of [
      'hello there',
      'tokens=abc',
      'tokens=-1',
      'tokens=1e3',
      'tokens=',
      'TOKENS=5',
      'xtokens=5',
      'hang@',
      'hang@x',
      'hang',
      'fail=@3',
      'fail=x',
      'fail=a@1@2',
      'stall=@1',
      'stall=1',
      'title="open',
      'title="a"b',
      'ask=',
      'ask=""',
      'ask="|a|b"',
      'approve=""',
      '__proto__=1',
      'constructor="x"',
    ])
      expect([text, parseDirectives(text).directives]).toEqual([text, null]);
  });

  test('DM1 numbers over their bound are cut, and the words are named', () => {
    const { directives, cut } = parseDirectives('tokens=999999999 rate=40 tools=10001 hang@1000001');
    expect(directives).toMatchObject({
      tokens: TOKENS_MAX,
      rate: 40,
      tools: TOOLS_MAX,
      hang: { after: TOKENS_MAX },
    });
    expect(cut).toEqual(['tokens=999999999', 'tools=10001', 'hang@1000001']);
  });

  test('DM1 prompts are kept within what may be asked, and what was cut is named once', () => {
    const choices = (n: number) => Array.from({ length: n }, (_, i) => `c${i}`);
    const within = (message: string) => {
      const { directives, cut } = parseDirectives(message);
      for (const prompt of directives?.prompts ?? [])
        if (prompt.kind === 'ask') {
          const { question, choices } = prompt;
          expect(z.safeParse(clarifyAskSchema, { question, choices_offered: choices }).success).toBe(true);
        }
      return { prompts: directives?.prompts ?? [], cut };
    };
    expect(within(`ask="q|${choices(CHOICES_MAX).join('|')}"`).cut).toEqual([]);
    expect(within(`ask="q|${choices(CHOICES_MAX + 1).join('|')}"`).cut).toEqual(['ask=…']);
    expect(within('ask="q||a|"').prompts).toEqual([{ kind: 'ask', question: 'q', choices: ['a'] }]);
    const long = `${'x'.repeat(20_000)}`;
    expect(within(`ask="${long}|${long}" ask="${long}" approve="${long}"`).cut).toEqual([
      'ask=…',
      'approve=…',
    ]);
    const many = within('ask=q approve=c '.repeat(PROMPTS_MAX));
    expect(many.prompts).toHaveLength(PROMPTS_MAX);
    expect(many.prompts.map(({ kind }) => kind).slice(0, 3)).toEqual(['ask', 'approve', 'ask']);
    expect(many.cut).toEqual(['ask=…', 'approve=…']);
  });

  test('DM1 a very long message is read in time that grows with its length only', () => {
    const began = performance.now();
    for (const text of ['title="'.repeat(36_000), '\\'.repeat(260_000), `title="${'\\a'.repeat(130_000)}`])
      expect(parseDirectives(text).directives).toBeNull();
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
