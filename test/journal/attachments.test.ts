import fc from 'fast-check';
import { expect, test } from 'vitest';
import { getAttachment } from '../../src/journal/house-reads.ts';
import { getTranscript, readSession } from '../../src/journal/log-reads.ts';
import type { Admission, AttachmentRow } from '../../src/journal/port.ts';
import { listQueue } from '../../src/journal/session-reads.ts';
import { openDesk } from './desk.ts';
import {
  admission,
  createSession,
  finishRun,
  INTERRUPTED,
  newSession,
  OWNER,
  openBench,
  wholeLog,
} from './support.ts';

const rowOf = (attachment_id: string, more: Partial<AttachmentRow> = {}): AttachmentRow => ({
  attachment_id,
  name: `${attachment_id}.png`,
  type: 'image/png',
  bytes: 7,
  hash: `hash_${attachment_id}`,
  created_at: 5,
  ...more,
});
const toldOf = (attachment_id: string) => ({
  attachment_id,
  name: `${attachment_id}.png`,
  type: 'image/png',
  bytes: 7,
});
const partOf = (attachment_id: string) => ({
  type: 'attachment' as const,
  attachment_id,
  name: `${attachment_id}.png`,
  media_type: 'image/png',
  bytes: 7,
});

async function openWith(...ids: string[]) {
  const bench = await openBench();
  await createSession(bench.journal, 's');
  for (const id of ids) await bench.journal.addAttachment(OWNER, rowOf(id));
  return bench;
}

test('P2 a message keeps its attachments: in its record, its parts, its retry, its fork and over a restart', async () => {
  const { journal, folder } = await openWith('a1', 'a2');
  const admitted = await journal.admit(OWNER, admission('s', 'a', { attachment_ids: ['a2', 'a1'] }), 10);
  if (admitted.kind !== 'started') throw new Error(admitted.kind);
  await finishRun(journal, admitted.stream, 'seen');
  await journal.admitRetry(OWNER, { session_id: 's', stream_id: 'again', message_id: 'answer_again' }, 50);
  const asked = (await wholeLog(journal, 's')).filter(({ event }) => event === 'user_message');
  expect(asked.map(({ json }) => JSON.parse(json).attachments)).toEqual([
    [toldOf('a2'), toldOf('a1')],
    [toldOf('a2'), toldOf('a1')],
  ]);
  await journal.forkSession(OWNER, 's', 'user_a', 'f', 60);
  await journal.close();
  const { journal: again } = await openBench({ folder });
  for (const id of ['s', 'f']) {
    const transcript = await again.getTranscript(OWNER, id, { limit: 9 });
    const text = { type: 'text', text: 'question a' };
    expect(transcript?.messages[0]?.parts).toEqual([text, partOf('a2'), partOf('a1')]);
  }
  expect(await again.getAttachment(OWNER, 'a1')).toEqual(rowOf('a1'));
});

/** In memory: session `s`, with these attachments of its principal. */
function openDeskWith(...ids: string[]) {
  const desk = openDesk();
  const { database, write } = desk;
  write('create', { owner: OWNER, session: newSession('s'), at: 1 });
  for (const id of ids) write('attach', { owner: OWNER, attachment: rowOf(id) });
  return {
    ...desk,
    admit: (run: string, more: Partial<Admission> = {}, at = 10) =>
      write('admit', { owner: OWNER, admission: admission('s', run, more), at }),
    log: () => readSession(database, 's', 0, 99).records,
    parts: (session_id: string) =>
      getTranscript(database, OWNER, session_id, { limit: 9 })!.messages.map(({ parts }) => parts),
  };
}

