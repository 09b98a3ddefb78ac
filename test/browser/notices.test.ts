// Being called, in real Chromium with the real service worker. Headless Chromium never grants the real notification, and
// reaches no push service: leave and subscription are answered in its place, what the worker would show is noted where it
// would be shown, and pushes are handed to it by the debugger. Everything between is as it is.
import AxeBuilder from '@axe-core/playwright';
import type { BrowserContext, CDPSession, Page, Worker } from 'playwright-core';
import { afterAll, expect, it } from 'vitest';
import type { PushSubscriptionInput } from '../../src/protocol/index.ts';
import { becomes, eventually } from '../support/eventually.ts';
import { startPushService } from '../support/push-service.ts';
import { within } from '../support/raw.ts';
import { button, message } from './names.ts';
import { visits } from './visit.ts';

const CALLED_MS = 10_000;
const service = await startPushService();
afterAll(() => service.close());
const visit = visits({ test: { push: { ca: service.ca, mayReach: () => true } } });

interface Noted {
  title: string;
  options: NotificationOptions;
}
interface SpiedWorker {
  /** how often something was shown */
  times: number;
  noted: Noted[];
  opened: string[];
  done: Promise<unknown>;
}

/** What a person and a push service would answer. */
function answerFor(subscription: PushSubscriptionInput): void {
  Object.defineProperty(Notification, 'permission', { get: () => 'granted' });
  Notification.requestPermission = async () => 'granted';
  const given = {
    endpoint: subscription.endpoint,
    options: { applicationServerKey: null },
    toJSON: () => ({ ...subscription, expirationTime: null }),
    unsubscribe: async () => {
      current = null;
      return true;
    },
  } as unknown as PushSubscription;
  let current: PushSubscription | null = null;
  PushManager.prototype.getSubscription = async () => current;
  PushManager.prototype.subscribe = async () => {
    current = given;
    return given;
  };
}

/** In what all tabs of the browser share. */
function countTones(): void {
  const Real = AudioContext;
  globalThis.AudioContext = class extends Real {
    constructor() {
      super();
      localStorage.tones = Number(localStorage.tones ?? 0) + 1;
    }
  };
}

/** Runs in the worker. */
function noteWhatItShows(): void {
  const scope = globalThis as unknown as SpiedWorker & {
    registration: ServiceWorkerRegistration;
    clients: { openWindow(path: string): Promise<null> };
  };
  Object.assign(scope, { noted: [], opened: [], times: 0 });
  scope.registration.showNotification = async (title, options = {}) => {
    scope.times += 1;
    scope.noted = [...scope.noted.filter(({ options: { tag } }) => tag !== options.tag), { title, options }];
  };
  scope.registration.getNotifications = async ({ tag } = {}) =>
    scope.noted
      .filter(({ options }) => tag === undefined || options.tag === tag)
      .map(({ options }) => ({
        ...options,
        close: () => {
          scope.noted = scope.noted.filter((one) => one.options.tag !== options.tag);
        },
      })) as unknown as Notification[];
  scope.clients.openWindow = async (path) => {
    scope.opened.push(path);
    return null;
  };
}

/** Runs in the worker: the push service gave the device another address. */
async function move({ old, fresh }: { old: string; fresh: PushSubscriptionInput }): Promise<void> {
  const scope = globalThis as unknown as SpiedWorker;
  PushManager.prototype.subscribe = async () =>
    ({ endpoint: fresh.endpoint, toJSON: () => fresh }) as unknown as PushSubscription;
  const change = new Event('pushsubscriptionchange');
  const waitUntil = (work: Promise<unknown>) => {
    scope.done = work;
  };
  globalThis.dispatchEvent(Object.assign(change, { oldSubscription: { endpoint: old }, waitUntil }));
  await scope.done;
}

/** Runs in the worker: a click on the notification of this tag. */
async function clickOn(tag: string): Promise<void> {
  const scope = globalThis as unknown as SpiedWorker & { registration: ServiceWorkerRegistration };
  const [notification] = await scope.registration.getNotifications({ tag });
  const click = new Event('notificationclick');
  const waitUntil = (work: Promise<unknown>) => {
    scope.done = work;
  };
  globalThis.dispatchEvent(Object.assign(click, { notification, waitUntil }));
  await scope.done;
}

