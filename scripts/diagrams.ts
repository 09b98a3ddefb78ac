// Draws every machine: diagrams/<name>.mmd and diagrams/<name>.svg, from the machines' own definitions, the same bytes
// every time. `--check` writes nothing and exits 1 when a file is out of date.
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
import { svgOf } from './diagrams/svg.ts';

const folder = new URL('../diagrams/', import.meta.url);
const machines = [
  streamMachine,
  sessionMachine,
  promptQueueMachine,
  attachmentMachine,
  lineMachine,
  tabLeaderMachine,
  promptFeedMachine,
];

/** File name → content. */
export async function drawAll(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const machine of machines) {
    const chart = chartOf(machine);
    files.set(`${chart.id}.mmd`, mermaidOf(chart));
    files.set(`${chart.id}.svg`, svgOf(chart, await layOut(chart)));
  }
  return files;
}

const stored = (name: string): string | null => {
  try {
    return readFileSync(new URL(name, folder), 'utf8');
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
  const changed = outOfDate(files);
  if (!values.check) for (const name of changed) writeFileSync(new URL(name, folder), files.get(name) ?? '');
  const word = values.check ? 'out of date' : 'written';
  process.stdout.write(changed.map((name) => `diagrams/${name}: ${word}\n`).join(''));
  if (values.check && changed.length > 0) process.exitCode = 1;
}

if (import.meta.main) await main();
