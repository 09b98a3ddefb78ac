// The line machine, walked through everything that it can be told, in every order, timers included.
import { describe, expect, test } from 'vitest';
import { survey } from '../support/rules.ts';
import { lineGround } from './line.ground.ts';

describe('the line machine, walked', () => {
  const { coverage, broken } = survey(lineGround);

  test('every state and every transition is reached', () => {
    expect(coverage?.missing).toEqual({ states: [], transitions: [] });
  });

  test.each(Object.keys(lineGround.rules))('%s', (rule) => expect(broken.get(rule)).toBeUndefined());
});