test('SE2 a follow-up keeps its attachments while it waits, is edited, and runs', () => {
  const { database, write, admit, log, parts } = openDeskWith('a1');
  admit('a');
  admit('q', { on_busy: 'queue', attachment_ids: ['a1'] });
  write('edit', { owner: OWNER, session_id: 's', message_id: 'user_q', text: 'other words', at: 12 });
  expect(listQueue(database, OWNER, 's')).toMatchObject([
    { text: 'other words', attachments: [toldOf('a1')] },
  ]);
  write('settle', { stream_id: 'stream_a', epoch: 1, at: 20, otherwise: INTERRUPTED });
  write('follow', { session_id: 's', ids: { stream_id: 'next', message_id: 'answer_q' }, at: 50 });
  const told = log().filter(({ event }) => /^user_m|_queued$/.test(event));
  expect(told.map(({ json }) => JSON.parse(json).attachments)).toEqual([
    undefined,
    [toldOf('a1')],
    [toldOf('a1')],
  ]);
  expect(parts('s').at(-2)).toEqual([{ type: 'text', text: 'other words' }, partOf('a1')]);
});

test("P8 an attachment that is not there, or another principal's, is refused, and nothing is written", () => {
  const { database, write, admit, log } = openDeskWith('a1');
  write('attach', { owner: 'other', attachment: rowOf('theirs') });
  for (const attachment_id of ['theirs', 'nobody'])
    expect(admit('a', { attachment_ids: ['a1', attachment_id] })).toEqual({
      kind: 'no_attachment',
      attachment_id,
    });
  expect(getAttachment(database, OWNER, 'theirs')).toBeNull();
  expect(log()).toEqual([]);
  expect(write('forget_unused', { before: 99 }).hashes).toEqual(['hash_a1', 'hash_theirs']);
});

test('SE5 the same submission is the same text with the same attachments', () => {
  const { admit } = openDeskWith('a1', 'a2');
  const submit = (run: string, ...attachment_ids: string[]) =>
    admit(run, { client_message_id: 'c', text: 'look', attachment_ids });
  expect(submit('a', 'a1', 'a2').kind).toBe('started');
  expect(submit('b', 'a1', 'a2')).toMatchObject({ kind: 'repeated', answer: { stream_id: 'stream_a' } });
  for (const ids of [[], ['a1'], ['a2', 'a1'], ['nobody']])
    expect(submit('c', ...ids)).toEqual({ kind: 'mismatch' });
});

test('P8 an import keeps the attachments that are here, and of all others the names', () => {
  const { write, parts } = openDeskWith('a1');
  write('attach', { owner: 'other', attachment: rowOf('theirs') });
  const named = ['a1', 'theirs', 'lost'].map(partOf);
  write('import', {
    owner: OWNER,
    session: newSession('i'),
    messages: [{ role: 'user', parts: named, created_at: 1 }],
    message_ids: ['m'],
    at: 10,
  });
  expect(parts('i')).toEqual([
    [partOf('a1'), { ...partOf('theirs'), attachment_id: '' }, { ...partOf('lost'), attachment_id: '' }],
  ]);
  expect(write('forget_unused', { before: 99 }).hashes).toEqual(['hash_theirs']);
});

test('lesson 40 what only a deleted session named goes with it, and its file is told of until it is gone', async () => {
  const { journal, folder } = await openWith('a1', 'a2');
  await createSession(journal, 't');
  await journal.admit(OWNER, admission('s', 'a', { attachment_ids: ['a1', 'a2'] }), 10);
  await journal.admit(OWNER, admission('t', 't', { attachment_ids: ['a2'] }), 10);
  await finishRun(journal, (await journal.getStream(OWNER, 'stream_a'))!, 'text');
  await journal.deleteSession(OWNER, 's');
  expect(await journal.getAttachment(OWNER, 'a1')).toBeNull();
  expect(await journal.getAttachment(OWNER, 'a2')).toEqual(rowOf('a2'));
  expect(await journal.forgetAttachments(0)).toEqual({ hashes: ['hash_a1'] });
  await journal.close();
  const { journal: again } = await openBench({ folder });
  expect(await again.forgetAttachments(0)).toEqual({ hashes: ['hash_a1'] });
  await again.detachAttachments(['hash_a1']);
  expect(await again.forgetAttachments(99)).toEqual({ hashes: [] });
});

