// The prompt-feed machine, walked through everything that it can be told, in every order, timers included.
import { describe, expect, test } from 'vitest';
import { survey } from '../support/rules.ts';
import { promptFeedGround } from './prompt-feed.ground.ts';

describe('the prompt-feed machine, walked', () => {
  const { coverage, broken } = survey(promptFeedGround);

  test('every state and every transition is reached', () => {
    expect(coverage?.missing).toEqual({ states: [], transitions: [] });
  });

  test.each(Object.keys(promptFeedGround.rules))('%s', (rule) => expect(broken.get(rule)).toBeUndefined());
});
