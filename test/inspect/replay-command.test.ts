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
