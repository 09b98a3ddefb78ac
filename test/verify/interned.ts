// Small numbers for large things: a state is a few of these, so millions of states fit into memory, and what was computed
// once for a pair of them is never computed again. Knows nothing of what it holds.

/** Values by their key; equal keys are one number. Number 0 is the first value. */
export class Interned<T> {
  readonly values: T[] = [];
  readonly #ids = new Map<string, number>();
  readonly #keyOf: (value: T) => string;

  constructor(keyOf: (value: T) => string) {
    this.#keyOf = keyOf;
  }

  id(value: T): number {
    const key = this.#keyOf(value);
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.values.push(value) - 1;
      this.#ids.set(key, id);
    }
    return id;
  }

  at(id: number): T {
    return this.values[id]!;
  }
}

/** `fn` of one number, computed once. */
export function once<T>(fn: (id: number) => T): (id: number) => T {
  const known: T[] = [];
  return (id) => {
    known[id] ??= fn(id);
    return known[id];
  };
}

/** More of one kind than this are no small world any more. */
const SECOND_MAX = 2 ** 26;

/** `fn` of two numbers, computed once per pair. */
export function oncePerPair<T>(fn: (one: number, other: number) => T): (one: number, other: number) => T {
  const known = new Map<number, T>();
  return (one, other) => {
    const key = one * SECOND_MAX + other;
    let value = known.get(key);
    if (value === undefined) {
      value = fn(one, other);
      known.set(key, value);
    }
    return value;
  };
}
