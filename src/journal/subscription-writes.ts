// The devices that want to be called: one row per endpoint. Knows not what is sent there.
import { PUSH_FAILURES_MAX, PUSH_SUBSCRIPTIONS_MAX } from '../protocol/limits.ts';
import { type Answer, FULL, type Input, NOT_FOUND } from './operations.ts';
import type { Writing } from './writing.ts';

/** An endpoint is one device: whoever subscribes it last has it. */
export function subscribe(
  writing: Writing,
  { owner, subscription, at }: Input<'subscribe'>,
): Answer<'subscribe'> {
  const { endpoint } = subscription;
  const others = writing.database
    .sql('SELECT count(*) AS n FROM subscriptions WHERE owner = ? AND endpoint <> ?')
    .get(owner, endpoint);
  if (Number(others?.n) >= PUSH_SUBSCRIPTIONS_MAX) return { kind: 'too_many' };
  if (writing.full) return FULL;
  writing.database
    .sql(
      'INSERT OR REPLACE INTO subscriptions (endpoint, owner, subscription, created_at) VALUES (?, ?, ?, ?)',
    )
    .run(endpoint, owner, JSON.stringify(subscription), at);
  return { kind: 'subscribed' };
}

export function unsubscribe(
  { database }: Writing,
  { owner, endpoint }: Input<'unsubscribe'>,
): Answer<'unsubscribe'> {
  const { changes } = database
    .sql('DELETE FROM subscriptions WHERE endpoint = ? AND owner = ?')
    .run(endpoint, owner);
  return changes > 0 ? { kind: 'unsubscribed' } : NOT_FOUND;
}

/** So many failures in a row, and the device is forgotten. */
export function pushed({ database }: Writing, { endpoint, ok }: Input<'pushed'>): null {
  if (ok)
    database.sql('UPDATE subscriptions SET failures = 0 WHERE endpoint = ? AND failures > 0').run(endpoint);
  else {
    database.sql('UPDATE subscriptions SET failures = failures + 1 WHERE endpoint = ?').run(endpoint);
    database
      .sql('DELETE FROM subscriptions WHERE endpoint = ? AND failures >= ?')
      .run(endpoint, PUSH_FAILURES_MAX);
  }
  return null;
}