const noted = (worker: Worker) => worker.evaluate(() => (globalThis as unknown as SpiedWorker).noted);
const saidBy = async (worker: Worker) =>
  (await noted(worker)).map(({ title, options }) => `${title}: ${options.body}`).join(' ');
const opened = (worker: Worker) => worker.evaluate(() => (globalThis as unknown as SpiedWorker).opened);

async function workerOf(person: BrowserContext): Promise<Worker> {
  const worker = person.serviceWorkers()[0] ?? (await person.waitForEvent('serviceworker'));
  await worker.evaluate(noteWhatItShows);
  return worker;
}

async function openSettings(page: Page): Promise<void> {
  await button(page, 'List').click();
  await button(page, 'Settings').click();
  await page.getByRole('dialog', { name: 'Settings' }).waitFor();
}
const turn = (page: Page, name: string) => page.getByRole('switch', { name, exact: true }).click();
const said = (page: Page, text: string) => page.getByRole('status').getByText(text).waitFor();

async function deliverer(page: Page): Promise<(data: string) => Promise<void>> {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  const registered = new Promise<string>((resolve) =>
    cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      if (registrations[0]) resolve(registrations[0].registrationId);
    }),
  );
  await cdp.send('ServiceWorker.enable');
  const registrationId = await registered;
  return async (data) => {
    await cdp.send('ServiceWorker.deliverPushMessage', { origin: visit.url, registrationId, data });
  };
}

const pendingOf = async (session_id: string) =>
  (await visit.client.get(`/api/clarify/pending?session_id=${session_id}`)).body.pending;
const answerOf = (session_id: string, clarify_id: string) =>
  visit.client.post('/api/clarify/respond', { session_id, clarify_id, choices: ['SQLite'] });
const focusedCard = (page: Page) =>
  page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.promptId);

it('ui every tab is closed and the agent asks: the push is told by the service worker, and its click opens the card', async () => {
  const person = await visit.person();
  await person.addInitScript(answerFor, service.device('laptop'));
  const session_id = await visit.client.session({ title: 'Schema' });
  const page = await visit.tab(session_id, person);
  await openSettings(page);
  await page.getByRole('checkbox', { name: 'a run was stopped' }).check();
  await turn(page, 'Push');
  await becomes(() => page.getByRole('switch', { name: 'Push' }).isChecked(), true);
  await button(page, 'Test: Push').click();
  await said(page, 'Sent to 1 device.');
  const worker = await workerOf(person);
  const aside = await person.newPage();
  const deliver = await deliverer(aside);
  await page.close();

  const stream_id = await visit.client.start(session_id, 'tokens=2 ask="Which database?|Postgres|SQLite"');
  const [trial, push] = await within(CALLED_MS, 'two pushes', service.came(2));
  expect(trial?.notice).toMatchObject({ topic: 'test' });
  const { clarify_id } = await pendingOf(session_id);
  await deliver(JSON.stringify(push?.notice));
  const [shown] = await eventually(
    () => noted(worker),
    (all) => all.length > 0,
  );
  expect(shown).toMatchObject({ title: 'Schema', options: { body: 'Which database?', tag: stream_id } });
  await deliver(JSON.stringify(push?.notice));
  await deliver('no notice');
  await worker.evaluate(clickOn, stream_id);
  expect(await opened(worker)).toEqual([`/s/${session_id}?prompt=${clarify_id}`]);
  expect(await noted(worker)).toEqual([]);

  const back = await person.newPage();
  await back.goto((await opened(worker))[0] ?? '');
  await becomes(() => focusedCard(back), clarify_id);
  expect(new URL(back.url()).search).toBe('');

  // A window that shows something else is brought to the card, without being loaded again.
  const other = await visit.client.session({ title: 'Other' });
  await back.goto(`/s/${other}`);
  await message(back).waitFor();
  await back.evaluate(() => Object.assign(window, { stays: true }));
  await deliver(JSON.stringify({ ...push?.notice, about: 'again' }));
  await eventually(
    () => noted(worker),
    (all) => all.length > 0,
  );
  await worker.evaluate(clickOn, stream_id);
  await becomes(() => focusedCard(back), clarify_id);
  expect(await back.evaluate(() => 'stays' in window)).toBe(true);

  // The device moves: the server calls it where it is now, for what it wanted before.
  const fresh = service.device('moved');
  await worker.evaluate(move, { old: service.device('laptop').endpoint, fresh });
  await visit.client.post('/api/chat/cancel', { stream_id });
  await eventually(
    () => service.pushes.map(({ path, notice }) => `${path} ${'topic' in notice ? notice.topic : ''}`),
    (all) => all.includes('/moved killed'),
  );
  expect((await visit.client.post('/api/notify/test', undefined)).body).toEqual({ sent: 1, failed: 0 });
});

