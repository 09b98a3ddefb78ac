// The newest entries, bounded by number and by weight (P10); what is let go of is handed to whoever keeps the sum of it.
// Numbers have no hole. It knows no meaning of an entry.
import type { Entry } from '../protocol/inspection.ts';

export interface Ring {
  /** number of the oldest that is kept; one above the newest where none is */
  readonly first: number;
  readonly n: number;
  /** `entry.n` must be one above the newest. */
  add(entry: Entry, bytes: number): void;
  /** After `n`, oldest first, at most `count`. */
  after(n: number, count: number): Entry[];
}

export function createRing(bounds: { entries: number; bytes: number }, letGo: (entry: Entry) => void): Ring {
  const slots: ({ entry: Entry; bytes: number } | undefined)[] = [];
  let first = 1;
  let n = 0;
  let weight = 0;
  const at = (number: number) => number % bounds.entries;

  function drop(): void {
    const oldest = slots[at(first)]!;
    slots[at(first)] = undefined;
    first += 1;
    weight -= oldest.bytes;
    letGo(oldest.entry);
  }

  return {
    get first() {
      return first;
    },
    get n() {
      return n;
    },
    add(entry, bytes) {
      while (n >= first && (n - first + 1 >= bounds.entries || weight + bytes > bounds.bytes)) drop();
      n = entry.n;
      weight += bytes;
      slots[at(n)] = { entry, bytes };
    },
    after(from, count) {
      const entries: Entry[] = [];
      for (let number = Math.max(from + 1, first); number <= n && entries.length < count; number++)
        entries.push(slots[at(number)]!.entry);
      return entries;
    },
  };
}
