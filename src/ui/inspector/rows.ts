// The rows of the sequence diagram that are asked for, kept up while entries come. Knows no page.
import type { Entry } from '../../protocol/inspection.ts';
import type { History } from './history.ts';
import { familyOf, inOrder, type Row, rowOf } from './lanes.ts';
import { matcherOf } from './tree.ts';

export interface RowFilter {
  text: string;
  machine: string | null;
  /** an actor; null: everybody */
  actor: string | null;
  /** the actor itself, all that it belongs to, or everybody */
  scope: 'actor' | 'family' | 'all';
}

export interface Rows {
  /** numbers of entries, oldest first; the same array, changing */
  readonly numbers: readonly number[];
  readonly lanes: readonly string[];
  take(entries: readonly Entry[]): void;
  row(n: number): Row | null;
  /** place of the first that the history still has */
  readonly first: number;
  /** place among them of the newest that is not after `n`; -1: none */
  placeOf(n: number): number;
  /** whether `n` is one of them */
  has(n: number): boolean;
}

/** Numbers that are gone from the history may stay this long before they are cut off. */
const GONE_KEPT = 4_096;

/** The first place whose number is above `n`. */
export function above(numbers: readonly number[], n: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! <= n) low = middle + 1;
    else high = middle;
  }
  return low;
}

function filterOf(history: History, { text, machine, actor, scope }: RowFilter): (row: Row) => boolean {
  const { world } = history;
  const isCalled = matcherOf(text);
  const family = actor === null ? null : familyOf(world, actor);
  const families = new Map<string, string>();
  const familyFor = (id: string): string => {
    const known = families.get(id);
    if (known !== undefined) return known;
    const found = familyOf(world, id);
    if (world.has(id)) families.set(id, found);
    return found;
  };
  return (row) => {
    if (scope === 'actor' && actor !== null && row.actor !== actor) return false;
    if (scope === 'family' && family !== null && familyFor(row.actor) !== family) return false;
    if (machine !== null && world.get(row.actor)?.machine !== machine) return false;
    return text === '' || isCalled(`${row.label} ${row.actor}`);
  };
}

export function createRows(history: History, filter: RowFilter): Rows {
  const isMeant = filterOf(history, filter);
  let numbers: number[] = [];
  let lanes: readonly string[] = [];

  const rowAt = (n: number): Row | null => {
    const entry = history.entry(n);
    return entry && rowOf(entry, history);
  };
  function take(entries: readonly Entry[]): void {
    const seen = new Set(lanes);
    for (const entry of entries) {
      const row = rowOf(entry, history);
      if (!row || !isMeant(row)) continue;
      numbers.push(entry.n);
      seen.add(row.from).add(row.to);
    }
    if (seen.size !== lanes.length) lanes = inOrder(seen);
    const gone = above(numbers, history.first - 1);
    if (gone > GONE_KEPT) numbers = numbers.slice(gone);
  }
  function takeAll(): void {
    const kept: Entry[] = [];
    for (let n = history.first; n <= history.last; n += 1) {
      const entry = history.entry(n);
      if (entry) kept.push(entry);
    }
    take(kept);
  }
  takeAll();

  return {
    get numbers() {
      return numbers;
    },
    get lanes() {
      return lanes;
    },
    get first() {
      return Math.min(above(numbers, history.first - 1), Math.max(0, numbers.length - 1));
    },
    take,
    row: rowAt,
    placeOf: (n) => above(numbers, n) - 1,
    has: (n) => numbers[above(numbers, n) - 1] === n,
  };
}
