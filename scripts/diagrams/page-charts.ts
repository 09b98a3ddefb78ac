// The charts of the page's inspector as one file of JSON: graphs, rules and places.
import type { PageChart, PageCharts } from '../../src/ui/inspector/chart.ts';
import { closedOf, viewOf } from './compact.ts';
import type { RuledChart } from './rules.ts';

async function pageChart(chart: RuledChart): Promise<PageChart> {
  const { id, edges, rules } = chart;
  const closed = closedOf(chart);
  return {
    id,
    states: chart.states.map(({ id, key, kind, within, rules }) => ({ id, key, kind, within, rules })),
    edges,
    rules,
    wide: await viewOf(chart, closed, 'RIGHT'),
    tall: await viewOf(chart, closed, 'DOWN'),
    whole: closed.size > 0 ? await viewOf(chart, new Set(), 'RIGHT') : null,
  };
}

/** One line per machine, so that a changed one is a line of a diff. */
export async function pageCharts(charts: RuledChart[], texts: Map<string, string>): Promise<string> {
  const cited = new Set(charts.flatMap(({ rules, states }) => [...rules, ...states.flatMap((s) => s.rules)]));
  const rules: PageCharts['rules'] = {};
  for (const id of [...cited].sort()) rules[id] = texts.get(id) ?? '';
  const lines: string[] = [];
  for (const chart of charts) lines.push(`"${chart.id}":${JSON.stringify(await pageChart(chart))}`);
  return `{"machines":{\n${lines.join(',\n')}\n},\n"rules":${JSON.stringify(rules)}}\n`;
}
