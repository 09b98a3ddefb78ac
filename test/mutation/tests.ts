// Which code is mutated, and by which tests a mutant has to be found. Tests that draw, start servers or wait are not among them.

export const MUTATED: readonly string[] = [
  'src/machines/*.ts',
  // For those who look at machines: diagrams, recordings, the inspector. They decide nothing of a run, and have tests of their own.
  '!src/machines/{chart,observer,stepping,talk}.ts',
  'src/protocol/cursors.ts',
  'src/sessions/{writer,settled-feed,ending,run-commits}.ts',
  'src/journal/{settlement,walk}.ts',
];

const MACHINES = ['stream', 'session', 'prompt-queue', 'attachment', 'line', 'tab-leader', 'prompt-feed'];

/** Files with examples before those that walk: they are faster. */
export const TESTS: readonly string[] = [
  'test/machines/words.test.ts',
  ...MACHINES.map((name) => `test/machines/${name}.test.ts`),
  'test/machines/prompt-queue.expiry.test.ts',
  'test/machines/prompt-feed.cards.test.ts',
  'test/machines/prompt-feed.turns.test.ts',
  ...MACHINES.map((name) => `test/machines/${name}.walk.test.ts`),
  'test/machines/every-machine.test.ts',
  'test/machines/bounds.test.ts',
  'test/machines/board.test.ts',
  'test/protocol/cursors.test.ts',
  'test/sessions/writer.test.ts',
  'test/sessions/ending.test.ts',
  'test/sessions/run-commits.test.ts',
  'test/journal/walk.test.ts',
  'test/journal/settlement.test.ts',
];

const stemOf = (file: string): string => file.split('/').at(-1)?.split('.')[0] ?? '';

/** Those named after the file first. */
export function testsFor(file: string): string[] {
  const own = TESTS.filter((test) => stemOf(test) === stemOf(file));
  return [...own, ...TESTS.filter((test) => !own.includes(test))];
}
