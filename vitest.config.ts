import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const BROWSER = 'test/browser/**/*.test.ts';
/** What they measure is a time: they run one by one, with nothing beside them. */
const MEASURED = ['question-delay', 'news-delay', 'one-line', 'large'].map(
  (name) => `test/browser/${name}.test.ts`,
);

/** Builds the page first, if it is older than its sources. */
const BUILT = 'test/browser/built-page.ts';

/** Files of ten seconds and more, the first of them first. Started last, one of them would run alone. */
const LONG = [
  // Leaves compiled code behind for the servers that the others start and kill.
  'http/process',
  'campaigns/campaigns',
  'campaigns/prompts',
  'journal/prompt-model',
  'http/restart',
  'http/sse-slow',
  'http/prompts-slow',
  'http/faults',
  'sim/sim',
  'verify/verify',
  'journal/crash',
  'conformance/stream',
  'conformance/prompt-queue',
  'browser/prompts',
  'browser/ui-look',
  'browser/accessibility',
  'browser/run',
  'browser/list',
  'browser/late-finalizer',
  'browser/attachment-paths',
  'browser/prompt-forms',
];

/** The order of the runner is by what it remembers of the last run; a fresh copy of the house has nothing to remember. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification): number => {
      const at = LONG.findIndex((name) => moduleId.endsWith(`test/${name}.test.ts`));
      return project.config.sequence.groupOrder * LONG.length * 2 + (at < 0 ? LONG.length : at);
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    pool: 'forks',
    sequence: { sequencer: LongFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // As long as a fact is waited for elsewhere (test/support/eventually.ts).
    expect: { poll: { timeout: 30_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          // Twice the cores of a small machine: these wait for processes, disks and bounds half of the time.
          maxWorkers: 4,
          // Modules here hold no state of a test; to load them anew for each file took a fifth of the time.
          isolate: false,
          include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
          exclude: [...configDefaults.exclude, BROWSER],
        },
      },
      {
        extends: true,
        test: {
          name: 'measured',
          include: MEASURED,
          globalSetup: BUILT,
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: [BROWSER],
          exclude: [...configDefaults.exclude, ...MEASURED],
          globalSetup: BUILT,
          // After the others: a browser takes both cores, and campaigns that kill servers take them too.
          sequence: { groupOrder: 2 },
          maxWorkers: 3,
          testTimeout: 120_000,
        },
      },
    ],
  },
});
