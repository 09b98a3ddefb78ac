// Draws every machine: diagrams/<name>.mmd and diagrams/<name>.svg, and the charts of the page's inspector, from the machines'
// own definitions; and who talks to whom, diagrams/system.*. The same bytes every time. `--check` writes nothing and exits 1
// when a file is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { attachmentMachine } from '../src/machines/attachment.machine.ts';
import { chartOf } from '../src/machines/chart.ts';
import { lineMachine } from '../src/machines/line.machine.ts';
import { promptFeedMachine } from '../src/machines/prompt-feed.machine.ts';
import { promptQueueMachine } from '../src/machines/prompt-queue.machine.ts';
import { sessionMachine } from '../src/machines/session.machine.ts';
import { streamMachine } from '../src/machines/stream.machine.ts';
import { tabLeaderMachine } from '../src/machines/tab-leader.machine.ts';
import { layOut } from './diagrams/layout.ts';
import { mermaidOf } from './diagrams/mermaid.ts';
import { pageCharts } from './diagrams/page-charts.ts';
import { type RuledChart, ruleTexts, withRules } from './diagrams/rules.ts';
import { svgOf } from './diagrams/svg.ts';
import { systemChart } from './diagrams/system.ts';

const root = new URL('../', import.meta.url);
const PAGE_CHARTS = 'src/ui/inspector/charts.json';
const machines = [
  streamMachine,
  sessionMachine,
  promptQueueMachine,
  attachmentMachine,
  lineMachine,
  tabLeaderMachine,
  promptFeedMachine,
];

/** Every machine's chart. */
export const charts = (): RuledChart[] => machines.map((machine) => withRules(chartOf(machine)));

/** Pictures of charts: path → content. */
export async function drawAll(
  drawn: RuledChart[] = [...charts(), systemChart()],
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const texts = ruleTexts();
  for (const chart of drawn) {
    files.set(`diagrams/${chart.id}.mmd`, mermaidOf(chart));
    files.set(`diagrams/${chart.id}.svg`, svgOf(chart, await layOut(chart), texts));
  }
  return files;
}

const stored = (name: string): string | null => {
  try {
    return readFileSync(new URL(name, root), 'utf8');
  } catch {
    return null;
  }
};

/** Names of the files that are not what the machines say. */
export const outOfDate = (files: Map<string, string>): string[] =>
  [...files].filter(([name, content]) => stored(name) !== content).map(([name]) => name);

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const files = await drawAll();
  files.set(PAGE_CHARTS, await pageCharts(charts(), ruleTexts()));
  const changed = outOfDate(files);
  if (!values.check) for (const name of changed) writeFileSync(new URL(name, root), files.get(name) ?? '');
  const word = values.check ? 'out of date' : 'written';
  process.stdout.write(changed.map((name) => `${name}: ${word}\n`).join(''));
  if (values.check && changed.length > 0) process.exitCode = 1;
}

if (import.meta.main) await main();
