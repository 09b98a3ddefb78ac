// How fast the log is, on this disk: durable commits one by one, and frames in groups. Run: node bench/journal.ts
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../src/journal/open.ts';
import type { Journal } from '../src/journal/port.ts';
import type { Log } from '../src/protocol/index.ts';

const ONE_BY_ONE = 3000;
const GROUPS = 1000;
const GROUP = 100;
const STREAMS = 50;
const PACED_SECONDS = 3;
const PACED_PER_SECOND = 10_000;

const silent = () => {};
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };
const payload = JSON.stringify({ text: 'x'.repeat(60) });

const print = (line: string) => process.stdout.write(`${line}\n`);

async function openStreams(journal: Journal): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < STREAMS; n++) {
    const session_id = `session_${n}`;
    const none = { model: null, cwd: null, parent_session_id: null, relation: null, is_cli_session: false };
    const source = { source_tag: null, session_source: null, source_label: null };
    await journal.createSession(
      'owner',
      { session_id, title: 'bench', agent: 'demo', ...none, ...source },
      1,
    );
    const stream_id = `stream_${n}`;
    const ids_of = {
      session_id,
      stream_id,
      user_message_id: `u${n}`,
      message_id: `a${n}`,
      client_message_id: null,
    };
    await journal.admit('owner', { ...ids_of, text: 'go', on_busy: 'reject' }, 1);
    ids.push(stream_id);
  }
  return ids;
}

const append = (journal: Journal, stream_id: string) =>
  journal.append({ stream_id, epoch: 1, event: 'token', payload, at: Date.now() });

/** Runs `work`, prints how many a second and what each costs of processor time, all threads counted. */
async function measure(name: string, count: number, work: () => Promise<void>): Promise<void> {
  const cpu = process.cpuUsage();
  const from = performance.now();
  await work();
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const each = ((user + system) / count).toFixed(1);
  print(`${name}: ${Math.round(count / seconds)} a second, ${each} µs of CPU each`);
}

async function paced(journal: Journal, streams: string[]): Promise<number[]> {
  const waits: number[] = [];
  const from = performance.now();
  const all: Promise<void>[] = [];
  const total = PACED_SECONDS * PACED_PER_SECOND;
  let sent = 0;
  while (sent < total) {
    const due = Math.min(total, ((performance.now() - from) / 1000) * PACED_PER_SECOND);
    for (; sent < due; sent++) {
      const at = performance.now();
      all.push(append(journal, streams[sent % STREAMS]!).then(() => void waits.push(performance.now() - at)));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(all);
  return waits.sort((a, b) => a - b);
}

const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));
const journal = await openJournal({ folder, log });
const streams = await openStreams(journal);
for (let n = 0; n < 50; n++) await Promise.all(streams.map((id) => append(journal, id)));
await measure('durable commits, one by one', ONE_BY_ONE, async () => {
  for (let n = 0; n < ONE_BY_ONE; n++) await append(journal, streams[0]!);
});
await measure(`frames of ${STREAMS} streams in groups of ${GROUP}`, GROUPS * GROUP, async () => {
  for (let n = 0; n < GROUPS; n++)
    await Promise.all(Array.from({ length: GROUP }, (_, k) => append(journal, streams[k % STREAMS]!)));
});
await measure(`frames of one stream in groups of ${GROUP}`, GROUPS * GROUP, async () => {
  for (let n = 0; n < GROUPS; n++)
    await Promise.all(Array.from({ length: GROUP }, () => append(journal, streams[0]!)));
});
let waits: number[] = [];
await measure(`frames at ${PACED_PER_SECOND} a second`, PACED_SECONDS * PACED_PER_SECOND, async () => {
  waits = await paced(journal, streams);
});
const at = (share: number) => waits[Math.floor(waits.length * share)]?.toFixed(2);
print(`  acknowledged after ${at(0.5)} ms (p50), ${at(0.99)} ms (p99)`);
let read = 0;
await measure('frames read back, checked', 2 * GROUPS * GROUP, async () => {
  for (const id of streams)
    for (let after = 0; ; ) {
      const page = await journal.readStream(id, after, 1000);
      if (page.records.length === 0) break;
      read += page.records.length;
      after = page.records.at(-1)?.seq ?? page.head;
    }
});
print(
  `  ${read} of ${journal.counts().commits} commits' frames, ${(journal.counts().bytes / 1e6).toFixed(0)} MB`,
);
await journal.close();
rmSync(folder, { recursive: true });
