import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { boundOf } from '../../src/machines/bounded.ts';
import { nodesOf, transitionsOf } from '../support/coverage.ts';
import { machines } from '../support/machines.ts';

/** Every function in a value, with its path. */
function functionsIn(value: unknown, path = ''): string[] {
  if (typeof value === 'function') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => functionsIn(inner, `${path}.${key}`));
}

/** Names of implementations that a machine's definition speaks of, by kind. */
function namesIn(machine: AnyStateMachine) {
  const nameOf = (named: unknown) => (typeof named === 'string' ? named : (named as { type: string }).type);
  const nodes = nodesOf(machine);
  const transitions = nodes.flatMap(transitionsOf) as unknown as {
    guard?: unknown;
    actions: unknown[];
    delay?: unknown;
  }[];
  const entries = nodes.flatMap((node) => [...node.entry, ...node.exit]);
  return {
    guards: transitions.flatMap(({ guard }) => (guard ? [nameOf(guard)] : [])),
    actions: [...entries, ...transitions.flatMap(({ actions }) => actions)]
      .map(nameOf)
      .filter((name) => name !== 'xstate.raise' && name !== 'xstate.cancel'),
    delays: nodes.flatMap((node) => node.after).map(({ delay }) => String(delay)),
  };
}

test('every machine file is looked at here', () => {
  const files = readdirSync(new URL('../../src/machines', import.meta.url))
    .filter((name) => name.endsWith('.machine.ts'))
    .map((name) => name.replace('.machine.ts', ''));
  expect(Object.keys(machines).sort()).toEqual(files.sort());
});

describe.each(Object.entries(machines))('%s', (name, machine) => {
  test('loads, and every target is a state of it', () => {
    const nodes = new Set<unknown>(nodesOf(machine));
    const targets = [...nodes].flatMap((node) =>
      transitionsOf(node as never).flatMap(
        (transition) => (transition as { target?: unknown[] }).target ?? [],
      ),
    );
    expect(machine.id).toBe(name);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) expect(nodes.has(target)).toBe(true);
  });

  test('has no inline function: names are what diagrams and the inspector show', () => {
    expect(functionsIn(machine.config)).toEqual(['.context']);
    expect((machine.config.context as () => unknown).name).toBe('birth');
  });

  test('every name it speaks of is implemented, and every implementation is spoken of', () => {
    const named = namesIn(machine);
    for (const kind of ['guards', 'actions', 'delays'] as const) {
      const implemented = Object.keys(machine.implementations[kind]).sort();
      expect(implemented, kind).toEqual([...new Set(named[kind])].sort());
    }
  });

  test('P9 every guard of a retry names its bound', () => {
    const { guards } = machine.implementations;
    const retries = Object.keys(guards).filter((guard) =>
      /^may(Retry|Recover|Start|Reattach|Ask)/.test(guard),
    );
    for (const guard of retries) expect(boundOf(guards[guard]), guard).toMatch(/^\d+ /);
    // The others have paced watches only.
    expect(['line', 'tab-leader', 'prompt-feed'].includes(name) || retries.length > 0).toBe(true);
  });

  test('ST4 nothing leaves a final state', () => {
    const finals = nodesOf(machine).filter((node) => node.type === 'final');
    expect(finals.length).toBeGreaterThan(0);
    for (const node of finals) expect(transitionsOf(node)).toEqual([]);
  });
});
