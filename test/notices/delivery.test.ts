// Notices on their way, with a clock that is moved and push services that say what they are told to.
import { expect, test } from 'vitest';
import type { Verdict } from '../../src/notices/attempt.ts';
import {
  createDelivery,
  PUSH_PAUSE_MAX_SECONDS,
  PUSH_PAUSES_MS,
  PUSH_TRIES_MAX,
  PUSHES_AT_ONCE_MAX,
  PUSHES_WAITING_MAX,
} from '../../src/notices/delivery.ts';
import type { Notice } from '../../src/protocol/index.ts';
import { createManualClock, settled } from '../support/clock.ts';
import { createDevice } from '../support/push-service.ts';
import { quietLog } from '../support/server.ts';

const show = (tag: string, about = 'c_1'): Notice => ({
  type: 'show',
  tag,
  about,
  topic: 'clarify',
  title: '',
  body: '',
  path: '/',
});
const TAKEN: Verdict = { kind: 'taken' };
const later = (wait_seconds: number | null = null): Verdict => ({ kind: 'later', why: '', wait_seconds });

function stage() {
  const clock = createManualClock();
  const asked: { endpoint: string; notice: Notice; at: number; ttl_seconds: number }[] = [];
  const open: ((verdict: Verdict) => void)[] = [];
  const kept: [string, boolean | 'gone'][] = [];
  const delivery = createDelivery({
    clock,
    log: quietLog,
    attempt: ({ subscription: { endpoint }, notice, ttl_seconds }) => {
      asked.push({ endpoint, notice, at: clock.now(), ttl_seconds });
      return new Promise((resolve) => open.push(resolve));
    },
    pushed: async (endpoint, ok) => void kept.push([endpoint, ok]),
    gone: async (_owner, endpoint) => void kept.push([endpoint, 'gone']),
  });
  const send = (name: string, notice: Notice, fields = {}) =>
    delivery.send({
      owner: 'o',
      subscription: createDevice(`https://push.example/${name}`).subscription,
      notice,
      until: clock.now() + 3_600_000,
      ...fields,
    });
  const answer = async (verdict: Verdict) => {
    open.shift()?.(verdict);
    await settled();
  };
  return { clock, asked, kept, delivery, send, answer };
}

test('P9 a push that is not taken now is tried again a few times, later each time, and then counted', async () => {
  const { clock, asked, kept, send, answer } = stage();
  const start = clock.now();
  const fate = send('one', show('r_1'));
  await answer(later());
  await clock.advance(PUSH_PAUSES_MS[0]!);
  await answer(later(30));
  await clock.advance(30_000);
  await answer(later());
  expect(await fate).toBe('failed');
  expect(asked.map(({ at }) => at - start)).toEqual([0, PUSH_PAUSES_MS[0], PUSH_PAUSES_MS[0]! + 30_000]);
  expect(asked.length).toBe(PUSH_TRIES_MAX);
  expect(kept).toEqual([['https://push.example/one', false]]);
  expect(clock.pending()).toBe(0);
});

test('P9 who asks to be left alone for too long, or for longer than the notice is of use, is not asked again', async () => {
  const { clock, asked, kept, send, answer } = stage();
  const long = send('one', show('r_1'));
  await answer(later(PUSH_PAUSE_MAX_SECONDS + 1));
  const stale = send('one', show('r_2'), { until: clock.now() + 5_000 });
  await answer(later(6));
  expect([await long, await stale]).toEqual(['failed', 'failed']);
  expect(asked.length).toBe(2);
  expect(asked[1]?.ttl_seconds).toBe(5);
  expect(kept.map(([, ok]) => ok)).toEqual([false, false]);
});

test('wire §4 a device that has gone is forgotten with all that waits for it; one that takes a push is well again', async () => {
  const { asked, kept, send, answer } = stage();
  const fates = [send('gone', show('r_1')), send('gone', show('r_2')), send('here', show('r_1'))];
  await answer({ kind: 'gone' });
  await answer(TAKEN);
  expect(await Promise.all(fates)).toEqual(['failed', 'failed', 'sent']);
  expect(asked.length).toBe(2);
  expect(kept).toEqual([
    ['https://push.example/gone', 'gone'],
    ['https://push.example/here', true],
  ]);
});

test('wire §4 a device gets its notices one after the other, and of one tag only the newest that waits', async () => {
  const { asked, send, answer } = stage();
  const fates = [
    send('one', show('r_1', 'c_1')),
    send('one', show('r_2')),
    send('one', show('r_1', 'c_2')),
    send('one', { type: 'withdraw', tag: 'r_1' }),
  ];
  await settled();
  expect(asked.length).toBe(1);
  for (let n = 0; n < 3; n += 1) await answer(TAKEN);
  expect(asked.map(({ notice }) => [notice.type, notice.tag])).toEqual([
    ['show', 'r_1'],
    ['show', 'r_2'],
    ['withdraw', 'r_1'],
  ]);
  expect(await Promise.all(fates)).toEqual(['replaced', 'sent', 'replaced', 'sent']);
});

test('P10 a few devices are called at once, and what waits for push services that answer nobody is bounded', async () => {
  const { asked, send, delivery } = stage();
  const fates = Array.from({ length: PUSHES_WAITING_MAX + 5 }, (_, n) => send(`d${n % 40}`, show(`r_${n}`)));
  await settled();
  expect(asked.length).toBe(PUSHES_AT_ONCE_MAX);
  expect(new Set(asked.map(({ endpoint }) => endpoint)).size).toBe(PUSHES_AT_ONCE_MAX);
  expect(await Promise.all(fates.slice(-5))).toEqual(Array(5).fill('failed'));
  delivery.close();
  expect(new Set(await Promise.all(fates))).toEqual(new Set(['failed']));
});

test('P11 after close nothing is sent, nothing waits and no timer is left', async () => {
  const { clock, asked, send, answer, delivery } = stage();
  const paused = send('one', show('r_1'));
  await answer(later(60));
  const underWay = send('two', show('r_1'));
  delivery.close();
  delivery.close();
  await answer(later());
  expect([await paused, await underWay, await send('one', show('r_2'))]).toEqual(Array(3).fill('failed'));
  await clock.advance(600_000);
  expect(asked.length).toBe(2);
  expect(clock.pending()).toBe(0);
});
