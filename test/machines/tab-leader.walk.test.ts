// The tab-leader machine, walked through everything that it can be told, in every order, timers included.
import { describe, expect, test } from 'vitest';
import { survey } from '../support/rules.ts';
import { tabLeaderGround } from './tab-leader.ground.ts';

describe('the tab-leader machine, walked', () => {
  const { coverage, broken } = survey(tabLeaderGround);

  test('every state and every transition is reached', () => {
    expect(coverage?.missing).toEqual({ states: [], transitions: [] });
  });

  test.each(Object.keys(tabLeaderGround.rules))('%s', (rule) => expect(broken.get(rule)).toBeUndefined());
});
