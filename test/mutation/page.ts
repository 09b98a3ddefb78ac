// docs/mutants.md: how many mutants of each file were found, and of every other one why it was not. No times and no lines: what
// is the same is written the same.
import { EXPLANATIONS, explain, type Survivor } from './explained.ts';

export interface Tally {
  file: string;
  killed: number;
  survivors: Survivor[];
}

/** Longer code is cut: the file has the rest. */
const CODE_MAX = 90;

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
const code = (text: string): string => {
  const cut = text.length > CODE_MAX ? `${text.slice(0, CODE_MAX)}…` : text;
  return cut === '' ? 'nothing' : `\`\` ${cut} \`\``;
};

const rowOf = ({ file, killed, survivors }: Tally): string => {
  const count = killed + survivors.length;
  return `| \`${file}\` | ${count} | ${killed} | ${percent(killed, count)} | ${survivors.length} |`;
};

const itemOf = ({ file, was, becomes }: Survivor): string =>
  `- \`${file.split('/').at(-1)}\`: ${code(was)} → ${code(becomes)}`;

function chapter(why: string, survivors: Survivor[]): string {
  const items = new Map<string, number>();
  for (const each of survivors) items.set(itemOf(each), (items.get(itemOf(each)) ?? 0) + 1);
  const lines = [...items].map(([item, times]) => (times > 1 ? `${item} (${times} times)` : item));
  return `### ${why}\n\n${lines.join('\n')}\n`;
}

export function pageOf(tallies: Tally[]): string {
  const survivors = tallies.flatMap((tally) => tally.survivors);
  const killed = tallies.reduce((sum, tally) => sum + tally.killed, 0);
  const whys = [...new Set(EXPLANATIONS.map(({ why }) => why))];
  const chapters = [...whys, null]
    .map((why) => ({ why, of: survivors.filter((each) => explain(each) === why) }))
    .filter(({ of }) => of.length > 0)
    .map(({ why, of }) => chapter(why ?? 'No reason is known: `npm run mutate` fails', of));
  return `# Mutants

Written by \`npm run mutate\`; don't edit. Stryker changes the code in one small way at a time: another operator, an empty string, list or object, no body, a condition that always or never holds. Where no test fails, the change has survived. What is changed: all machines (not the files that only draw or show them), the cursors, the writer of a run, and the code of both commits of an end and of the walk that they are read by. Which tests may fail: examples and walks that need no server, no disk and no browser (\`test/mutation/tests.ts\`); the simulator, \`npm run verify\`, the routes, the pages and the generated diagrams would find more, and are not asked.

${killed + survivors.length} mutants, ${killed} killed (${percent(killed, killed + survivors.length)}), ${survivors.length} survived.

| file | mutants | killed | | survived |
| --- | --- | --- | --- | --- |
${tallies.map(rowOf).join('\n')}

## Who survived, and why

${chapters.join('\n')}`;
}
