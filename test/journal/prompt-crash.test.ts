import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { answerOf, pendingIds } from './prompt-steps.ts';
import { freshFolder, INTERRUPTED, OWNER, openBench, wholeLog } from './support.ts';

const CHILD = fileURLToPath(new URL('./prompt-crash-child.ts', import.meta.url));

/** Runs the asker until it has acknowledged so many, then kill -9: what each prompt was last said to be. */
async function killAsker(folder: string, lines: number): Promise<Map<string, string>> {
  const child = spawn(process.execPath, [CHILD, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('exit', (_, signal) => resolve(signal)),
  );
  const acknowledged = new Map<string, string>();
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    // The last line may be cut by the kill: only whole ones count.
    const [, id, how] = /^(\w+) (asked|answered|expired)$/.exec(line) ?? [];
    if (id && how) acknowledged.set(id, how);
    count += 1;
    if (!child.killed && count >= lines) child.kill('SIGKILL');
  }
  expect(await exit).toBe('SIGKILL');
  return acknowledged;
}

test.for([2, 9, 120])(
  'fault 1 CQ9 P2 kill -9 after %i lines: what was asked is held, then closed with its run; what was answered stands',
  async (lines) => {
    const folder = freshFolder();
    const acknowledged = await killAsker(folder, lines);
    const { journal } = await openBench({ folder });
    const pending = await pendingIds(journal, 's');
    for (const [id, how] of acknowledged) {
      const prompt = await journal.getPrompt(OWNER, 's', id);
      expect(prompt).toMatchObject({ prompt_id: id, stream_id: 'run', entry: { expires_at: 60_003 } });
      // The answer to an ask may have been written and not acknowledged; never the other way.
      if (how !== 'asked') expect(prompt?.how).toBe(how);
      else expect(pending.includes(id)).toBe(prompt?.how === null);
    }
    expect(pending.length).toBeGreaterThan(0);

    expect(await journal.takeOver('run', 'restart', 50)).toMatchObject({
      kind: 'taken',
      stream: { epoch: 2 },
    });
    expect(await pendingIds(journal, 's')).toEqual(pending);
    const kind = pending[0]!.startsWith('c') ? 'clarify' : 'approval';
    const late = answerOf('s', kind, pending[0]!);
    expect(await journal.answer(OWNER, late)).toMatchObject({ kind: 'held' });
    const settle = { stream_id: 'run', epoch: 2, at: 51, otherwise: INTERRUPTED };
    expect(await journal.settle(settle)).toMatchObject({ kind: 'settled', outcome: 'interrupted' });
    expect(await pendingIds(journal, 's')).toEqual([]);
    const log = await wholeLog(journal, 's');
    expect(log.map(({ pos }) => pos)).toEqual(log.map((_, index) => index + 1));
    const ends = log.filter(({ event }) => event === 'prompt_settled').map(({ json }) => JSON.parse(json));
    expect(ends.slice(-pending.length)).toMatchObject(
      pending.map((id) => ({ id, how: 'cancelled', reason: 'interrupted' })),
    );
    expect(new Set(ends.map(({ id }) => id)).size).toBe(ends.length);
    expect(await journal.answer(OWNER, late)).toMatchObject({ kind: 'lost', prompt: { how: 'cancelled' } });
  },
);
