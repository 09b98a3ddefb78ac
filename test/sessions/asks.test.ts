// What a session says of its two queues, after every record: the oldest that is pending speaks.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ASKED_LENGTH_MAX, asksSchema } from '../../src/protocol/asks.ts';
import {
  PROMPT_KINDS,
  type PromptEntry,
  type PromptKind,
  type StoredRecord,
} from '../../src/protocol/index.ts';
import { createSessionPrompts } from '../../src/sessions/session-prompts.ts';
import { createManualClock } from '../support/clock.ts';
import { quietLog } from '../support/server.ts';

const entryOf = (kind: PromptKind, prompt_id: string, text: string, requested_at: number): PromptEntry =>
  ({
    [`${kind}_id`]: prompt_id,
    session_id: 's',
    stream_id: 'r',
    requested_at,
    timeout_seconds: 0,
    expires_at: null,
    ...(kind === 'clarify'
      ? { question: text, choices_offered: [] }
      : { tool: 'shell', command: text, options: [] }),
  }) as unknown as PromptEntry;

test('CQ1 CQ12 a session says the oldest that it asks, of both queues, and nothing once all is answered', () => {
  const step = fc.record({
    kind: fc.constantFrom(...PROMPT_KINDS),
    text: fc.string({ maxLength: 300 }),
    ends: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const prompts = createSessionPrompts(
        { session_id: 's', version: 0, prompts: [], stale: null },
        { clock: createManualClock(), log: quietLog, expire: async () => true },
      );
      let pos = 0;
      const say = (event: string, data: object) => {
        pos += 1;
        const json = JSON.stringify(data);
        prompts.committed([
          { session_id: 's', stream_id: null, seq: null, event, json, pos, at: pos } as StoredRecord,
        ]);
      };
      const pending: { kind: PromptKind; id: string; text: string; at: number }[] = [];
      const check = () => {
        const { asks, waiting } = prompts.waiting();
        for (const kind of PROMPT_KINDS)
          expect(waiting[kind]).toBe(pending.filter((one) => one.kind === kind).length);
        const oldest = pending[0];
        if (!oldest) return expect(asks).toBeUndefined();
        const { kind, text, since } = asksSchema.parse(asks);
        expect([kind, since]).toEqual([oldest.kind, oldest.at]);
        expect(text.length).toBeLessThanOrEqual(ASKED_LENGTH_MAX);
        expect(text).not.toMatch(/[\r\n]/);
        const words = oldest.text.trim().split(/\s+/).join(' ').toWellFormed();
        expect(words.startsWith(text.replace(/\ufffd$/, ''))).toBe(true);
      };
      for (const { kind, text, ends } of steps) {
        const id = `p${pos}`;
        say('prompt_asked', { kind, entry: entryOf(kind, id, text, pos) });
        pending.push({ kind, id, text, at: pos - 1 });
        check();
        for (const over of pending.splice(0, ends)) {
          say('prompt_settled', { kind: over.kind, id: over.id, stream_id: 'r', how: 'answered', by: 'tab' });
        }
        check();
      }
      prompts.close();
    }),
    { numRuns: 60 },
  );
});
