// Turns: of many who come at once only so many go on, and the others wait, the first come first. Knows not what for.

/** At most `at_once_max` at a time. What one throws is its own. */
export function createTurns(at_once_max: number): <T>(act: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let taken = 0;
  return async (act) => {
    if (taken < at_once_max) taken += 1;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await act();
    } finally {
      // Its place goes to who waits longest.
      const next = waiting.shift();
      if (next) next();
      else taken -= 1;
    }
  };
}
