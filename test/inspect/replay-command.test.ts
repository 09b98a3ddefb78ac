// `npm run replay FILE`, as a process: what it says, and how it ends.
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { childEnvironment, temporaryFolder } from '../support/server.ts';
import { grounds, live, textOf, watched } from './actors.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

async function replayOf(text: string): Promise<{ code: number; said: string }> {
  const file = join(folder, `${crypto.randomUUID()}.jsonl`);
  await writeFile(file, text);
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/replay.ts', file], { env: childEnvironment() }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), said: out + err }),
    );
  });
}

/** A run's export: what its log holds, and no steps. */
function exported(seqs: number[]): string {
  const head = {
    format: 'weir-recording',
    version: 1,
    source: 'run',
    made_at: 1,
    boot: 'b',
    n: 0,
    actors: [],
  };
  const records = seqs.map((seq, at) => ({
    ...{ kind: 'record', n: at + 1, at: 1, actor: 'stream:st_1', pos: at + 1, event: 'token' },
    data: { stream_id: 'st_1', seq },
  }));
  return [head, ...records].map((line) => JSON.stringify(line)).join('\n');
}

test('IN6 npm run replay says of a run’s export that its log was checked, and that nothing was stepped', async () => {
  const [whole, hole] = await Promise.all([exported([1, 2, 3]), exported([1, 3])].map(replayOf));
  expect(whole).toEqual({
    code: 0,
    said: expect.stringMatching(
      /^3 records of a run’s log: in order, .+\nnothing was stepped: there is no step in it\n$/,
    ),
  });
  expect(hole!.code).toBe(1);
  expect(hole!.said).toMatch(/^entry 2, stream:st_1: seq differs\n/);
});

test('IN6 npm run replay steps a recording that ends in the middle of a line, and says which line that is', async () => {
  const watch = watched();
  await live(grounds.stream!, [0, 0.2, null, 0.5, null], watch);
  const text = textOf(watch.recorder);
  const lines = text.trim().split('\n');
  const cut = lines.toSpliced(-1, 1, lines.at(-1)!.slice(0, -9)).join('\n');
  const other = cut.replace('"state":"active.starting"', '"state":"active.quiet"');
  expect(other).not.toBe(cut);
  const [same, different] = await Promise.all([cut, other].map(replayOf));
  const ends = `The file ends in the middle of line ${lines.length}.`;
  expect(same).toEqual({ code: 0, said: expect.stringMatching(/^1 actors, .+: all as recorded\n/) });
  expect(same!.said).toContain(ends);
  expect(different).toEqual({ code: 1, said: expect.stringContaining(ends) });
});

test('IN6 npm run replay prints figures and ends with 0; with the first difference and 1; of no recording with 2', async () => {
  const watch = watched();
  await live(grounds.stream!, [0, 0.2, null, 0.5, null], watch);
  const text = textOf(watch.recorder);
  const other = text.replace('"state":"active.starting"', '"state":"active.quiet"');
  expect(other).not.toBe(text);
  const [same, different, none] = await Promise.all([text, other, 'nonsense'].map(replayOf));
  expect(same).toEqual({
    code: 0,
    said: expect.stringMatching(
      /^1 actors, \d+ events, \d+ steps taken again, \d+ commands: all as recorded\n$/,
    ),
  });
  expect(different!.code).toBe(1);
  expect(different!.said).toMatch(/^entry \d+, stream:\S+: state differs\n {2}recorded: "active.quiet"\n/);
  expect(none).toEqual({ code: 2, said: expect.stringContaining('Line 1 is not JSON.') });
});
