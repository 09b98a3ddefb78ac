import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { SHOWN_LENGTH_MAX, UPDATE_EVERY_MS, watchOutput } from '../../src/agents/openai/live-output.ts';
import { createRedaction } from '../../src/agents/openai/redaction.ts';
import { createManualClock, settled } from '../support/clock.ts';

const CHUNK_BYTES = 64 * 1024;
const MiB = 1024 * 1024;

function watch(source: Readable, show: (text: string) => Promise<void> = async () => {}) {
  const clock = createManualClock();
  const shown: string[] = [];
  const output = watchOutput(source, {
    clock,
    redaction: createRedaction([]),
    show: (text) => {
      shown.push(text);
      return show(text);
    },
  });
  return { clock, shown, output };
}

/** Says `bytes` for ever, and counts what was taken. */
function createFlood(): { source: Readable; read(): number } {
  let read = 0;
  const chunk = Buffer.alloc(CHUNK_BYTES, 'x');
  const source = new Readable({
    read() {
      read += CHUNK_BYTES;
      this.push(chunk);
    },
  });
  return { source, read: () => read };
}

/** Until nothing moves any more without time going by. */
async function still(read: () => number): Promise<number> {
  for (let before = -1; before !== read(); ) {
    before = read();
    for (let turn = 0; turn < 50; turn++) await settled();
  }
  return read();
}

describe('live output', () => {
  test('P10 a flood waits for the next update, and what is shown of it has a bound', async () => {
    const { source, read } = createFlood();
    const { clock, shown } = watch(source);
    let before = 0;
    for (let n = 0; n < 20; n++) {
      const now = await still(read);
      expect(now - before).toBeGreaterThan(8 * MiB);
      expect(now - before).toBeLessThan(17 * MiB);
      before = now;
      await clock.advance(UPDATE_EVERY_MS);
    }
    expect(shown.length).toBeLessThanOrEqual(20);
    expect(shown.join('').length).toBeLessThan(SHOWN_LENGTH_MAX + 100);
    expect(shown.join('').slice(-40)).toContain('what follows is in the result');
    source.destroy();
  });

  test('AG14 a character that is cut in two by the pipe is one character', async () => {
    const source = new Readable({ read() {} });
    const { clock, shown, output } = watch(source);
    for (const byte of Buffer.from('süß 🙂')) {
      source.push(Buffer.from([byte]));
      await clock.advance(UPDATE_EVERY_MS);
    }
    source.push(null);
    expect(await output.end()).toEqual({ text: 'süß 🙂', isCut: false, full_bytes: 10 });
    expect(shown.join('')).toBe('süß 🙂');
    expect(shown.every((text) => !text.includes('\ufffd'))).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  test('P11 nothing is shown before the one before was taken, and what failed is told at the end', async () => {
    const source = new Readable({ read() {} });
    let refuse: (error: Error) => void = () => {};
    const { clock, shown, output } = watch(source, () => new Promise((_, reject) => (refuse = reject)));
    for (const text of ['one', 'two', 'three']) {
      source.push(text);
      await clock.advance(UPDATE_EVERY_MS);
    }
    expect(shown).toEqual(['one']);
    refuse(new Error('disk on fire'));
    await settled();
    source.push(null);
    await expect(output.end()).rejects.toThrow('disk on fire');
    expect(clock.pending()).toBe(0);
    expect(source.destroyed).toBe(true);
  });
});
