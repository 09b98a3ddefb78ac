// The service worker: takes pushes while no page is open, and clicks on what it showed. It caches nothing and stands between
// no page and the server.
import { type Notice, noticeSchema } from '../protocol/notices.ts';
import { keptKinds } from './notices/kinds-cache.ts';
import { subscriptionBody } from './notices/subscription-body.ts';
import {
  createWorkerDesk,
  type OpenWindow,
  type ShownNotification,
  WINDOW_ANSWER_MS,
  type WorkerWorld,
} from './notices/worker-desk.ts';

/** What the types of a page do not know. Source: W3C Service Workers, Push API, Notifications API. */
interface LastingEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface WorkerEvents {
  install: LastingEvent;
  activate: LastingEvent;
  push: LastingEvent & { data: { json(): unknown } | null };
  message: LastingEvent & { data: unknown };
  notificationclick: LastingEvent & { notification: ShownNotification };
  pushsubscriptionchange: LastingEvent & { oldSubscription?: PushSubscription | null };
}
interface WorkerScope {
  registration: ServiceWorkerRegistration;
  clients: {
    claim(): Promise<void>;
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<OpenWindow[]>;
    openWindow(path: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  location: Location;
  addEventListener<E extends keyof WorkerEvents>(type: E, listener: (event: WorkerEvents[E]) => void): void;
}
const scope = globalThis as unknown as WorkerScope;

const world: WorkerWorld = {
  origin: scope.location.origin,
  answer_ms: WINDOW_ANSWER_MS,
  show: (title, options) => scope.registration.showNotification(title, options),
  shown: (tag) => scope.registration.getNotifications({ tag }),
  windows: () => scope.clients.matchAll({ type: 'window', includeUncontrolled: true }),
  openWindow: (path) => scope.clients.openWindow(path),
};
const desk = createWorkerDesk(world);

function noticeOf(given: unknown): Notice | null {
  const parsed = noticeSchema.safeParse(given);
  return parsed.success ? parsed.data : null;
}

async function takeIn(given: unknown): Promise<void> {
  const notice = noticeOf(given);
  if (notice) await desk.take(notice);
}

function json(data: { json(): unknown } | null): unknown {
  try {
    return data?.json();
  } catch {
    return null;
  }
}

/** The push service gave the device another address: the server is told, with what the device wanted. */
async function moveSubscription(old: PushSubscription | null): Promise<void> {
  const { key } = await (await fetch('/api/notify/key')).json();
  const fresh = await scope.registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: key,
  });
  const send = (method: string, body: unknown) =>
    fetch('/api/notify/subscriptions', {
      method,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  await send('POST', subscriptionBody(fresh, await keptKinds()));
  if (old && old.endpoint !== fresh.endpoint) await send('DELETE', { endpoint: old.endpoint });
}

scope.addEventListener('install', (event) => event.waitUntil(scope.skipWaiting()));
scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener('push', (event) => event.waitUntil(takeIn(json(event.data))));
scope.addEventListener('message', (event) => event.waitUntil(takeIn(event.data)));
scope.addEventListener('notificationclick', (event) => {
  const { notification } = event;
  notification.close();
  event.waitUntil(desk.open(notification.data?.path ?? '/'));
});
scope.addEventListener('pushsubscriptionchange', (event) =>
  event.waitUntil(moveSubscription(event.oldSubscription ?? null)),
);
