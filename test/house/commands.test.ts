// The commands of package.json, as processes: each says what it is for, and what it does not understand. Only what comes before
// their work is looked at.
import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';
import { read } from '../../scripts/source.ts';
import { childEnvironment } from '../support/server.ts';

const ANSWERS = /^(sim|verify|mutate|replay|conformance|campaign:.+)$/;
const scripts: [name: string, line: string][] = Object.entries(JSON.parse(read('package.json')).scripts);
const files = new Map(
  scripts.filter(([name]) => ANSWERS.test(name)).map(([name, line]) => [name, line.split(' ').at(-1)!]),
);

function called(name: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [files.get(name)!, ...args], { env: childEnvironment() }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });
}

test('house every checker and campaign is called in the one way that knows --help', () => {
  expect(files.size).toBeGreaterThan(8);
  for (const [name, file] of files) expect(read(file), name).toMatch(/= (readCall|campaignArgs)\(\{/);
});

test('house --help says what a command does, its options, how long it takes and its exit codes', async () => {
  const help = async (name: string) => {
    const { code, out, err } = await called(name, '--help');
    expect({ code, err }, name).toEqual({ code: 0, err: '' });
    expect(out).toMatch(new RegExp(`^[A-Z].+\nusage: npm run ${name} -- .+\n {2}--help +this text\n`, 's'));
    expect(out).toMatch(/\nTakes about (a|\d).+\nExit codes: 0 .+; 1 .+; 2\s/s);
  };
  await Promise.all(['sim', 'replay', 'campaign:kill'].map(help));
});

/** What is asked for, and how the answer to it begins. */
const WRONG: [name: string, args: string[], sentence: string][] = [
  ['campaign:kill', ['--round', '5'], 'Unknown option ‘--round’. '],
  ['campaign:kill', ['--rounds', 'many'], '--rounds takes a whole number above 0, not ‘many’. '],
  ['sim', ['--fault', 'none such'], 'There is no fault ‘none such’: '],
  ['sim', ['5'], '‘5’ is one word too many. '],
  ['replay', [], 'FILE is missing. '],
];

test('house a checker or campaign says in a sentence what it does not understand, and ends with 2', async () => {
  const refusal = async ([name, args, sentence]: (typeof WRONG)[number]) => {
    const { code, out, err } = await called(name, ...args);
    expect({ code, out }, err).toEqual({ code: 2, out: '' });
    expect(err.slice(0, sentence.length)).toBe(sentence);
    expect(err).toMatch(new RegExp(`^[^\n]+ npm run ${name} -- --help says more.\n$`));
  };
  await Promise.all(WRONG.map(refusal));
});
