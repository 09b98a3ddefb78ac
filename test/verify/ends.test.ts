// The two pieces of the exploration that know no model, against slow and plain ones.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endComponents } from './ends.ts';
import { States } from './states.ts';

const graph = fc.array(fc.array(fc.nat(9), { maxLength: 3 }), { minLength: 10, maxLength: 10 });

function reachable(edges: number[][], from: number): Set<number> {
  const seen = new Set([from]);
  for (const state of seen) for (const target of edges[state]!) seen.add(target);
  return seen;
}

test('Q1 end components are the sets that lead to each other and to nothing else', () => {
  fc.assert(
    fc.property(graph, (edges) => {
      const found: number[][] = [];
      const offsets = new Int32Array(edges.length + 1);
      edges.forEach((targets, state) => {
        offsets[state + 1] = offsets[state]! + targets.length;
      });
      const flat = { offsets, targets: new Int32Array(edges.flat()), count: edges.length };
      endComponents(flat, (states) => found.push(states.sort((one, other) => one - other)));
      const plain = edges
        .map((_, state) => [...reachable(edges, state)].sort((one, other) => one - other))
        .filter((set) => set.every((state) => reachable(edges, state).size === set.length));
      const unique = [...new Map(plain.map((set) => [set.join(), set])).values()];
      expect(found.map(String).sort()).toEqual(unique.map(String).sort());
    }),
  );
});

test('P1 a state is found again by its three numbers, however many there are', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(200_000), fc.nat(100_000), fc.nat(100_000)), { maxLength: 300 }),
      (all) => {
        const states = new States();
        const known = new Map<string, number>();
        for (const numbers of all) {
          const index = states.add(...numbers, -1);
          expect(known.get(numbers.join()) ?? index).toBe(index);
          known.set(numbers.join(), index);
          expect(states.at(index)).toEqual(numbers);
        }
        expect(states.count).toBe(known.size);
      },
    ),
    { numRuns: 30 },
  );
});
