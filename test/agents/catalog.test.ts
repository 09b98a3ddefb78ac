import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCatalog } from '../../src/agents/catalog.ts';
import { createManualClock } from '../support/clock.ts';
import { createLogLines } from './recorder.ts';

const ports = () => ({ clock: createManualClock(), log: createLogLines() });

describe('catalog', () => {
  test('CA1 it knows its agents by name and no others', () => {
    const catalog = createCatalog({ default_agent: 'demo' }, ports());
    expect(catalog.get('demo')?.describe()).toMatchObject({ agent: 'demo', is_demo: true, available: true });
    for (const name of ['', 'acp:ls', 'push', 'constructor', '__proto__'])
      expect(catalog.get(name)).toBeUndefined();
    expect(catalog.default).toBe('demo');
  });

  test('AG12 a folder that can’t be one makes the agent unavailable, and is named', () => {
    const openai = { base_url: 'http://127.0.0.1:9/v1', model: 'm' };
    const describe = (folder: string) =>
      createCatalog({ default_agent: 'demo', openai, shell: { folder } }, ports()).get('openai')!.describe();
    expect(describe(tmpdir())).toMatchObject({ available: true });
    for (const folder of ['', 'relative/folder', join(tmpdir(), 'weir-no-such-folder'), process.execPath])
      expect(describe(folder)).toMatchObject({
        available: false,
        reason: expect.stringContaining('WEIR_SHELL_FOLDER'),
      });
  });
});
