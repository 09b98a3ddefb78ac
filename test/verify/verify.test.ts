// The small worlds that every `npm test` explores to their end, and the faults that the exploration must find. `npm run
// verify` explores the large ones.
import { expect, test } from 'vitest';
import { nodesOf } from '../support/coverage.ts';
import { explore } from './explore.ts';
import { checkFault } from './fault-check.ts';
import { faults } from './faults.ts';
import { scene } from './scene.ts';
import { list, mermaid } from './story.ts';
import { World } from './world.ts';

const narrow = { tokens: 0, inFlight: 1 };
const worlds = [
  scene('a run, a stop and a lost connection', { ...narrow, tokens: 1, cancels: 1, drops: 1 }),
  scene('a question, timed, and kill -9', { ...narrow, prompts: 1, isTimed: true, crashes: 1, isCalm: true }),
  scene('two owners', { ...narrow, takeovers: 1, isCalm: true }),
  scene('a newer run in the same session', { ...narrow, followUp: true, isCalm: true }),
  scene('the page is loaded anew', { ...narrow, prompts: 1, reloads: 1, isCalm: true }),
  scene('a log that refuses, and commits that nobody hears of', { ...narrow, refusals: 1, unknowns: 1 }),
].map((each) => new World(each));

test.each(worlds.map((world) => [world.scene.name, world] as const))(
  'P1 P2 P3 P4 P5 P6 P7 P9 P10 P11 P12 hold in every state, and Q1 Q2 Q3 Q4 Q5 Q6 Q7 where everything ends: %s',
  (_, world) => {
    const { states, ends, violation } = explore(world);
    expect(violation && `${violation.rules}\n${list(violation.steps)}`).toBeNull();
    expect(states).toBeGreaterThan(1_000);
    expect(ends).toBeGreaterThan(0);
  },
);

test('ST4 AT5 CQ7 the small worlds pass through every state of their machines but those that a part outside leads to', () => {
  const missed = (kind: 'stream' | 'queue' | 'attachment') => {
    const seen = new Set(worlds.flatMap((world) => [...world.house[kind].paths]));
    const leafs = nodesOf(worlds[0]!.house[kind].machine).filter(
      ({ states }) => Object.keys(states).length === 0,
    );
    return leafs.map(({ path }) => path.join('.')).filter((path) => !seen.has(path));
  };
  // A producer outside of the server; an expiry that storage refuses, and a deleted session; a hidden page.
  expect(missed('stream')).toEqual(['stale.awaiting']);
  expect(missed('queue')).toEqual(['active.asking.retrying', 'settled']);
  expect(missed('attachment')).toEqual(['following.suspended']);
});

test.each(faults.map((fault) => [fault.name, fault] as const))(
  'P1 P12 Q1 a fault that is put in is found, by the claim that it breaks, on a shortest way: %s',
  { timeout: 30_000 },
  (_, fault) => {
    const { isFound, violation } = checkFault(fault);
    expect(isFound).toBe(true);
    expect(violation?.steps.length).toBe(fault.steps);
  },
);

test('house a counter-example is told as a list and as a diagram', () => {
  const { scene, parts } = faults.find(({ name }) => name === 'append without the epoch')!;
  const { rules, steps } = explore(new World(scene, parts)).violation!;
  expect(list(steps)).toMatchInlineSnapshot(`
    "1. server → log: another owner takes the run over
    2. lost → log: started "
  `);
  expect(mermaid(rules[0]!, steps)).toMatchInlineSnapshot(`
    "sequenceDiagram
      participant server
      participant log
      participant lost
      server->>log: another owner takes the run over
      lost->>log: started 
      Note over server,lost: P5 nothing is appended under an older epoch"
  `);
});
