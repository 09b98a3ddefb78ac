// The stream machine, walked through everything that it can be told, in every order, timers included.
import { describe, expect, test } from 'vitest';
import { transition } from 'xstate';
import { pathOf } from '../../src/machines/path.ts';
import { type StreamContext, streamMachine } from '../../src/machines/stream.machine.ts';
import type { Place, Told } from '../support/paths.ts';
import { survey } from '../support/rules.ts';
import { streamGround, streamKey } from './stream.ground.ts';

/** What a working house would answer here; null: only time goes on. */
function fairAnswer({ value, context }: Place<StreamContext>): Told | null {
  const at = context.now + 1;
  const head = context.head + 1;
  switch (pathOf(value)) {
    case 'active.waiting':
      return { type: 'prompts.changed', pending: 0, at };
    case 'draining.closing':
      return { type: 'terminal.committed', outcome: context.outcome, head, at };
    case 'draining.settling':
      return { type: 'settle.committed', outcome: context.terminal, head, at };
    case 'stale.recovering':
      return { type: 'settle.committed', outcome: context.terminal ?? 'interrupted', head, at };
    case 'stale.held':
      return { type: 'storage.returned', at };
    default:
      return null;
  }
}

describe('the stream machine, walked', () => {
  const { coverage, broken, steps } = survey(streamGround);

  test('every state and every transition is reached', () => {
    expect(coverage?.missing).toEqual({ states: [], transitions: [] });
    expect(coverage?.places).toBeGreaterThan(100);
  });

  test.each(Object.keys(streamGround.rules))('%s', (rule) => expect(broken.get(rule)).toBeUndefined());

  test('Q1 from everywhere the stream settles, once the house answers', () => {
    const places = new Map(steps.map(({ after }) => [streamKey(after), after]));
    for (const after of places.values()) {
      let place = after;
      for (let turns = 0; place.status === 'active' && turns < 20; turns++) {
        const due = place._nodes.flatMap((node) => node.after).at(-1)?.eventType;
        const answer = fairAnswer(place) ?? { type: String(due) };
        place = transition(streamMachine, place as never, answer as never)[0] as typeof place;
      }
      expect(place.status, `${pathOf(after.value)} does not settle`).toBe('done');
    }
  });
});
