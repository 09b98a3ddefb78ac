// The attachment machine, walked through everything that it can be told, in every order, timers included.
import { describe, expect, test } from 'vitest';
import { transition } from 'xstate';
import { attachmentMachine, attachmentState } from '../../src/machines/attachment.machine.ts';
import { pathOf } from '../../src/machines/path.ts';
import { survey } from '../support/rules.ts';
import { attachmentGround, attachmentKey } from './attachment.ground.ts';

describe('the attachment machine, walked', () => {
  const { coverage, broken, steps } = survey(attachmentGround);

  test('every state and every transition is reached', () => {
    expect(coverage?.missing).toEqual({ states: [], transitions: [] });
  });

  test.each(Object.keys(attachmentGround.rules))('%s', (rule) => expect(broken.get(rule)).toBeUndefined());

  test('Q2 Q7 from everywhere a settled session leads to `settled`', () => {
    const places = new Map(steps.map(({ after }) => [attachmentKey(after), after]));
    for (const after of places.values()) {
      if (after.status !== 'active') continue;
      const { shown, now } = after.context;
      const answer = { type: 'transcript.answered', status: 'restored', seq: shown, owner_stream_id: 'o' };
      const [next] = transition(attachmentMachine, after as never, { ...answer, at: now + 1 } as never);
      expect(attachmentState(next as never).state, pathOf(after.value)).toBe('settled');
    }
  });
});
