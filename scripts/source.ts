// The repository's own source as text and as syntax trees. Knows no rule and no document.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseSync } from '@swc/core';

const ROOT = new URL('../', import.meta.url);

/** The text of a file. `file` is a path from the root of the repository, here and everywhere below. */
export const read = (file: string): string => readFileSync(new URL(file, ROOT), 'utf8');

/** Every file below `folder` whose name ends in one of `endings`, in order. */
export const filesBelow = (folder: string, ...endings: string[]): string[] =>
  readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => `${folder}/${name}`)
    .sort();

export type Tree = { type?: string; [key: string]: unknown };

/** The top of a file's syntax tree. */
export const parse = (file: string): Tree[] =>
  parseSync(read(file), { syntax: 'typescript', tsx: file.endsWith('.tsx'), target: 'es2022' })
    .body as unknown as Tree[];

/** Every node of a syntax tree, parents first. */
export function* nodesOf(value: unknown): Generator<Tree> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Tree;
  for (const inner of Object.values(value)) yield* nodesOf(inner);
}

/** Writes `file`, or, with `--check`, only says whether it is up to date. `command` is what makes it so. */
export function writeOrCheck(file: string, made: string, command: string): void {
  if (!process.argv.includes('--check')) writeFileSync(new URL(file, ROOT), made);
  else if (read(file) !== made) {
    process.stderr.write(`${file} is out of date: npm run ${command}\n`);
    process.exitCode = 1;
  }
}
