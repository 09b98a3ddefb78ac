import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedaction, redactLog } from '../../src/agents/openai/redaction.ts';
import { createLogLines } from './recorder.ts';

const KEY = 'sk-abab-abab-abc';
const redaction = createRedaction([KEY]);

describe('redaction', () => {
  test('AG6 text in pieces comes out as the whole text would, however it is cut', () => {
    // Pieces of the key and its repeated beginnings: what a careless search loses.
    const piece = fc.constantFrom(
      's',
      'sk-',
      'sk-abab-',
      'abab-abc',
      'ab',
      KEY,
      KEY.slice(0, -1),
      ' ',
      'x',
      '🙂',
    );
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.nat(40)), (pieces, cuts) => {
        const whole = pieces.join('');
        const stream = redaction.stream();
        let shown = '';
        for (let at = 0, n = 0; at < whole.length; n++) {
          const next = at + 1 + (cuts[n % Math.max(1, cuts.length)] ?? 3);
          shown += stream.push(whole.slice(at, next));
          at = next;
        }
        shown += stream.rest();
        expect(shown).toBe(redaction.exactly(whole));
        expect(shown).not.toContain(KEY);
      }),
      { numRuns: 500 },
    );
  });

  test('AG6 at most a key’s length is held back', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('sk-abab-', 'abab-', 'abc', 'x')), (pieces) => {
        const stream = redaction.stream();
        for (const each of pieces) stream.push(each);
        expect(stream.rest().length).toBeLessThan(KEY.length);
      }),
    );
  });

  test.each([
    ['Incorrect API key provided: sk-abab-***-abc.', 'Incorrect API key provided: [redacted]'],
    [`Bearer ${KEY}`, 'Bearer [redacted]'],
    [`"${encodeURIComponent(KEY)}"`, '"[redacted]"'],
    ['another key: sk-0123456789abcdef', 'another key: [redacted]'],
    ['The model does not exist', 'The model does not exist'],
  ])('AG6 of %o is left %o', (text, expected) => {
    expect(redaction.strictly(text)).toBe(expected);
  });

  test('AG6 the placeholders that local servers ask for are words, and stay', () => {
    const none = createRedaction(['ollama', undefined, '']);
    expect(none.strictly('ask ollama for help')).toBe('ask ollama for help');
    expect(none.stream().push('ollama')).toBe('ollama');
  });

  test('AG6 a log line holds no key in any field, errors included', () => {
    const log = createLogLines();
    const safe = redactLog(log, redaction);
    for (const level of ['debug', 'info', 'warn', 'error'] as const)
      safe[level]({ n: 3, error: new Error(`no ${KEY}`), detail: KEY }, `about ${KEY}`);
    expect(log.lines).toHaveLength(4);
    expect(log.lines.join()).not.toContain('abab');
    expect(log.lines[0]).toContain('n=3');
  });
});
