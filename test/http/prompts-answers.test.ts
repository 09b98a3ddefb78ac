// Answers over HTTP: one winner, losers who learn how it ended, wrong answers that lose nothing, leave that is remembered as
// far as it was given.
import { expect, test } from 'vitest';
import { type Answer, createClient, named, type SseEvent } from '../support/client.ts';
import { openAsker, promptStream } from '../support/prompt-asks.ts';
import { HANDLER_MS, within } from '../support/raw.ts';
import { served } from '../support/served.ts';
import { startTestServer } from '../support/server.ts';

const weir = served();
const { client } = weir;

const asTab = (tab: string) => createClient(weir.url, { 'weir-client': tab });
const clarify = (body: object, by = client): Promise<Answer> => by.post('/api/clarify/respond', body);
const approve = (body: object, by = client): Promise<Answer> => by.post('/api/approval/respond', body);
const stale = (how: string) => ({ status: 409, body: { code: 'prompt_stale', how } });
const text = ({ events }: { events: SseEvent[] }) =>
  events
    .filter(named('token'))
    .map(({ data }) => JSON.parse(data).text)
    .join('');

/** A demo run that asks; the id of what it asks first. */
async function demo(message: string, kind: 'clarify' | 'approval' = 'clarify', of?: string) {
  const session_id = of ?? (await client.session());
  const stream_id = await client.start(session_id, message);
  const id = await headOf(session_id, kind);
  return { session_id, stream_id, id };
}
/** The id of the queue's head, once there is one that is not `after`. */
async function headOf(session_id: string, kind: 'clarify' | 'approval', after?: string): Promise<string> {
  const reader = await promptStream(client, kind, session_id);
  const idOf = ({ data }: SseEvent) => JSON.parse(data).pending?.[`${kind}_id`];
  const isNew = (event: SseEvent) => named('initial', kind)(event) && idOf(event) && idOf(event) !== after;
  const head = await within(HANDLER_MS, 'the question', reader.until(isNew));
  reader.close();
  return idOf(head);
}
async function said(stream_id: string): Promise<string> {
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await reader.ended;
  return text(reader);
}

test('CQ5 twenty tabs answer at once: one 200, nineteen 409 that say who; the agent hears one answer', async () => {
  const { session_id, stream_id, id: clarify_id } = await demo('tokens=2 ask="Which?|this|that"');
  const tabs = Array.from({ length: 20 }, (_, at) => `tab${at}`);
  const answers = await Promise.all(
    tabs.map((tab) => clarify({ session_id, clarify_id, response: `by ${tab}` }, asTab(tab))),
  );
  const won = answers.filter(({ status }) => status === 200);
  const lost = answers.filter(({ status }) => status === 409);
  expect([won.length, lost.length]).toEqual([1, 19]);
  const winner: string = won[0]!.body.answered_by;
  expect(won[0]!.body).toEqual({ ok: true, clarify_id, answered_by: winner });
  expect(tabs[answers.indexOf(won[0]!)]).toBe(winner);
  for (const { body } of lost)
    expect(body).toMatchObject({ code: 'prompt_stale', how: 'answered', answered_by: winner });
  expect(lost.every(({ body }) => typeof body.settled_at === 'number')).toBe(true);
  const heard = (await said(stream_id)).match(/answer: by tab\d+/g);
  expect(heard).toEqual([`answer: by ${winner}`]);
});

test('CQ5 the same answer again from the same tab is the same 200; another, or from elsewhere, is 409', async () => {
  const { session_id, id: clarify_id } = await demo('tokens=2 ask="Which?|this|that"');
  const answer = { session_id, clarify_id, choices: ['this'] };
  const first = await clarify(answer, asTab('mine'));
  expect(first).toMatchObject({ status: 200, body: { answered_by: 'mine' } });
  const again = await clarify(answer, asTab('mine'));
  expect([again.status, again.body]).toEqual([200, first.body]);
  const theirs = { ...stale('answered'), body: { how: 'answered', answered_by: 'mine' } };
  expect(await clarify({ ...answer, choices: ['that'] }, asTab('mine'))).toMatchObject(theirs);
  expect(await clarify({ session_id, clarify_id, action: 'decline' }, asTab('mine'))).toMatchObject(theirs);
  expect(await clarify(answer, asTab('yours'))).toMatchObject(theirs);
  expect(await clarify(answer)).toMatchObject(theirs);
});

test('CQ5 wire §4 declining is an answer that the agent hears', async () => {
  const { session_id, stream_id, id: clarify_id } = await demo('tokens=2 ask="Which?"');
  const answer = { session_id, clarify_id, action: 'decline' };
  expect(await clarify(answer, asTab('t'))).toMatchObject({ status: 200, body: { answered_by: 't' } });
  expect(await clarify(answer, asTab('t'))).toMatchObject({ status: 200 });
  expect(await clarify(answer, asTab('u'))).toMatchObject(stale('declined'));
  expect(await said(stream_id)).toContain('answer: declined');
});

