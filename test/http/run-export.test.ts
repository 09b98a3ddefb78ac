// A run as a file: its records and the steps of its receipt, which replay and the inspector's page open.
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRecording } from '../../src/inspect/recording.ts';
import { replay } from '../../src/inspect/replay.ts';
import { openJournal } from '../../src/journal/open.ts';
import type { Transition } from '../../src/protocol/index.ts';
import { type Client, createClient } from '../support/client.ts';
import { quietLog, startTestServer, temporaryFolder } from '../support/server.ts';

let data: string;
beforeAll(async () => {
  data = await temporaryFolder();
});
afterAll(() => rm(data, { recursive: true, force: true }));

const SESSION = {
  ...{ session_id: 's_left', title: null, agent: 'demo', model: null, cwd: null },
  ...{ parent_session_id: null, relation: null, is_cli_session: false },
  ...{ source_tag: null, session_source: null, source_label: null },
};

/** What a process left behind that died in the middle of a run, at 1005; and one that was over before receipts were kept. */
async function leaveBehind(): Promise<void> {
  const journal = await openJournal({ folder: data, log: quietLog });
  await journal.createSession('owner', SESSION, 1000);
  async function admit(name: string): Promise<void> {
    const ids = { stream_id: `r_${name}`, user_message_id: `m_${name}`, message_id: `a_${name}` };
    await journal.admit(
      'owner',
      { session_id: 's_left', ...ids, client_message_id: null, text: name, on_busy: 'reject' },
      1001,
    );
    const frame = (event: string, payload: object, at: number) =>
      journal.append({ stream_id: ids.stream_id, epoch: 1, event, payload: JSON.stringify(payload), at });
    await frame('stream_started', { agent: 'demo', epoch: 1 }, 1002);
    await frame('token', { text: name, seq: 99 }, 1004);
  }
  await admit('old');
  const end = { stream_id: 'r_old', epoch: 1, at: 1005 };
  await journal.terminal({ ...end, event: 'done', payload: '{"message_id":"a_old"}' });
  await journal.settle(end);
  await admit('lost');
  await journal.close();
}

const HOUR_MS = 3_600_000;
const SET_AT = 10 * HOUR_MS;
/** A time by the clock that was set back. */
const after = (ms: number): number => SET_AT - HOUR_MS + ms;

/** A run in whose middle the clock was set back by an hour, after it had been quiet at `quiet_at`. */
async function leaveSetBack(stream_id: string, quiet_at: number): Promise<void> {
  const journal = await openJournal({ folder: data, log: quietLog });
  const session_id = `s_${stream_id}`;
  await journal.createSession('owner', { ...SESSION, session_id }, SET_AT);
  const ids = { session_id, stream_id, user_message_id: `m_${stream_id}`, message_id: `a_${stream_id}` };
  await journal.admit('owner', { ...ids, client_message_id: null, text: 'Hello', on_busy: 'reject' }, SET_AT);
  const frame = (event: string, at: number) =>
    journal.append({ stream_id, epoch: 1, event, payload: '{"agent":"demo","epoch":1,"text":"a"}', at });
  await frame('stream_started', SET_AT + 2);
  for (const at of [SET_AT + 10, SET_AT + 20, after(3), after(7), after(12)]) await frame('token', at);
  await journal.terminal({
    ...{ stream_id, epoch: 1, at: after(16), event: 'done' },
    payload: `{"message_id":"a_${stream_id}"}`,
  });
  const step = (at: number, path: string, run_state: Transition['run_state']) => ({
    ...{ at, path, run_state, why: null },
  });
  const transitions = [
    step(SET_AT, 'active.admitted', 'starting'),
    step(SET_AT + 1, 'active.starting', 'starting'),
    step(SET_AT + 11, 'active.running', 'running'),
    step(quiet_at, 'active.quiet', 'quiet'),
    step(after(5), 'active.running', 'running'),
    step(after(9), 'active.quiet', 'quiet'),
    step(after(15), 'draining.closing', 'draining'),
  ];
  await journal.settle({ stream_id, epoch: 1, at: after(20), receipt: { transitions, dropped: 0 } });
  await journal.close();
}

const recordingOf = async (client: Client, url: string, stream_id: string) => {
  const answer = await fetch(`${url}/api/chat/export?stream_id=${stream_id}`);
  expect(answer.headers.get('content-disposition')).toContain(`${stream_id}.jsonl`);
  const recording = readRecording(await answer.text());
  const receipt = (await client.get(`/api/chat/receipt?stream_id=${stream_id}`)).body;
  return { ...recording, receipt };
};

