// A chart as a Mermaid flowchart. Not as a state diagram: Mermaid has no edges there between states of two composites.
import type { RuledChart, RuledState } from './rules.ts';

const name = (id: string): string => id.replaceAll('.', '__').replaceAll(' ', '_') || 'any';
const text = (lines: string[]): string => `"${lines.join('<br/>').replaceAll('"', '&quot;')}"`;

/** A compound state as the source of an edge: a pill inside it, which stands for whatever of it is active. */
const pillOf = (id: string): string => `${name(id)}__any`;
const entryOf = (id: string): string => `${name(id)}__entry`;

function stateLines(chart: RuledChart, state: RuledState, indent: string): string[] {
  const lines = [
    state.key,
    ...(state.rules.length > 0 ? [state.rules.join(' ')] : []),
    ...(state.within ? [`≤ ${state.within}`] : []),
    ...state.commands.map((c) => `/ ${c}`),
  ];
  if (state.kind === 'final') return [`${indent}${name(state.id)}([${text(lines)}])`];
  if (state.kind === 'atomic') return [`${indent}${name(state.id)}(${text([...lines, ...state.inside])})`];
  const inner = `${indent}  `;
  const isSource = chart.edges.some((edge) => edge.from === state.id) || state.inside.length > 0;
  return [
    `${indent}subgraph ${name(state.id)}[${text(lines)}]`,
    ...(state.initial ? [`${inner}${entryOf(state.id)}(( ))`] : []),
    ...(isSource ? [`${inner}${pillOf(state.id)}([${text([`any of ${state.key}`, ...state.inside])}])`] : []),
    ...chart.states
      .filter((child) => child.parent === state.id)
      .flatMap((child) => stateLines(chart, child, inner)),
    ...(state.initial ? [`${inner}${entryOf(state.id)} --> ${name(state.initial)}`] : []),
    `${indent}end`,
  ];
}

export function mermaidOf(chart: RuledChart): string {
  const compound = new Set(chart.states.filter((state) => state.kind === 'compound').map(({ id }) => id));
  const from = (id: string): string => (id === '' || compound.has(id) ? pillOf(id) : name(id));
  const to = (id: string): string => (compound.has(id) ? entryOf(id) : name(id));
  const fromRoot = chart.edges.some((edge) => edge.from === '');
  return [
    `%% ${chart.id}: made by scripts/diagrams.ts from src/machines/${chart.initial ? `${chart.id}.machine` : 'talk'}.ts`,
    'flowchart TB',
    ...(chart.initial ? ['  start((●))'] : []),
    ...(fromRoot ? [`  ${pillOf('')}(["any state"])`] : []),
    ...chart.states
      .filter((state) => state.parent === null)
      .flatMap((state) => stateLines(chart, state, '  ')),
    ...(chart.initial ? [`  start --> ${to(chart.initial)}`] : []),
    ...chart.edges.map((edge) => `  ${from(edge.from)} -->|${text(edge.labels)}| ${to(edge.to)}`),
    '',
  ].join('\n');
}
