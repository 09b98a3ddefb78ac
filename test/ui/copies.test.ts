// What is said of a file that is no session.
import { afterEach, expect, test, vi } from 'vitest';
import { RECORDING_FORMAT } from '../../src/protocol/inspection.ts';
import { ApiError } from '../../src/ui/api.ts';
import { importFile, refusalOf } from '../../src/ui/copies.ts';

afterEach(() => vi.unstubAllGlobals());

const refusal = (sentence: string, field?: string) => new ApiError('bad_request', 400, sentence, { field });
const file = new File(['{}'], 'mine.json');

test('ui a file that could not be imported is told with the server’s own reason', () => {
  expect(refusalOf(file, refusal('messages.0.role: Invalid option', 'messages.0.role'))).toBe(
    '“mine.json” is no log or transcript of a session, or not a whole one. The server says: messages.0.role: Invalid option',
  );
  expect(refusalOf(file, refusal('line 3: is not JSON', 'line 3'))).toBe(
    '“mine.json” is damaged: its line 3 can’t be read. The server says: line 3: is not JSON',
  );
  expect(refusalOf(file, refusal(`\u001b[31m${'x'.repeat(5000)}`)).length).toBeLessThan(500);
});

test('ui the export of a run is not sent as a session: it is said where it belongs', async () => {
  const fetched = vi.fn();
  vi.stubGlobal('fetch', fetched);
  const run = new File([`${JSON.stringify({ format: RECORDING_FORMAT, version: 1 })}\n{"n":1}`], 'run.jsonl');
  const error = await importFile(run).catch((refused) => refused);
  expect(refusalOf(run, error)).toMatch(
    /^“run\.jsonl” could not be imported\. It is .*inspector.*npm run replay/,
  );
  expect(fetched).not.toHaveBeenCalled();
});
