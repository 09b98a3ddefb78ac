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
});