it('ui two tabs are open: one notice and one tone for both, none for what is looked at, taken back when it is answered', async () => {
  const person = await visit.person();
  await person.addInitScript(answerFor, service.device('desk'));
  await person.addInitScript(countTones);
  const [looked, asks] = await Promise.all([visit.client.session(), visit.client.session({ title: 'Asks' })]);
  const page = await visit.tab(looked, person);
  await visit.tab(looked, person);
  await page.bringToFront();
  await openSettings(page);
  await turn(page, 'Notifications');
  await becomes(() => page.getByRole('switch', { name: 'Notifications' }).isChecked(), true);
  await turn(page, 'Sound');
  await becomes(() => page.getByRole('switch', { name: 'Sound' }).isChecked(), true);
  const devices = async () => (await visit.client.post('/api/notify/test', undefined)).body.sent;
  const before = await devices();
  await turn(page, 'Push');
  await becomes(devices, before + 1);
  await becomes(() => page.getByRole('switch', { name: 'Push' }).isEnabled(), true);
  await turn(page, 'Push');
  await becomes(devices, before);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  const worker = await workerOf(person);
  await button(page, 'Test: Notifications').click();
  await becomes(() => saidBy(worker), 'Weir: This is how you are called.');
  await page.keyboard.press('Escape');
  const tones = await page.evaluate(() => Number(localStorage.tones));

  await visit.client.start(asks, 'tokens=2 ask="Which database?|Postgres|SQLite"');
  await becomes(() => saidBy(worker), 'Weir: This is how you are called. Asks: Which database?');
  await becomes(() => page.evaluate(() => Number(localStorage.tones)), tones + 1);
  expect(await worker.evaluate(() => (globalThis as unknown as SpiedWorker).times)).toBe(2);
  // Answered elsewhere: taken back here.
  await answerOf(asks, (await pendingOf(asks)).clarify_id);
  await becomes(() => saidBy(worker), 'Weir: This is how you are called.');

  await visit.client.start(looked, 'tokens=2 ask="Which cache?"');
  await page.getByRole('group', { name: 'Question' }).waitFor();
  // The tab that is left calls as well, though it was opened before anything was chosen.
  await page.close();
  const next = await visit.client.session({ title: 'Next' });
  await visit.client.start(next, 'tokens=2 approve="make"');
  await becomes(() => saidBy(worker), 'Weir: This is how you are called. Next: Allow? make');
});

it('ui where the browser refuses, the settings say why, and what works without leave works', async () => {
  const page = await visit.tab(await visit.client.session());
  await openSettings(page);
  for (const name of ['Notifications', 'Push']) {
    expect(await page.getByRole('switch', { name }).isDisabled()).toBe(true);
    expect(await button(page, `Test: ${name}`).isDisabled()).toBe(true);
  }
  expect(await page.getByText('The browser blocks notifications of this page.').count()).toBe(2);
  await button(page, 'Test: Sound').click();
  await said(page, 'That was the tone.');
  // The room that is taken stands below.
  await page.getByText(/^\d[\d.,]* [kMG]B \(log /).waitFor();
  await button(page, 'Compact').click();
  await said(page, 'given back to the disk.');
});
