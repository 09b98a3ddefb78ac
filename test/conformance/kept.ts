// The paths that were generated, kept in a file: to make them takes longer than to drive them. `npm run conformance` makes them
// anew, drives all, and fails where the file says other ones (`-- -u` writes it). Knows no machine.
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** All of them, made anew. */
const IS_WHOLE = process.env.CONFORMANCE === 'all';
/** Of the paths that a short run may leave out, so many are driven: others every time. */
const DRAWN = 2;
const BETWEEN = '; ';

export interface Kept<A> {
  /** on which every transition is taken that can be caused */
  cover: A[][];
  /** on which every act is done in every state, too */
  whole: A[][];
}

const urlOf = (name: string) => new URL(`paths/${name}.txt`, import.meta.url);

const textOf = <A extends { name: string }>({ cover, whole }: Kept<A>): string =>
  [cover, whole]
    .map((paths) => paths.map((path) => `${path.map(({ name }) => name).join(BETWEEN)}\n`).join(''))
    .join('\n');

export function readPaths<A extends { name: string }>(name: string, acts: A[]): Kept<A> {
  const known = new Map(acts.map((act) => [act.name, act]));
  if (known.size < acts.length) throw new Error(`two acts of ${name} have one name`);
  const actOf = (of: string): A => {
    const act = known.get(of);
    if (!act) throw new Error(`no act is called ‘${of}’: npm run conformance -- -u`);
    return act;
  };
  const [cover, whole] = readFileSync(urlOf(name), 'utf8')
    .split('\n\n')
    .map((part) => part.split('\n').flatMap((line) => (line ? [line.split(BETWEEN).map(actOf)] : [])));
  return { cover: cover!, whole: whole! };
}

/** What a run drives of them. `make`: makes them anew. */
export async function pathsToDrive<A extends { name: string }>(
  name: string,
  acts: A[],
  make: () => Kept<A>,
): Promise<A[][]> {
  if (IS_WHOLE) {
    const made = make();
    await expect(textOf(made)).toMatchFileSnapshot(urlOf(name).pathname);
    return [...made.cover, ...made.whole];
  }
  const { cover, whole } = readPaths(name, acts);
  const first = Math.floor(Math.random() * whole.length);
  return [...cover, ...[...whole, ...whole].slice(first, first + DRAWN)];
}
