// The rules of a machine as its file's first lines tell them: a line per state, with the ids of what is kept there, then a
// paragraph of those that hold everywhere. What they say is read from SPEC.md. Knows no layout and no drawing.
import type { Chart, ChartState } from '../../src/machines/chart.ts';
import { read } from '../source.ts';
import { citedIn, rulesOf } from '../spec/rules.ts';

export interface RuledState extends ChartState {
  rules: string[];
}
export interface RuledChart extends Chart {
  states: RuledState[];
  /** those of no single state */
  rules: string[];
}

/** `  draining    fenced, its end …`: name or names, then at least two blanks */
const ROW = /^ *([a-z]+(?:, [a-z]+)*) {2,}(\S.*)$/;
const TOKEN = /[A-Za-z_]+\d*|\d+/g;

/** The comment that a file begins with, without its marks. */
function headOf(source: string): string[] {
  const lines = source.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return lines.slice(0, end).map((line) => line.replace(/^\/\/ ?/, ''));
}

/** State names → what is said of them. */
function tableOf(head: string[]): { names: string[]; said: string }[] {
  const rows: { names: string[]; said: string }[] = [];
  let isTable = false;
  for (const line of head) {
    const [, names, said] = ROW.exec(line) ?? [];
    if (line === '') isTable = false;
    else if (names !== undefined && said !== undefined) {
      rows.push({ names: names.split(', '), said });
      isTable = true;
    } else if (isTable) rows[rows.length - 1]!.said += ` ${line.trim()}`;
  }
  return rows;
}

/** Every id goes to the state that was named last before it: the row's own, or one inside it. */
function shareOut(chart: Chart, states: ChartState[], said: string, into: Map<string, Set<string>>): void {
  const inside = chart.states.filter(({ parent }) => states.some(({ id }) => id === parent));
  let at = states;
  for (const word of said.match(TOKEN) ?? []) {
    const child = inside.find(({ key }) => key === word);
    if (child) at = [child];
    for (const id of citedIn(word)) for (const state of at) into.get(state.id)?.add(id);
  }
}

/** `chart` with the rules that the first lines of its machine's file cite. */
export function withRules(chart: Chart, source = read(`src/machines/${chart.id}.machine.ts`)): RuledChart {
  const head = headOf(source);
  const kept = new Map(chart.states.map(({ id }) => [id, new Set<string>()]));
  const inTable = new Set<string>();
  for (const { names, said } of tableOf(head)) {
    for (const id of citedIn(said)) inTable.add(id);
    shareOut(
      chart,
      chart.states.filter(({ key }) => names.includes(key)),
      said,
      kept,
    );
  }
  return {
    ...chart,
    states: chart.states.map((state) => ({ ...state, rules: [...(kept.get(state.id) ?? [])] })),
    rules: citedIn(head.join('\n')).filter((id) => !inTable.has(id)),
  };
}

/** What each rule says, without marks of Markdown. */
export const ruleTexts = (): Map<string, string> =>
  new Map(rulesOf(read('SPEC.md')).map(({ id, text }) => [id, text.replace(/[*`]/g, '')]));
