// Faults that tests put in while the log runs: a small piece of shared memory, read by the writer. All zero: none.
// Nothing but tests hands one over.

const SLOTS = ['page_limit', 'commit_ms', 'fail_before_commit', 'fail_after_commit', 'fail_open'] as const;
type Slot = (typeof SLOTS)[number];

/**
 * page_limit: the database may have this many pages (SQLITE_FULL beyond it) · commit_ms: how long each commit takes ·
 * fail_before_commit, fail_after_commit, fail_open: how many of the next ones meet an I/O error.
 */
export type Faults = Record<Slot, number> & { readonly memory: SharedArrayBuffer };

/** A view on `memory`, or on fresh memory; both threads have one of the same. */
export function createFaults(
  memory = new SharedArrayBuffer(SLOTS.length * Int32Array.BYTES_PER_ELEMENT),
): Faults {
  const cells = new Int32Array(memory);
  const faults = { memory } as Faults;
  SLOTS.forEach((slot, index) => {
    Object.defineProperty(faults, slot, {
      get: () => Atomics.load(cells, index),
      set: (value: number) => Atomics.store(cells, index, value),
    });
  });
  return faults;
}

/** True once for each time that the fault was asked for. */
export function strikes(faults: Faults, slot: Slot): boolean {
  if (faults[slot] < 1) return false;
  faults[slot] -= 1;
  return true;
}

/** What SQLite throws for an I/O error, as far as anybody looks at it. */
export const ioError = (): Error =>
  Object.assign(new Error('disk I/O error (put in by a test)'), { errcode: 10 });

/** Stops this thread, and no other, for as long. */
export function stall(ms: number): void {
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
