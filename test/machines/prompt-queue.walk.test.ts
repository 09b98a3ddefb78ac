// The prompt-queue machine, walked through everything that it can be told, in every order, timers included.
import { describe, expect, test } from 'vitest';
import { survey } from '../support/rules.ts';
import { promptQueueGround } from './prompt-queue.ground.ts';

describe('the prompt-queue machine, walked', () => {
  const { coverage, broken } = survey(promptQueueGround);

  test('every state and every transition is reached', () => {
    expect(coverage?.missing).toEqual({ states: [], transitions: [] });
  });

  test.each(Object.keys(promptQueueGround.rules))('%s', (rule) => expect(broken.get(rule)).toBeUndefined());
});
