// How long appends wait while retention cuts and compaction gives room back, on this disk, and how long a VACUUM would keep
// them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openJournal } from '../src/journal/open.ts';
import type { Log } from '../src/protocol/index.ts';
import { readCall } from '../test/support/command.ts';

const { options } = readCall({
  call: 'node bench/retention.ts',
  does: 'Measures how long appends wait on this disk while retention cuts and compaction gives room back, and how long a VACUUM would keep them.',
  options: { megabytes: { kind: 'whole', value: 'N', fallback: 200, help: 'size of the log, in MB' } },
  takes: 'about a minute for 200 MB',
  exits: '0 it was measured; 1 it could not be',
});
const MEGABYTES = options.megabytes;
const RUNS = 100;
const FRAME_BYTES = 500;
const PACE_MS = 2;

const silent = () => {};
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };
const print = (line: string) => process.stdout.write(`${line}\n`);
const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));
const journal = await openJournal({ folder, log });
const none = { title: null, model: null, cwd: null, parent_session_id: null, relation: null };
const source = { is_cli_session: false, source_tag: null, session_source: null, source_label: null };

const append = (stream_id: string, text: string) =>
  journal.append({ stream_id, epoch: 1, event: 'token', payload: JSON.stringify({ text }), at: 1 });

async function begin(name: string): Promise<string> {
  await journal.createSession('owner', { session_id: name, agent: 'demo', ...none, ...source }, 1);
  const ids = { stream_id: `run_${name}`, user_message_id: `u_${name}`, message_id: `a_${name}` };
  const more = { client_message_id: null, text: 'go', on_busy: 'reject' as const };
  await journal.admit('owner', { session_id: name, ...ids, ...more }, 1);
  return ids.stream_id;
}

/** `tokens`: that many of FRAME_BYTES. */
async function settledRun(name: string, tokens: number): Promise<void> {
  const stream_id = await begin(name);
  const text = 'x'.repeat(FRAME_BYTES - 60);
  await Promise.all(Array.from({ length: tokens }, () => append(stream_id, text)));
  const otherwise = { event: 'cancel' as const, payload: '{"message":"over"}' };
  await journal.settle({ stream_id, epoch: 1, at: 2, otherwise });
}

/** Appends of a live run, one every PACE_MS, as long as `work` takes: how long each waited (ms). */
async function beside(name: string, stream_id: string, work: () => Promise<unknown>): Promise<void> {
  const waits: number[] = [];
  let working = true;
  const writing = (async () => {
    while (working) {
      const at = performance.now();
      await append(stream_id, 'x');
      waits.push(performance.now() - at);
      await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    }
  })();
  const from = performance.now();
  await work();
  const ms = performance.now() - from;
  working = false;
  await writing;
  waits.sort((a, b) => a - b);
  const at = (share: number) =>
    waits[Math.min(waits.length - 1, Math.floor(waits.length * share))]?.toFixed(1);
  print(
    `${name}: ${ms.toFixed(0)} ms; appends wait ${at(0.5)} ms (p50), ${at(0.99)} ms (p99), ${at(1)} ms at most`,
  );
}

const tokens = Math.ceil((MEGABYTES * 1e6) / RUNS / FRAME_BYTES);
for (let n = 0; n < RUNS; n++) await settledRun(`s${n}`, tokens);
const live = await begin('live');
const size = async () => `${((await journal.storage()).log_bytes / 1e6).toFixed(0)} MB`;
print(`${RUNS} runs of ${tokens} frames, ${await size()}`);
await beside('nothing else', live, () => new Promise((resolve) => setTimeout(resolve, 1000)));
await beside('retention, half of the runs', live, () =>
  journal.retain({ runs: RUNS / 2, days: 0, bytes: 0 }, 3),
);
await beside('compaction', live, () => journal.compact());
print(`now ${await size()}`);
await journal.retain({ runs: RUNS / 4, days: 0, bytes: 0 }, 3);
await journal.close();
const database = new DatabaseSync(join(folder, 'log.db'));
const from = performance.now();
database.exec('VACUUM');
print(`VACUUM of the rest: ${(performance.now() - from).toFixed(0)} ms, in which nobody appends`);
database.close();
rmSync(folder, { recursive: true });