const id = fc.nat({ max: 5 }).map((n) => `a${n}`);
const session = fc.constantFrom('s', 't');
const step = fc.oneof(
  fc.record({ do: fc.constant('attach' as const), id, hash: fc.constantFrom('h1', 'h2', 'h3') }),
  fc.record({ do: fc.constant('send' as const), session, ids: fc.uniqueArray(id, { maxLength: 3 }) }),
  fc.record({ do: fc.constant('withdraw' as const), session }),
  fc.record({ do: fc.constant('delete' as const), session }),
  fc.record({ do: fc.constant('forget' as const), before: fc.nat({ max: 40 }) }),
);

/** What there is, who names it, and which file has no name: as sets. */
class Model {
  rows = new Map<string, { hash: string; at: number }>();
  /** by session, by message */
  uses = new Map<string, Map<string, string[]>>();
  nameless = new Set<string>();
  isNamed = (wanted: string) =>
    [...this.uses.values()].some((messages) => [...messages.values()].some((ids) => ids.includes(wanted)));
  forget(wanted: string): void {
    const { hash } = this.rows.get(wanted)!;
    this.rows.delete(wanted);
    if (![...this.rows.values()].some((row) => row.hash === hash)) this.nameless.add(hash);
  }
}

test('an attachment is there as long as it is new or named, a file as long as an attachment is: whatever is asked', () => {
  const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const { database, write } = openDesk();
    const model = new Model();
    const begin = (name: string, at: number) => {
      write('create', { owner: OWNER, session: newSession(name), at });
      write('patch', { owner: OWNER, session_id: name, patch: { queue_paused: true }, at });
      model.uses.set(name, new Map());
    };
    for (const name of ['s', 't']) begin(name, 0);
    steps.forEach((asked, at) => {
      if (asked.do === 'attach' && !model.rows.has(asked.id)) {
        const { id: attachment_id, hash } = asked;
        write('attach', { owner: OWNER, attachment: rowOf(attachment_id, { hash, created_at: at }) });
        model.rows.set(attachment_id, { hash, at });
        model.nameless.delete(hash);
      } else if (asked.do === 'send') {
        // The first message of a session runs for ever; the others wait.
        const more = { on_busy: 'queue', attachment_ids: asked.ids } as const;
        const submitted = admission(asked.session, `${asked.session}${at}`, more);
        const { kind } = write('admit', { owner: OWNER, admission: submitted, at });
        const isKnown = asked.ids.every((one) => model.rows.has(one));
        expect(kind === 'no_attachment').toBe(!isKnown);
        if (isKnown) model.uses.get(asked.session)!.set(`user_${asked.session}${at}`, asked.ids);
      } else if (asked.do === 'withdraw') {
        const [, message_id] = [...model.uses.get(asked.session)!.keys()];
        if (message_id === undefined) return;
        write('withdraw', { owner: OWNER, session_id: asked.session, message_id, at });
        model.uses.get(asked.session)!.delete(message_id);
      } else if (asked.do === 'delete') {
        const named = [...model.uses.get(asked.session)!.values()].flat();
        const [first] = [...model.uses.get(asked.session)!.keys()];
        if (first) {
          const stream_id = first.replace('user_', 'stream_');
          write('settle', {
            stream_id,
            epoch: 1,
            at,
            otherwise: { event: 'cancel', payload: '{"message":""}' },
          });
        }
        write('delete', { owner: OWNER, session_id: asked.session });
        begin(asked.session, at);
        for (const one of new Set(named)) if (!model.isNamed(one)) model.forget(one);
      } else if (asked.do === 'forget') {
        for (const [one, row] of [...model.rows])
          if (row.at < asked.before && !model.isNamed(one)) model.forget(one);
        const { hashes } = write('forget_unused', { before: asked.before });
        expect(new Set(hashes)).toEqual(model.nameless);
        if (hashes[0] !== undefined) write('detached', { hashes: [hashes[0]] });
        model.nameless.delete(hashes[0] ?? '');
      }
    });
    for (let n = 0; n <= 5; n++)
      expect(getAttachment(database, OWNER, `a${n}`)?.hash).toBe(model.rows.get(`a${n}`)?.hash);
  });
  fc.assert(property, { numRuns: 60 });
});
