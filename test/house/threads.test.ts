// What the log's threads load. Each start of a server, and each test that opens a log, pays for it twice.
import { dirname, join } from 'node:path/posix';
import { expect, test } from 'vitest';
import { read } from '../../scripts/source.ts';

/** Imports that are more than types: with their names, or for their effect. */
const IMPORT = /^import (?!type )(?:\{(?<names>[^}]*)\}|[^'{]*)\s*(?:from )?'(?<path>[^']+)';/gm;

function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { groups } of read(file).matchAll(IMPORT)) {
    const { names, path } = groups as { names?: string; path: string };
    const isTypes = names?.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '));
    if (isTypes) continue;
    if (path.startsWith('.')) loadedBy(join(dirname(file), path), seen);
    else seen.add(path);
  }
  return seen;
}

test('house the threads of the log load no schemas: a schema library is half of what it takes to open a log', () => {
  for (const worker of ['src/journal/writer-worker.ts', 'src/journal/reader-worker.ts']) {
    const loaded = [...loadedBy(worker)];
    expect(loaded.length, worker).toBeGreaterThan(10);
    expect(loaded, worker).toContain('node:sqlite');
    expect(loaded.filter((path) => !path.startsWith('src/journal/')).sort(), worker).not.toContain(
      'zod/mini',
    );
  }
});
