// @ts-expect-error jsdom brings no types
import { JSDOM } from 'jsdom';
import { beforeAll, describe, expect, test } from 'vitest';
import { withRules } from '../../scripts/diagrams/rules.ts';
import { drawAll, outOfDate } from '../../scripts/diagrams.ts';
import { read } from '../../scripts/source.ts';
import { citedIn } from '../../scripts/spec/rules.ts';
import { chartOf } from '../../src/machines/chart.ts';
import { nodesOf, transitionsOf } from '../support/coverage.ts';
import { machines } from '../support/machines.ts';

let files: Map<string, string>;
beforeAll(async () => {
  files = await drawAll();
});

test('the diagrams are what the machines say; if this fails: node scripts/diagrams.ts', () => {
  expect(outOfDate(files)).toEqual([]);
});

test('a diagram that is out of date is found', () => {
  const [name, missing] = ['diagrams/stream.svg', 'diagrams/new.mmd'];
  const changed = new Map(files).set(name, `${files.get(name)} `).set(missing, '');
  expect(outOfDate(changed)).toEqual([name, missing]);
});

test('the same machine is drawn the same, byte for byte', async () => {
  expect(await drawAll()).toEqual(files);
});

describe.each(Object.entries(machines))('%s', (name, machine) => {
  test('every transition that goes somewhere is on the chart, and nothing else is', () => {
    const drawn = new Set(chartOf(machine).edges.map(({ from, to }) => `${from} → ${to}`));
    const meant = new Set<string>();
    for (const node of nodesOf(machine))
      for (const transition of transitionsOf(node) as unknown as { target?: { path: string[] }[] }[])
        for (const target of transition.target ?? [])
          meant.add(`${node.path.join('.')} → ${target.path.join('.')}`);
    expect([...drawn].sort()).toEqual([...meant].sort());
  });

  test('its picture is well-formed, has every state once, inside its parent, and covers no state with another', () => {
    const { document } = new JSDOM(files.get(`diagrams/${name}.svg`), { contentType: 'image/svg+xml' })
      .window;
    const chart = chartOf(machine);
    const boxes = new Map<string, { x: number; y: number; right: number; bottom: number }>();
    for (const group of document.querySelectorAll('[data-state]')) {
      const of = (attribute: string) => Number(group.querySelector('rect')?.getAttribute(attribute));
      const [x, y] = [of('x'), of('y')];
      boxes.set(group.getAttribute('data-state') ?? '', {
        x,
        y,
        right: x + of('width'),
        bottom: y + of('height'),
      });
    }
    expect([...boxes.keys()].sort()).toEqual(chart.states.map(({ id }) => id).sort());
    for (const state of chart.states) {
      const box = boxes.get(state.id)!;
      const parent = state.parent === null ? null : boxes.get(state.parent)!;
      if (parent) {
        expect(box.x).toBeGreaterThan(parent.x);
        expect(box.bottom).toBeLessThan(parent.bottom);
      }
      for (const other of chart.states) {
        if (other.id === state.id || other.parent !== state.parent) continue;
        const rival = boxes.get(other.id)!;
        const apart =
          box.right < rival.x || rival.right < box.x || box.bottom < rival.y || rival.bottom < box.y;
        expect(apart, `${state.id} and ${other.id}`).toBe(true);
      }
    }
  });

  test('every rule that its first lines cite stands in its picture', () => {
    const [head = ''] = read(`src/machines/${name}.machine.ts`).split('\nimport');
    const picture = files.get(`diagrams/${name}.svg`) ?? '';
    const cited = citedIn(head);
    expect(cited.length).toBeGreaterThan(0);
    expect(cited.filter((id) => !new RegExp(`\\b${id}\\b`).test(picture))).toEqual([]);
  });

  test('its Mermaid text names every state', () => {
    const text = files.get(`diagrams/${name}.mmd`) ?? '';
    for (const { key } of chartOf(machine).states) expect(text).toContain(`"${key}`);
  });
});

test('a changed machine, and a rule that moves to another state, change the picture', async () => {
  const chart = withRules(chartOf(machines.stream));
  const [first] = chart.states;
  const moved = {
    ...chart,
    states: chart.states.map((one) => (one === first ? { ...one, rules: ['ST1'] } : one)),
  };
  const slower = {
    ...chart,
    edges: chart.edges.map((edge) => ({ ...edge, labels: [...edge.labels, 'odd'] })),
  };
  for (const changed of [moved, slower])
    expect(outOfDate(await drawAll([changed]))).toEqual(['diagrams/stream.mmd', 'diagrams/stream.svg']);
});
