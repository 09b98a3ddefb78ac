// How long the first page of the list takes at the reader's thread, while fifty runs write.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../src/journal/open.ts';
import type { Journal, NewSession } from '../src/journal/port.ts';
import type { Log } from '../src/protocol/index.ts';
import { readCall } from '../test/support/command.ts';

const { options } = readCall({
  call: 'node bench/list.ts',
  does: 'Measures how long the first page of the list takes at the reader’s thread, while fifty runs write.',
  options: { sessions: { kind: 'whole', value: 'N', fallback: 5000, help: 'sessions in the list' } },
  takes: 'about 20 s',
  exits: '0 it was measured; 1 it could not be',
});
const SESSIONS = options.sessions;
const LIVE = 50;
/** Frames a second of each live run. */
const PACE = 20;
const TRIES = 30;
const PAGE = 50;
const TEXT = 'A settled answer of ordinary words about the harbour, its ships and their masts. '.repeat(12);

const silent = () => {};
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };
const print = (line: string) => process.stdout.write(`${line}\n`);
const none = { title: null, model: null, cwd: null, parent_session_id: null, relation: null };
const source = { is_cli_session: false, source_tag: null, session_source: null, source_label: null };

/** A session of `owner` with one settled turn, or with a run that goes on. */
async function fill(journal: Journal, owner: string, no: number, more: Partial<NewSession>, settled = true) {
  const session_id = `${owner}_${no}`;
  await journal.createSession(owner, { session_id, agent: 'demo', ...none, ...source, ...more }, no);
  const writer = { stream_id: `run_${session_id}`, epoch: 1, at: no };
  const ids = { user_message_id: `u_${no}`, message_id: `a_${no}`, client_message_id: null };
  const text = `Question number${no} about the harbour`;
  await journal.admit(owner, { session_id, ...writer, ...ids, text, on_busy: 'reject' }, no);
  if (!settled) return;
  await journal.append({ ...writer, event: 'token', payload: JSON.stringify({ text: TEXT }) });
  await journal.settle({ ...writer, otherwise: { event: 'cancel', payload: '{"message":"over"}' } });
}

/** One world per principal: they don't see each other. */
const WORLDS: Record<string, (no: number) => Partial<NewSession>> = {
  plain: () => ({}),
  threes: (no) => (no % 3 === 0 ? {} : continues(`threes_${no - 1}`)),
  chain: (no) => (no === 0 ? {} : continues(`chain_${no - 1}`)),
  star: (no) => (no === 0 ? {} : continues('star_0')),
};
const continues = (parent_session_id: string) => ({ parent_session_id, relation: 'continuation' as const });

async function measure(journal: Journal, name: string, owner: string, query: object): Promise<void> {
  const waits: number[] = [];
  let count = 0;
  for (let n = 0; n < TRIES; n++) {
    const from = performance.now();
    count = (await journal.listSessions(owner, { limit: PAGE, ...query })).sessions.length;
    waits.push(performance.now() - from);
  }
  waits.sort((a, b) => a - b);
  const [middle, most] = [waits[TRIES >> 1]!, waits.at(-1)!];
  print(`${owner}, ${name}: ${count} rows in ${middle.toFixed(1)} ms (p50), ${most.toFixed(1)} ms at most`);
}

const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));
const journal = await openJournal({ folder, log });
for (const [owner, more] of Object.entries(WORLDS)) {
  for (let no = 0; no < SESSIONS; no += 100)
    await Promise.all(
      Array.from({ length: Math.min(100, SESSIONS - no) }, (_, k) =>
        fill(journal, owner, no + k, more(no + k)),
      ),
    );
  if (owner === 'plain')
    for (let no = 1; no < SESSIONS; no += 2)
      await journal.patchSession(owner, `plain_${no}`, { archived: true }, no);
}
for (let no = 0; no < LIVE; no++) await fill(journal, 'live', no, {}, false);
let working = true;
const writing = Array.from({ length: LIVE }, async (_, no) => {
  while (working) {
    await journal.append({
      stream_id: `run_live_${no}`,
      epoch: 1,
      event: 'token',
      payload: '{"text":"x"}',
      at: 1,
    });
    await new Promise((resolve) => setTimeout(resolve, 1000 / PACE));
  }
});
print(`${SESSIONS} sessions in each of four worlds, ${LIVE} runs at ${PACE} frames a second`);
const collapse = 'lineage' as const;
await measure(journal, 'first page', 'plain', {});
await measure(journal, 'archived', 'plain', { archived: true });
await measure(journal, 'a word that all say', 'plain', { q: 'harbour' });
await measure(journal, 'a word that one says', 'plain', { q: `number${SESSIONS - 2}` });
await measure(journal, 'two letters', 'plain', { q: 'or' });
for (const owner of Object.keys(WORLDS)) {
  await measure(journal, 'by lineage', owner, { collapse });
  await measure(journal, 'by lineage, a word that all say', owner, { collapse, q: 'harbour' });
}
working = false;
await Promise.all(writing);
await journal.close();
rmSync(folder, { recursive: true });
