// The proof of a reconnect: of a loss that somebody could see, and of no other.
import { expect, test } from 'vitest';
import { createCatchUp } from '../../src/ui/catch-up.ts';

/** What is told when the line was away for so long, and the log grew by two meanwhile. */
function toldAfter(away_ms: number) {
  const proof = createCatchUp();
  proof.lost(1_000);
  proof.back({ head: 7, cursor: 5, at: 1_000 + away_ms });
  expect(proof.reached(6)).toBeNull();
  return proof.reached(7);
}

test('AT6 a connection that was lost is told of once all that was missed has come', () => {
  expect(toldAfter(1_500)).toEqual({ events: 2, offline_ms: 1_500 });
});

test('LN3 a connection that one tab takes over from another is nothing to tell of', () => {
  expect(toldAfter(4)).toBeNull();
});
