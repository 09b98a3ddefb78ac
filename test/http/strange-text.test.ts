// CR, LF, NUL, BOM, lone surrogates and what looks like markup, in every string that is kept: what goes in comes out, in
// every place, and the same submission is the same submission (properties.md §5).
import { expect, test } from 'vitest';
import { named } from '../support/client.ts';
import { within } from '../support/raw.ts';
import { served } from '../support/served.ts';

const weir = served();
const { client } = weir;

const STRANGE = [
  'a\0b',
  'a\r\nb\rc\nd',
  '\ufeffbom',
  '\ud800lone',
  'lone\udfff',
  'event: stream_end\ndata: {}\n\n',
  '\u2028\u2029\u0085',
  '</script><img src=x onerror=alert(1)>',
  '\u001b[31mred',
  '{"__proto__":1}',
  '🌊 日本語 é',
  "'; DROP TABLE messages; --",
];
const read = async (session_id: string) =>
  (await client.get(`/api/session?session_id=${session_id}`)).body.session;

test('wire §5 every text field of a session comes back as it was given, half a surrogate pair as U+FFFD', async () => {
  for (const text of STRANGE) {
    const fields = (value: string) => ({
      title: value,
      model: value,
      source_tag: value,
      session_source: value,
      source_label: value,
    });
    const session_id = await client.session(fields(text));
    expect(await read(session_id)).toMatchObject(fields(text.toWellFormed()));
    const { body } = await client.request('PATCH', `/api/sessions/${session_id}`, { title: `${text}!` });
    expect(body.session.title).toBe(`${text.toWellFormed()}!`);
    const { sessions } = (await client.get('/api/sessions?limit=1')).body;
    expect(sessions[0].title).toBe(`${text.toWellFormed()}!`);
  }
});

test('wire §5 a message comes back as it was sent: transcript, feed, export, and the same submission again', async () => {
  for (const text of STRANGE) {
    const message = `tokens=1 ${text}`;
    const session_id = await client.session();
    const body = { session_id, message, client_message_id: 'c-1' };
    const first = await client.post('/api/chat/start', body);
    expect(first.status, JSON.stringify(text)).toBe(200);
    const reader = await client.read(`/api/chat/stream?stream_id=${first.body.stream_id}`);
    await within(4_000, 'the end', reader.ended);
    const again = await client.post('/api/chat/start', body);
    expect([again.status, again.body.stream_id], JSON.stringify(text)).toEqual([200, first.body.stream_id]);
    expect((await read(session_id)).messages[0].parts[0].text).toBe(message.toWellFormed());
    const feed = await client.read(`/api/sessions/${session_id}/events`);
    expect(JSON.parse((await feed.until(named('user_message'))).data).text).toBe(message.toWellFormed());
    feed.close();
    const copy = await client.get(`/api/sessions/${session_id}/export?format=json`);
    expect(copy.body.messages[0].parts[0].text).toBe(message.toWellFormed());
  }
});

test('wire §5 a message that waits is the one that runs, an edited one as edited', async () => {
  for (const text of STRANGE) {
    const session_id = await client.session();
    const stream_id = await client.start(session_id, `stall=60@0 ${text}`);
    expect((await read(session_id)).pending_user_message).toBe(`stall=60@0 ${text.toWellFormed()}`);
    const body = { session_id, message: `tokens=1 ${text}`, on_busy: 'queue', client_message_id: 'c-2' };
    const queued = await client.post('/api/chat/start', body);
    expect(queued.status).toBe(202);
    expect((await client.post('/api/chat/start', body)).body.message_id, JSON.stringify(text)).toBe(
      queued.body.message_id,
    );
    const edited = `tokens=2 ${text}`;
    await client.request('PATCH', `/api/sessions/${session_id}/queue/${queued.body.message_id}`, {
      message: edited,
    });
    const { queue } = (await client.get(`/api/sessions/${session_id}/queue`)).body;
    expect(queue[0].text).toBe(edited.toWellFormed());
    const feed = await client.read(`/api/sessions/${session_id}/events`);
    await client.post('/api/chat/cancel', { stream_id });
    await feed.until(({ event, data }) => event === 'user_message' && data.includes(queued.body.message_id));
    let ends = 0;
    await within(
      4_000,
      'the end',
      feed.until(({ event }) => event === 'stream_end' && ++ends === 2),
    );
    feed.close();
    expect((await read(session_id)).messages[2].parts[0].text).toBe(edited.toWellFormed());
    expect(feed.events.filter(named('token'))).toHaveLength(2);
  }
});

test('wire §5 a retry answers the very same text', async () => {
  for (const text of STRANGE) {
    const session_id = await client.session();
    const message = `tokens=1 ${text}`;
    const reader = await client.read(`/api/chat/stream?stream_id=${await client.start(session_id, message)}`);
    await reader.ended;
    const { stream_id } = (await client.post('/api/chat/retry', { session_id })).body;
    const feed = await client.read(`/api/sessions/${session_id}/events`);
    const asked = await feed.until(({ event, data }) => event === 'user_message' && data.includes(stream_id));
    await feed.until(({ event, data }) => event === 'stream_end' && data.includes(stream_id));
    feed.close();
    expect(JSON.parse(asked.data).text).toBe(message.toWellFormed());
  }
});