test('ui5 IN6 what the log tells of before a take-over and of old runs is in the receipt, and an export is a recording', async () => {
  await leaveBehind();
  const { url, close } = await startTestServer({ data });
  const client = createClient(url);
  try {
    const lost = await recordingOf(client, url, 'r_lost');
    const paths = lost.receipt.transitions.map(({ path }: { path: string }) => path);
    expect(lost.receipt).toMatchObject({ kept: true, epoch: 2, from_log: 3, outcome: 'interrupted' });
    expect(paths.slice(0, 4)).toEqual([
      'active.admitted',
      'active.starting',
      'active.running',
      'stale.recovering',
    ]);
    expect(paths.at(-1)).toBe('settled');

    const old = await recordingOf(client, url, 'r_old');
    expect(old.receipt).toMatchObject({ kept: false, outcome: 'completed', from_log: 5 });
    expect(old.receipt.transitions.map(({ at }: { at: number }) => at)).toEqual([
      1001, 1002, 1004, 1005, 1005,
    ]);

    const session_id = await client.session();
    const stream_id = await client.start(session_id, 'tokens=30 ask="Which?|a|b"');
    const { pending } = await (async () => {
      for (;;) {
        const { body } = await client.get(`/api/clarify/pending?session_id=${session_id}`);
        if (body.pending) return body;
      }
    })();
    const live = await recordingOf(client, url, stream_id);
    expect(live.receipt.settled_at).toBeNull();
    const answer = { session_id, clarify_id: pending.clarify_id, choices: ['a'] };
    expect((await client.request('POST', '/api/clarify/respond', answer)).status).toBe(200);
    await (await client.read(`/api/chat/stream?stream_id=${stream_id}`)).ended;
    const over = await recordingOf(client, url, stream_id);
    expect(over.receipt).toMatchObject({ kept: true, from_log: 0, outcome: 'completed' });

    for (const { head, entries, receipt } of [lost, old, live, over]) {
      expect(replay({ head, entries }).differences).toEqual([]);
      expect(head).toMatchObject({ source: 'run', run: { stream_id: receipt.stream_id, agent: 'demo' } });
      const told = entries.filter((entry) => entry.kind === 'actor' || entry.kind === 'step');
      expect(told.map(({ at, state }) => [at, state])).toEqual(
        receipt.transitions.map(({ at, path }: { at: number; path: string }) => [at, path]),
      );
      // What the inspector's page marks an end by.
      if (receipt.outcome !== null)
        expect(told.at(-1)).toMatchObject({ state: 'settled', context: { terminal: receipt.outcome } });
      expect(entries.some((entry) => entry.kind === 'record' && entry.event === 'user_message')).toBe(true);
    }
    const events = over.entries.flatMap((entry) => (entry.kind === 'record' ? [entry.event] : []));
    expect(events).toEqual(expect.arrayContaining(['prompt_asked', 'prompt_settled', 'stream_end']));
    expect(events.slice(0, live.entries.filter(({ kind }) => kind === 'record').length)).toEqual(
      live.entries.flatMap((entry) => (entry.kind === 'record' ? [entry.event] : [])),
    );
    expect((await client.get('/api/chat/export?stream_id=r_none')).status).toBe(404);
  } finally {
    await close();
  }
});

test.each([
  ['before the last record by the old clock', SET_AT + 15],
  ['after it', SET_AT + 25],
])(
  'ui5 the export of a run whose clock was set back has its steps where they were: a step %s',
  async (_, quiet_at) => {
    const stream_id = `r_${quiet_at}`;
    await leaveSetBack(stream_id, quiet_at);
    const { url, close } = await startTestServer({ data });
    try {
      const { entries } = await recordingOf(createClient(url), url, stream_id);
      const order = entries.flatMap((entry) =>
        entry.kind === 'record' ? [entry.event] : 'state' in entry ? [entry.state] : [],
      );
      const quiet = ['token', 'active.quiet'];
      expect(order).toEqual([
        ...[
          'active.admitted',
          'user_message',
          'active.starting',
          'stream_started',
          'token',
          'active.running',
        ],
        ...(quiet_at > SET_AT + 20 ? quiet : quiet.toReversed()),
        ...['token', 'active.running', 'token', 'active.quiet', 'token', 'draining.closing', 'done'],
        ...['stream_end', 'settled'],
      ]);
    } finally {
      await close();
    }
  },
);
