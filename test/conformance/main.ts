// npm run conformance: all generated paths, made anew and driven, by the test runner. Knows no path.
import { spawnSync } from 'node:child_process';
import { readCall } from '../support/command.ts';

const TESTS = ['test/conformance', 'test/browser/attachment-paths.test.ts'];

const { options } = readCall({
  call: 'npm run conformance',
  does: 'Makes every path of stream, prompt queue and attachment anew and drives it: through the routes, and of an attachment through the page; each is held against its machine after every step.',
  options: { update: { kind: 'switch', short: 'u', help: 'write the paths to test/conformance/paths' } },
  takes: 'about a minute on two quiet cores',
  exits: '0 every path is as its machine says and as it is kept; 1 one is not',
});
const { status, error } = spawnSync('vitest', ['run', ...TESTS, ...(options.update ? ['-u'] : [])], {
  stdio: 'inherit',
  env: { ...process.env, CONFORMANCE: 'all' },
});
if (error) throw error;
process.exitCode = status ?? 1;
