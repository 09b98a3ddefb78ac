// Waiting on facts: something is looked at until it is so, within a bound.

/** Longer than anything here takes on two busy cores; a fact that has not come by then does not come. */
export const FACT_MS = 30_000;
const LOOK_EVERY_MS = 20;

/** Looks until it `is`; what it saw then. @throws after FACT_MS, with what it saw last */
export async function eventually<T>(look: () => Promise<T> | T, is: (seen: T) => boolean): Promise<T> {
  const until = Date.now() + FACT_MS;
  for (;;) {
    const seen = await look();
    if (is(seen)) return seen;
    if (Date.now() > until) throw new Error(`still, after ${FACT_MS} ms: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

export const becomes = <T>(look: () => Promise<T> | T, expected: T): Promise<T> =>
  eventually(look, (seen) => seen === expected);
