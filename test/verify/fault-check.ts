// The checker is checked: every fault that it must find, put in and looked for, with what it took. Knows no thread.
import { explore, type Violation } from './explore.ts';
import { type Fault, faults } from './faults.ts';
import { World } from './world.ts';

/** A fault that is not found within as many states is not found. */
const STATES_MAX = 1_000_000;

export interface Checked {
  fault: Fault;
  isFound: boolean;
  states: number;
  ms: number;
  violation: Violation | null;
}

export function checkFault(fault: Fault): Checked {
  const began = performance.now();
  const { states, violation } = explore(new World(fault.scene, fault.parts), { states_max: STATES_MAX });
  const isFound = violation?.rules.some((rule) => fault.finds.test(rule)) ?? false;
  return { fault, isFound, states, ms: performance.now() - began, violation };
}

/** One line per fault; false: one was not found. */
export function checkFaults(say: (line: string) => void): boolean {
  const all = faults.map((fault) => {
    const { isFound, states, ms, violation } = checkFault(fault);
    const found = isFound ? `found in ${violation?.steps.length} moves, ${states} states` : 'NOT found';
    say(`${fault.name}: ${found}, ${(ms / 1_000).toFixed(2)} s`);
    return isFound;
  });
  say(`${faults.length} faults, ${all.filter(Boolean).length} found`);
  return all.every(Boolean);
}
