// Chance, from the browser.
import type { Random } from '../protocol/ports.ts';

export const random: Random = {
  bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  fraction: () => Math.random(),
};
