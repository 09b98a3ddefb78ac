// A browser's own EventSource on a run's frames, as somebody else's page would use it.
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { visits } from './visit.ts';

const visit = visits({ concurrent: true });

const TOKENS = 300;

interface Read {
  ids: string[];
  opened: number;
  errors: number;
  state: number;
}
declare global {
  interface Window {
    read: Read;
  }
}

/** Reads a stream with nothing but what the browser has, and lets it do what it does at the end. */
function readStream(stream_id: string): void {
  const read: Read = { ids: [], opened: 0, errors: 0, state: 0 };
  window.read = read;
  const source = new EventSource(`/api/chat/stream?stream_id=${stream_id}`);
  for (const name of ['stream_started', 'token', 'done', 'metering', 'title_status', 'title', 'stream_end'])
    source.addEventListener(name, (event) => read.ids.push(event.lastEventId));
  source.onopen = () => {
    read.opened += 1;
    read.state = source.readyState;
  };
  source.onerror = () => {
    read.errors += 1;
    read.state = source.readyState;
  };
}

it.concurrent('wire §3 a browser’s own EventSource gets every frame once and stops by itself at the end', async () => {
  const session_id = await visit.client.session();
  const page = await (await visit.person()).newPage();
  await page.goto('/');
  const answered: number[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/api/chat/stream?')) answered.push(response.status());
  });
  const stream_id = await visit.client.start(session_id, `tokens=${TOKENS} rate=600`);
  await page.evaluate(readStream, stream_id);
  const read = await eventually(
    () => page.evaluate(() => window.read),
    ({ state }) => state === 2,
  );
  // The end, one reconnect with Last-Event-ID, and the 204 that stops it for good.
  expect(answered).toEqual([200, 204]);
  expect(read.opened).toBe(1);
  const status = await visit.client.get(`/api/chat/stream/status?stream_id=${stream_id}`);
  const head = status.body.journal.last_seq;
  expect(read.ids).toEqual(Array.from({ length: head }, (_, at) => `${stream_id}:${at + 1}`));
});

it.concurrent('wire §3 an EventSource whose connection breaks in the middle misses nothing and doubles nothing', async () => {
  const session_id = await visit.client.session();
  const { person, gate } = await visit.traveller();
  const page = await person.newPage();
  await page.goto('/');
  const stream_id = await visit.client.start(session_id, `tokens=${TOKENS} rate=150`);
  await page.evaluate(readStream, stream_id);
  await eventually(
    () => page.evaluate(() => window.read.ids.length),
    (count) => count > 50,
  );
  gate.cut();
  const read = await eventually(
    () => page.evaluate(() => window.read),
    ({ state }) => state === 2,
  );
  expect(read.errors).toBeGreaterThan(1);
  const status = await visit.client.get(`/api/chat/stream/status?stream_id=${stream_id}`);
  expect(read.ids).toEqual(
    Array.from({ length: status.body.journal.last_seq }, (_, at) => `${stream_id}:${at + 1}`),
  );
});
