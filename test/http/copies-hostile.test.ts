// Copies of sessions that are no friend's: what an import takes, and what an export can still give.
import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createClient } from '../support/client.ts';
import { served } from '../support/served.ts';
import { startTestServer, temporaryFolder } from '../support/server.ts';

const weir = served();
const { client } = weir;

const take = (body: string, type = 'application/json') =>
  client.request('POST', '/api/sessions/import', body, { 'content-type': type });
const transcript = (text: string, fields = {}) =>
  JSON.stringify({ messages: [{ role: 'user', parts: [{ type: 'text', text }], ...fields }] });
const tool = (result: string) => ({
  type: 'tool',
  tid: 't',
  name: 'n',
  preview: '',
  args: {},
  status: 'completed',
  result,
  started_at: 1,
});

test('wire §4 a transcript that speaks of an export is still a transcript', async () => {
  const part = { ...tool('x'), args: { weir_export: 1 } };
  const body = JSON.stringify({ messages: [{ role: 'assistant', parts: [part] }] });
  expect(body).toContain('"weir_export":1');
  expect((await take(body)).status).toBe(201);
});

test('wire §4 markdown has a fence for any number of back-ticks', async () => {
  const result = '` '.repeat(200_000);
  const body = JSON.stringify({ messages: [{ role: 'assistant', parts: [tool(result)] }] });
  const imported = await take(body);
  expect(imported.status).toBe(201);
  const { session_id } = imported.body.session;
  const { status, body: text } = await client.get(`/api/sessions/${session_id}/export?format=markdown`);
  expect(status).toBe(200);
  expect(text).toContain(result);
});

test('wire §4 a time that no calendar has is refused by name', async () => {
  for (const created_at of [8_640_000_000_000_001, -1])
    expect(await take(transcript('x', { created_at }))).toMatchObject({
      status: 400,
      body: { field: 'messages.0.created_at' },
    });
  const at = 8_640_000_000_000_001;
  const lines = [
    { weir_export: 1, session: {} },
    { pos: 1, event: 'user_message', data: { pos: 1, at, message_id: 'm', stream_id: 'r', text: 'x' } },
  ];
  const body = lines.map((line) => JSON.stringify(line)).join('\n');
  expect((await take(body, 'application/x-ndjson')).status).toBe(400);
});

test('fault 2 an export of a damaged session holds everything but the damaged record, and says which', async () => {
  const folder = await temporaryFolder();
  const first = await startTestServer({ data: folder });
  const writer = createClient(first.url);
  const session_id = await writer.session();
  const stream_id = await writer.start(session_id, 'tokens=9');
  await (await writer.read(`/api/chat/stream?stream_id=${stream_id}`)).ended;
  const path = `/api/sessions/${session_id}/export?format=jsonl`;
  const whole: string[] = (await writer.get(path)).body.trim().split('\n');
  await first.close();
  const bytes = readFileSync(`${folder}/log.db`);
  const at = bytes.indexOf('"text":"5 "') + 8;
  bytes[at] = bytes[at]! ^ 2;
  writeFileSync(`${folder}/log.db`, bytes);

  const second = await startTestServer({ data: folder });
  const cut: string[] = (await createClient(second.url).get(path)).body.trim().split('\n');
  await second.close();
  await rm(folder, { recursive: true });
  expect(cut.length).toBe(whole.length);
  const damaged = whole.findIndex((line) => line.includes('"text":"5 "'));
  expect(JSON.parse(cut[damaged]!)).toMatchObject({ pos: damaged, event: 'damaged' });
  expect(cut.slice(1).filter((_, n) => n + 1 !== damaged)).toEqual(
    whole.slice(1).filter((_, n) => n + 1 !== damaged),
  );
  expect((await take(cut.join('\n'), 'application/x-ndjson')).status).toBe(201);
});
