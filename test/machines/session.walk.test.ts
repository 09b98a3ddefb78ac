// The session machine, walked through everything that it can be told, in every order, timers included.
import { describe, expect, test } from 'vitest';
import { survey } from '../support/rules.ts';
import { sessionGround } from './session.ground.ts';

describe('the session machine, walked', () => {
  const { coverage, broken } = survey(sessionGround);

  test('every state and every transition is reached', () => {
    expect(coverage?.missing).toEqual({ states: [], transitions: [] });
  });

  test.each(Object.keys(sessionGround.rules))('%s', (rule) => expect(broken.get(rule)).toBeUndefined());
});
