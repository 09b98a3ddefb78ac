import { expect, test } from 'vitest';
import { listSubscriptions } from '../../src/journal/house-reads.ts';
import { PUSH_FAILURES_MAX, PUSH_SUBSCRIPTIONS_MAX } from '../../src/protocol/index.ts';
import { openDesk } from './desk.ts';
import { OWNER, openBench } from './support.ts';

const deviceOf = (name: string, auth = 'a'.repeat(22)) => ({
  endpoint: `https://push.example/${name}`,
  keys: { p256dh: 'p'.repeat(87), auth },
});

test('P9 P10 devices are bounded, one row per endpoint, and forgotten when they fail too often in a row', async () => {
  const { journal, folder } = await openBench();
  for (let n = 0; n < PUSH_SUBSCRIPTIONS_MAX; n++)
    expect(await journal.subscribe(OWNER, deviceOf(`${n}`), n)).toEqual({ kind: 'subscribed' });
  expect(await journal.subscribe(OWNER, deviceOf('more'), 90)).toEqual({ kind: 'too_many' });
  const renewed = deviceOf('7', 'b'.repeat(22));
  expect(await journal.subscribe(OWNER, renewed, 91)).toEqual({ kind: 'subscribed' });
  const names = async (log = journal) =>
    (await log.listSubscriptions(OWNER)).map(({ subscription }) => subscription.endpoint);
  expect((await names()).length).toBe(PUSH_SUBSCRIPTIONS_MAX);
  const { endpoint } = deviceOf('3');
  for (let n = 1; n < PUSH_FAILURES_MAX; n++) await journal.pushed(endpoint, false);
  await journal.pushed(endpoint, true);
  for (let n = 1; n < PUSH_FAILURES_MAX; n++) await journal.pushed(endpoint, false);
  expect(await names()).toContain(endpoint);
  await journal.pushed(endpoint, false);
  expect(await names()).not.toContain(endpoint);
  expect(await journal.unsubscribe(OWNER, endpoint)).toEqual({ kind: 'not_found' });
  await journal.close();
  const { journal: again } = await openBench({ folder });
  expect((await again.listSubscriptions(OWNER)).at(-1)).toEqual({
    owner: OWNER,
    subscription: renewed,
    failures: 0,
    created_at: 91,
  });
  expect((await names(again)).length).toBe(PUSH_SUBSCRIPTIONS_MAX - 1);
});

test("P8 a device is its principal's who subscribed it last, and nobody else ends that", async () => {
  const { database, write } = openDesk();
  const device = deviceOf('one');
  const { endpoint } = device;
  write('subscribe', { owner: 'other', subscription: device, at: 1 });
  expect(write('unsubscribe', { owner: OWNER, endpoint })).toEqual({ kind: 'not_found' });
  write('subscribe', { owner: OWNER, subscription: device, at: 2 });
  expect(listSubscriptions(database, 'other')).toEqual([]);
  expect(write('unsubscribe', { owner: 'other', endpoint })).toEqual({ kind: 'not_found' });
  expect(write('unsubscribe', { owner: OWNER, endpoint })).toEqual({ kind: 'unsubscribed' });
  expect(listSubscriptions(database, OWNER)).toEqual([]);
});
