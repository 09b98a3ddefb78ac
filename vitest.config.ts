import { configDefaults, defineConfig } from 'vitest/config';

const BROWSER = 'test/browser/**/*.test.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
          exclude: [...configDefaults.exclude, BROWSER],
        },
      },
      {
        extends: true,
        // The page is built first, if it is older than its sources.
        test: { name: 'browser', include: [BROWSER], globalSetup: 'test/browser/built-page.ts' },
      },
    ],
  },
});
