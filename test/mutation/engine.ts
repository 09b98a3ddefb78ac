// Runs test files in the process that it is in, again and again: what `vitest` is for a mutant. Knows `test`, `describe`,
// their tables and the hooks that the tests use, and no mutant. `expect` is Vitest's own.

type Body = (...given: never[]) => unknown;
type Hook = () => unknown;

export interface Case {
  name: string;
  run: () => unknown;
}

export interface Failure {
  name: string;
  message: string;
}

/** A promise that nobody keeps by then fails its test: a mutant may well forget to. */
const TEST_MS = 3_000;

let names: string[] = [];
let cases: Case[] = [];
let finishing: Hook[] = [];

/** Vitest's `printf` for the tables that we have: the first words of a row. */
const titled = (name: string, index: number): string => `${name} #${index}`;
const bodyOf = (given: unknown[]): Body => given.find((each) => typeof each === 'function') as Body;

function add(name: string, ...given: unknown[]): void {
  cases.push({ name: [...names, name].join(' > '), run: bodyOf(given) as Hook });
}

const eachOf =
  (use: (name: string, body: Body) => void, spread: boolean) =>
  (rows: readonly unknown[]) =>
  (name: string, ...given: unknown[]): void => {
    const body = bodyOf(given);
    for (const [index, row] of rows.entries())
      use(titled(name, index), () =>
        spread && Array.isArray(row) ? body(...(row as never[])) : body(row as never),
      );
  };

export const test = Object.assign(add, { each: eachOf(add, true), for: eachOf(add, false) });

function group(name: string, body: Body): void {
  names.push(name);
  try {
    body();
  } finally {
    names.pop();
  }
}
export const describe = Object.assign(group, { each: eachOf(group, true) });

export const onTestFinished = (hook: Hook): void => void finishing.push(hook);

/** The cases of one file; `load` imports it. What goes wrong on the way is a failure of the file. */
export async function collect(file: string, load: () => Promise<unknown>): Promise<Case[]> {
  names = [file];
  cases = [];
  await load();
  return cases;
}

const overdue = (): { promise: Promise<never>; forget: () => void } => {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no end within ${TEST_MS} ms`)), TEST_MS);
  promise.catch(() => {});
  stray = reject;
  return { promise, forget: () => clearTimeout(timer) };
};

/** What nobody catches ends the process elsewhere; here it ends the test that runs. */
let stray: ((error: unknown) => void) | null = null;
export function catchStrays(): void {
  const caught = (error: unknown) => stray?.(error);
  process.on('uncaughtException', caught);
  process.on('unhandledRejection', caught);
}

/** Runs one case and what it asked for at its end. Null: it holds. */
export async function runCase({ name, run }: Case): Promise<Failure | null> {
  finishing = [];
  const bound = overdue();
  try {
    await Promise.race([run(), bound.promise]);
    for (const hook of finishing.reverse()) await Promise.race([hook(), bound.promise]);
    return null;
  } catch (error) {
    for (const hook of finishing) await Promise.race([hook(), bound.promise]).catch(() => {});
    return { name, message: error instanceof Error ? error.message : String(error) };
  } finally {
    bound.forget();
  }
}
