// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createOutbox } from '../../src/ui/outbox.ts';
import { FACT_MS } from '../support/eventually.ts';

const random = { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)), fraction: () => 0 };
let asked: { client_message_id: string; message: string; attachments?: string[] }[] = [];
let answers: (() => Response | Error)[] = [];
const refused: { text: string; why: string }[] = [];

beforeEach(() => {
  sessionStorage.clear();
  asked = [];
  refused.length = 0;
  vi.stubGlobal('fetch', async (_path: string, init: RequestInit) => {
    asked.push(JSON.parse(init.body as string));
    const answer = answers.shift()?.();
    if (!answer || answer instanceof Error) throw answer ?? new Error('no answer');
    return answer;
  });
});
afterEach(() => vi.unstubAllGlobals());

const json = (status: number, body: unknown) => () => new Response(JSON.stringify(body), { status });
const cut = () => new TypeError('cut off');
const started = json(200, { stream_id: 'r1', session_id: 's1', message_id: 'm1', title: 'T' });

/** An outbox, and a promise of the moment in which nothing is on its way any more. */
function outbox() {
  const box = createOutbox({
    random,
    now: () => 5,
    wait: async () => {},
    refused: ({ text }, why) => refused.push({ text, why }),
    taken: () => {},
  });
  const outgoing = () => box.store.getSnapshot().context.outgoing;
  const rests = () =>
    vi.waitFor(() => expect(outgoing().some((one) => one.state === 'sending')).toBe(false), FACT_MS);
  return { box, outgoing, rests };
}

test('SE5 a submission whose answer was lost is sent again with the same id', async () => {
  answers = [cut, cut, started];
  const { box, outgoing, rests } = outbox();
  box.send('s1', 'hello');
  await rests();
  expect(asked).toHaveLength(3);
  expect(new Set(asked.map((body) => body.client_message_id)).size).toBe(1);
  expect(outgoing()).toMatchObject([{ state: 'taken', message_id: 'm1' }]);
});

test('SE5 a submission that nobody answered outlives a reload, with its id', async () => {
  answers = [cut, cut, cut];
  const { box, outgoing, rests } = outbox();
  box.send('s1', 'hello');
  await rests();
  expect(outgoing()).toMatchObject([{ state: 'failed', text: 'hello' }]);
  const reloaded = outbox();
  expect(reloaded.outgoing()).toMatchObject([{ state: 'failed', text: 'hello', session_id: 's1' }]);
  answers = [started];
  reloaded.box.again(reloaded.outgoing()[0]!);
  await reloaded.rests();
  expect(new Set(asked.map((body) => body.client_message_id)).size).toBe(1);
  expect(outbox().outgoing()).toEqual([]);
});

test('SE5 what nobody took goes by itself when the line is back, in the order in which it was written', async () => {
  answers = [cut, cut, cut, cut, cut, cut];
  const { box, outgoing, rests } = outbox();
  box.send('s1', 'first');
  box.send('s1', 'second');
  await rests();
  expect(outgoing().map(({ text, state }) => [text, state])).toEqual([
    ['first', 'failed'],
    ['second', 'failed'],
  ]);
  // What waits behind it has not been tried: it would have overtaken it.
  expect(asked.map((body) => body.message)).toEqual(['first', 'first', 'first']);
  const reloaded = outbox();
  const ids = outgoing().map((one) => one.client_message_id);
  answers = [started, started];
  asked = [];
  reloaded.box.resume();
  await reloaded.rests();
  expect(asked.map((body) => body.message)).toEqual(['first', 'second']);
  expect(asked.map((body) => body.client_message_id)).toEqual(ids);
});

test('SE5 a line that comes back while a message is tried for the last time has it tried anew', async () => {
  answers = [cut, cut];
  const { box, outgoing, rests } = outbox();
  answers.push(() => {
    box.resume();
    return cut();
  }, started);
  box.send('s1', 'hello');
  await rests();
  expect(outgoing()).toMatchObject([{ state: 'taken' }]);
  expect(asked).toHaveLength(4);
});

test('SE5 what is sent again has the same attachments, also after a reload', async () => {
  const file = { attachment_id: 'a_1', name: 'a.md', type: 'text/markdown', bytes: 4 };
  answers = [cut, cut, cut];
  const { box, rests } = outbox();
  box.send('s1', 'hello', [file]);
  await rests();
  const reloaded = outbox();
  answers = [started];
  reloaded.box.again(reloaded.outgoing()[0]!);
  await reloaded.rests();
  expect(asked.map((body) => body.attachments)).toEqual([['a_1'], ['a_1'], ['a_1'], ['a_1']]);
});

test('ui a refused message is given back with the reason, and nothing of it is on its way', async () => {
  answers = [json(503, { error: 'The server is shutting down.', code: 'shutting_down' })];
  const { box, outgoing, rests } = outbox();
  box.send('s1', 'hello');
  await rests();
  expect(refused).toEqual([{ text: 'hello', why: 'The server is shutting down.' }]);
  expect(outgoing()).toEqual([]);
  expect(asked).toHaveLength(1);
});

test('ui a message is on its way until the log shows it', async () => {
  answers = [started];
  const { box, outgoing, rests } = outbox();
  box.send('s1', 'hello');
  await rests();
  box.store.trigger.seen({ message_ids: new Set(['m0']) });
  expect(outgoing()).toHaveLength(1);
  box.store.trigger.seen({ message_ids: new Set(['m1']) });
  expect(outgoing()).toEqual([]);
});

test('lesson 91 a message whose record comes before the answer to its submission is on the page once', async () => {
  answers = [started];
  const { box, outgoing, rests } = outbox();
  box.send('s1', 'hello');
  const { client_message_id } = outgoing()[0]!;
  box.store.trigger.dropped({ client_message_id });
  await rests();
  expect(outgoing()).toEqual([]);
});

test('ui storage that takes nothing never stops a message (lesson 95)', async () => {
  const full = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  answers = [started];
  const { box, outgoing, rests } = outbox();
  box.send('s1', 'hello');
  await rests();
  expect(outgoing()).toMatchObject([{ state: 'taken' }]);
  full.mockRestore();
});
