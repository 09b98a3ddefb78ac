import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readWatermark } from '../../src/journal/watermark.ts';
import { freshFolder, INTERRUPTED, OWNER, openBench, wholeLog } from './support.ts';

const CHILD = fileURLToPath(new URL('./crash-child.ts', import.meta.url));

interface Killed {
  /** the highest pos and seq that were acknowledged, by session */
  acknowledged: Map<string, { pos: number; seq: number }>;
}

/** Runs a writer until `enough`, then kill -9. */
async function killWriter(
  folder: string,
  args: number[],
  enough: (line: string, count: number) => boolean,
): Promise<Killed> {
  const child = spawn(process.execPath, [CHILD, folder, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('exit', (_, signal) => resolve(signal)),
  );
  const acknowledged: Killed['acknowledged'] = new Map();
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [session, pos, seq] = line.split(' ');
    // The last line may be cut by the kill: only whole ones count.
    if (seq !== undefined) acknowledged.set(session!, { pos: Number(pos), seq: Number(seq) });
    count += 1;
    if (!child.killed && enough(line, count)) child.kill('SIGKILL');
  }
  expect(await exit).toBe('SIGKILL');
  return { acknowledged };
}

test.for([1, 40, 333, 1000])(
  'fault 1 P1 P2 ST9 kill -9 after %i lines: all that was acknowledged is there, without a hole',
  async (lines) => {
    const folder = freshFolder();
    const { acknowledged } = await killWriter(folder, [4], (_, count) => count >= lines);
    const { journal } = await openBench({ folder });
    expect(journal.report.shorter).toBeNull();
    expect(journal.report.damaged).toEqual([]);
    for (const [session_id, { pos, seq }] of acknowledged) {
      const records = await wholeLog(journal, session_id);
      expect(records.map((record) => record.pos)).toEqual(records.map((_, index) => index + 1));
      expect(records.length).toBeGreaterThanOrEqual(pos);
      const stream = await journal.getStream(OWNER, `run_${session_id}`);
      expect(stream?.head).toBeGreaterThanOrEqual(seq);
      expect(stream?.head).toBe(records.length - 1);
      expect(journal.report.unsettled).toContainEqual(stream);
      // Nobody who read meanwhile saw a frame that is gone; the run ends as interrupted, its text kept.
      const taken = await journal.takeOver(`run_${session_id}`, 'restart', 50);
      expect(taken).toMatchObject({ kind: 'taken', stream: { epoch: 2 } });
      const owner = { stream_id: `run_${session_id}`, epoch: 2 };
      expect(await journal.settle({ ...owner, at: 51, otherwise: INTERRUPTED })).toMatchObject({
        outcome: 'interrupted',
      });
      // SE5: what was answered before the crash is answered the same after it.
      const again = {
        session_id,
        ...owner,
        user_message_id: 'x',
        message_id: 'y',
        client_message_id: 'c',
        text: 'go',
      };
      expect(await journal.admit(OWNER, { ...again, on_busy: 'reject' }, 52)).toMatchObject({
        kind: 'repeated',
      });
    }
  },
);

test('fault 2b a bit flipped in the tail of the write-ahead log is reported by the watermark', async () => {
  const folder = freshFolder();
  // So few that nothing of it was copied out of the write-ahead log yet, and the watermark has seen them all.
  await killWriter(folder, [2, 50], (line) => line === 'marked');
  const marked = readWatermark(folder) ?? 0;
  expect(marked).toBeGreaterThan(50);
  const wal = `${folder}/log.db-wal`;
  const bytes = readFileSync(wal);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = bytes[middle]! ^ 1;
  writeFileSync(wal, bytes);
  const { journal, told } = await openBench({ folder });
  const { shorter } = journal.report;
  expect(shorter?.expected_commit).toBe(marked);
  expect(shorter?.found_commit).toBeLessThan(marked);
  expect(told.some(({ text }) => /shorter than it was/.test(text))).toBe(true);
  for (const id of ['s0', 's1']) {
    const records = await wholeLog(journal, id);
    expect(records.map(({ pos }) => pos)).toEqual(records.map((_, index) => index + 1));
  }
});
