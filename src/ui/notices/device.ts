// This browser as a device: its service worker, its leave to notify, its subscription to Web Push. Every refusal is one of a
// few words that the settings explain.
import * as z from 'zod/mini';
import type { NoticeKind } from '../../protocol/notices.ts';
import { request } from '../api.ts';
import { keepKinds } from './kinds-cache.ts';
import { subscriptionBody } from './subscription-body.ts';

const WORKER = '/sw.js';
/** A worker that has not begun by then does not come. */
const WORKER_MS = 10_000;
const SUBSCRIPTIONS = '/api/notify/subscriptions';

/** Why it can't be: `insecure`: needs https; `missing`: not in this browser; `denied`: its person said no. */
export type Obstacle = 'insecure' | 'missing' | 'denied' | 'worker' | 'push';

export class DeviceRefusal extends Error {
  override name = 'DeviceRefusal';
  readonly obstacle: Obstacle;
  constructor(obstacle: Obstacle, cause?: unknown) {
    super(obstacle, { cause });
    this.obstacle = obstacle;
  }
}

/** What keeps this browser from notifications, or from Web Push, for good; null: nothing known. */
export function obstacleTo(what: 'notifications' | 'push'): Obstacle | null {
  if (!isSecureContext) return 'insecure';
  if (!('serviceWorker' in navigator) || !('Notification' in globalThis)) return 'missing';
  if (what === 'push' && !('PushManager' in globalThis)) return 'missing';
  return Notification.permission === 'denied' ? 'denied' : null;
}

/** @throws DeviceRefusal */
export async function worker(): Promise<ServiceWorkerRegistration> {
  try {
    await navigator.serviceWorker.register(WORKER);
  } catch (error) {
    throw new DeviceRefusal('worker', error);
  }
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new DeviceRefusal('worker')), WORKER_MS);
  return Promise.race([navigator.serviceWorker.ready, late.promise]).finally(() => clearTimeout(timer));
}

/** Asks its person; only in the turn of a gesture. @throws DeviceRefusal */
export async function askLeave(): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted') throw new DeviceRefusal('denied');
}

export const mayNotify = (): boolean => 'Notification' in globalThis && Notification.permission === 'granted';

const bytesOf = (key: string): string => key.replace(/=+$/, '');

function isMadeWith(subscription: PushSubscription, key: string): boolean {
  const given = subscription.options.applicationServerKey;
  if (!given) return false;
  const text = btoa(String.fromCharCode(...new Uint8Array(given)));
  return bytesOf(text.replaceAll('+', '-').replaceAll('/', '_')) === bytesOf(key);
}

/** Subscribes, or says again what this device wants. @throws DeviceRefusal, ApiError */
export async function subscribe(kinds: readonly NoticeKind[]): Promise<void> {
  const { pushManager } = await worker();
  const { key } = await request(z.object({ key: z.string() }), { method: 'GET', path: '/api/notify/key' });
  let known = await pushManager.getSubscription();
  if (known && !isMadeWith(known, key)) {
    await known.unsubscribe();
    known = null;
  }
  const options = { userVisibleOnly: true, applicationServerKey: key };
  const subscription =
    known ??
    (await pushManager.subscribe(options).catch((error) => {
      throw new DeviceRefusal('push', error);
    }));
  await keepKinds(kinds);
  await request(z.unknown(), {
    method: 'POST',
    path: SUBSCRIPTIONS,
    body: subscriptionBody(subscription, kinds),
  });
}

/** Here and at the server. What the server does not take now it finds out with the next push. */
export async function unsubscribe(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  if (!subscription) return;
  const { endpoint } = subscription;
  await subscription.unsubscribe();
  await request(z.unknown(), { method: 'DELETE', path: SUBSCRIPTIONS, body: { endpoint } }).catch(
    () => undefined,
  );
}

/** Calls all devices. @throws ApiError */
export const testPush = () =>
  request(z.object({ sent: z.int(), failed: z.int() }), { method: 'POST', path: '/api/notify/test' });