test('wire §4 every wrong answer is refused by the name of its field, and the question still waits', async () => {
  const asker = await openAsker(weir);
  const { session_id } = asker;
  const requested_schema = {
    type: 'object',
    properties: { age: { type: 'integer', minimum: 0 }, name: { type: 'string' } },
    required: ['age'],
  };
  await asker.ask('clarify', 'w_one');
  await asker.ask('clarify', 'w_form', { choices_offered: [], requested_schema });
  await asker.ask('clarify', 'w_many', { multiple: true });
  await asker.ask('approval', 'w_leave');
  const one = { session_id, clarify_id: 'w_one' };
  const form = { session_id, clarify_id: 'w_form' };
  const leave = { session_id, approval_id: 'w_leave' };
  const wrong: [(body: object) => Promise<Answer>, object, string][] = [
    [clarify, { ...one }, 'response'],
    [clarify, { ...one, response: 'x', choices: ['this'] }, 'response'],
    [clarify, { ...one, response: 'x', action: 'decline' }, 'response'],
    [clarify, { ...one, action: 'accept' }, 'action'],
    [clarify, { ...one, response: 7 }, 'response'],
    [clarify, { ...one, response: 'x'.repeat(70_000) }, 'response'],
    [clarify, { ...one, choices: ['other'] }, 'choices'],
    [clarify, { ...one, choices: ['this', 'that'] }, 'choices'],
    [clarify, { ...one, choices: ['this', 'this'] }, 'choices'],
    [clarify, { ...one, choices: [] }, 'choices'],
    [clarify, { ...one, content: { age: 1 } }, 'content'],
    [clarify, { ...one, response: 'x', more: 1 }, 'more'],
    [
      clarify,
      JSON.parse(`{"__proto__":{},"session_id":"${session_id}","clarify_id":"w_one","response":"x"}`),
      '__proto__',
    ],
    [clarify, { session_id, response: 'x' }, 'clarify_id'],
    [clarify, { clarify_id: 'w_one', response: 'x' }, 'session_id'],
    [clarify, { session_id, clarify_id: '../w_one', response: 'x' }, 'clarify_id'],
    [clarify, { ...form, content: { age: 'old' } }, 'content.age'],
    [clarify, { ...form, content: { age: -1 } }, 'content.age'],
    [clarify, { ...form, content: { name: 'x' } }, 'content.age'],
    [clarify, { ...form, content: [1] }, 'content'],
    [approve, { ...leave }, 'choice'],
    [approve, { ...leave, choice: 'once', option_id: 'once' }, 'choice'],
    [approve, { ...leave, choice: 'maybe' }, 'choice'],
    [approve, { ...leave, option_id: 'unknown' }, 'option_id'],
    [approve, { ...leave, choice: 'once', feedback: 7 }, 'feedback'],
    [approve, { ...leave, choice: 'once', scope: 'always' }, 'scope'],
  ];
  for (const [send, body, field] of wrong) {
    const { status, body: refused } = await send(body);
    const what = JSON.stringify(body).slice(0, 120);
    expect([status, refused.code, refused.field], what).toEqual([400, 'bad_request', field]);
  }
  const header = await createClient(weir.url, { 'weir-client': 'no id!' }).post('/api/clarify/respond', {
    ...one,
    response: 'x',
  });
  expect([header.status, header.body.field]).toEqual([400, 'Weir-Client']);
  const other = await openAsker(weir);
  const foreign: [(body: object) => Promise<Answer>, object][] = [
    [clarify, { session_id, clarify_id: 'nothing', response: 'x' }],
    [clarify, { session_id: 'nowhere', clarify_id: 'w_one', response: 'x' }],
    [clarify, { session_id: other.session_id, clarify_id: 'w_one', response: 'x' }],
    [clarify, { session_id, clarify_id: 'w_leave', response: 'x' }],
    [approve, { session_id, approval_id: 'w_one', choice: 'once' }],
  ];
  for (const [send, body] of foreign) expect((await send(body)).status, JSON.stringify(body)).toBe(404);
  for (const query of ['', '?session_id=', '?session_id=a&session_id=b', `?session_id=${session_id}&x=1`])
    for (const path of ['/api/clarify/stream', '/api/approval/pending'])
      expect((await client.get(path + query)).status, path + query).toBe(400);
  // Nothing of it did anything: all four wait, and take the right answer.
  const { body } = await client.get(`/api/clarify/pending?session_id=${session_id}`);
  expect([body.pending.clarify_id, body.pending_count]).toEqual(['w_one', 3]);
  expect((await clarify({ ...one, response: '' })).status).toBe(200);
  expect((await clarify({ ...form, content: { age: 7, more: [1] } })).status).toBe(200);
  expect((await clarify({ session_id, clarify_id: 'w_many', choices: ['that', 'this'] })).status).toBe(200);
  expect((await approve({ ...leave, option_id: 'no' })).status).toBe(200);
});

test('lessons 99 to 101 an answer that comes too late learns how it ended, and touches nothing else', async () => {
  const asker = await openAsker(weir);
  const { session_id, stream_id } = asker;
  await asker.ask('clarify', 'l_due', { expires_at: Date.now() + 50, timeout_seconds: 1 });
  await asker.ask('clarify', 'l_next');
  const reader = await promptStream(client, 'clarify', session_id);
  const isNext = ({ data }: SseEvent) => JSON.parse(data).pending?.clarify_id === 'l_next';
  await within(HANDLER_MS, 'the expiry', reader.until(isNext));
  const late = (clarify_id: string) => clarify({ session_id, clarify_id, response: 'late' });
  expect(await late('l_due')).toMatchObject(stale('expired'));
  expect((await client.get(`/api/clarify/pending?session_id=${session_id}`)).body.pending_count).toBe(1);
  await client.post('/api/chat/cancel', { stream_id });
  expect(await late('l_next')).toMatchObject(stale('cancelled'));
  expect(await late('l_due')).toMatchObject(stale('expired'));
  reader.close();
});

const LEAVE = 'tokens=2 approve="ls -l"';
const rulesOf = async () => (await client.get('/api/approval/rules')).body.rules;

test('CQ11 lesson 111 once is never remembered; what is said with it reaches the agent', async () => {
  const first = await demo(LEAVE, 'approval');
  const { session_id } = first;
  const answer = { session_id, approval_id: first.id, choice: 'once', feedback: 'but gently' };
  expect((await approve(answer)).status).toBe(200);
  expect(await said(first.stream_id)).toContain('approval: once but gently');
  const second = await demo(LEAVE, 'approval', session_id);
  expect(second.id).not.toBe(first.id);
  expect((await approve({ session_id, approval_id: second.id, choice: 'deny', feedback: 'no' })).status).toBe(
    200,
  );
  expect(await said(second.stream_id)).toContain('approval: deny no');
  expect(await rulesOf()).toEqual([]);
});

test('CQ11 for the session: in it, for this call, and gone with it', async () => {
  const { session_id, stream_id, id } = await demo(LEAVE, 'approval');
  expect((await approve({ session_id, approval_id: id, choice: 'session' })).status).toBe(200);
  expect(await said(stream_id)).toContain('approval: session');
  expect(await rulesOf()).toMatchObject([
    { scope: 'session', session_id, tool: 'shell', command: 'ls -l', effect: 'allow' },
  ]);
  // Answered without anybody: the run ends by itself.
  expect(await said(await client.start(session_id, LEAVE))).toContain('approval: once');
  const other = await demo('tokens=2 approve="ls -l /"', 'approval', session_id);
  await approve({ session_id, approval_id: other.id, choice: 'deny' });
  await said(other.stream_id);
  const elsewhere = await demo(LEAVE, 'approval');
  await approve({ session_id: elsewhere.session_id, approval_id: elsewhere.id, choice: 'deny' });
  expect((await client.request('DELETE', `/api/sessions/${session_id}`)).status).toBe(204);
  expect(await rulesOf()).toEqual([]);
});

test('CQ11 always: everywhere, listed with what it allows, until it is withdrawn', async () => {
  const { session_id, stream_id, id } = await demo(LEAVE, 'approval');
  expect((await approve({ session_id, approval_id: id, option_id: 'always' })).status).toBe(200);
  expect(await said(stream_id)).toContain('approval: always');
  const elsewhere = await client.session();
  expect(await said(await client.start(elsewhere, LEAVE))).toContain('approval: once');
  const [rule, ...more] = await rulesOf();
  expect(more).toEqual([]);
  expect(rule).toMatchObject({
    scope: 'always',
    session_id: null,
    tool: 'shell',
    command: 'ls -l',
    effect: 'allow',
  });
  expect(rule.created_at).toBeGreaterThan(Date.now() - 60_000);
  const path = `/api/approval/rules/${rule.rule_id}`;
  expect((await client.request('DELETE', path)).status).toBe(204);
  expect((await client.request('DELETE', path)).status).toBe(404);
  expect((await client.request('DELETE', '/api/approval/rules/no%20id')).status).toBe(400);
  expect(await rulesOf()).toEqual([]);
  // From now on it is asked again.
  expect((await demo(LEAVE, 'approval', elsewhere)).id).toMatch(/^a_/);
});

test('CQ7 lesson 105 one setting says how long; 0 is for ever', async () => {
  const settings: [number, object][] = [
    [0, { timeout_seconds: 0, expires_at: null }],
    [90, { timeout_seconds: 90, expires_at: expect.any(Number) }],
  ];
  for (const [seconds, due] of settings) {
    const own = await startTestServer({
      clarify_timeout_seconds: seconds,
      approval_timeout_seconds: seconds,
    });
    const client = createClient(own.url);
    for (const kind of ['clarify', 'approval'] as const) {
      const session_id = await client.session();
      await client.start(session_id, kind === 'clarify' ? 'tokens=2 ask=Which?' : 'tokens=2 approve=ls');
      const reader = await promptStream(client, kind, session_id);
      const asked = await within(
        HANDLER_MS,
        kind,
        reader.until(({ data }) => Boolean(JSON.parse(data).pending)),
      );
      const { pending } = JSON.parse(asked.data);
      expect(pending).toMatchObject(due);
      if (seconds > 0) expect(pending.expires_at - pending.requested_at).toBe(seconds * 1000);
      reader.close();
    }
    await own.close();
  }
});
