// The list against a server that answers when it is told to.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSessionList, type SessionList } from '../../src/ui/list.ts';
import { FACT_MS } from '../support/eventually.ts';
import { compactSession } from '../support/sessions.ts';

interface Asked {
  path: string;
  answer(body: unknown, status?: number): void;
}

let asked: Asked[] = [];
let list: SessionList;
const told: string[] = [];
const shown = () => list.store.getSnapshot().context;
const titles = () => shown().sessions.map(({ title }) => title);
/** The nth request, once it was made. */
const request = (nth: number): Promise<Asked> =>
  vi.waitFor(() => asked[nth - 1] ?? Promise.reject('not yet'), FACT_MS);

beforeEach(() => {
  asked = [];
  told.length = 0;
  vi.stubGlobal(
    'fetch',
    (path: string) =>
      new Promise<Response>((resolve) => {
        asked.push({
          path,
          answer: (body, status = 200) => resolve(new Response(JSON.stringify(body), { status })),
        });
      }),
  );
  list = createSessionList({ lockedOut: () => told.push('locked out') });
});
afterEach(() => {
  list.close();
  vi.unstubAllGlobals();
});

test('ui what is told while the list is on its way stands after it: the answer may be older', async () => {
  const read = list.refresh();
  list.changed('a', compactSession('a', { title: 'Renamed', updated_at: 5 }));
  list.changed('b', null);
  (await request(1)).answer({
    sessions: [compactSession('b', { updated_at: 4 }), compactSession('a', { updated_at: 3 })],
  });
  await read;
  expect(titles()).toEqual(['Renamed']);
  // What was told before the next read does not stand after that one.
  const again = list.refresh();
  (await request(2)).answer({ sessions: [compactSession('a', { title: 'Newest' })] });
  await again;
  expect(titles()).toEqual(['Newest']);
});

test('ui of two searches the newer one counts, whichever is answered first', async () => {
  const seen: string[] = [];
  list.store.subscribe(() => seen.push(...titles()));
  list.search('one');
  const first = await request(1);
  list.search('two');
  const second = await request(2);
  expect([first.path, second.path].map((path) => new URLSearchParams(path.split('?')[1]).get('q'))).toEqual([
    'one',
    'two',
  ]);
  second.answer({ sessions: [compactSession('two')] });
  await vi.waitFor(() => expect(titles()).toEqual(['two']), FACT_MS);
  first.answer({ sessions: [compactSession('one')] });
  list.search('three');
  (await request(3)).answer({ sessions: [compactSession('three')] });
  await vi.waitFor(() => expect(titles()).toEqual(['three']), FACT_MS);
  expect(seen).not.toContain('one');
});

test('ui the next page is asked for once, however often somebody scrolls, and never behind the last', async () => {
  const read = list.refresh();
  (await request(1)).answer({ sessions: [compactSession('a', { updated_at: 9 })], next: '9:a' });
  await read;
  // Who is pinned is asked for, too: these come when they come.
  const pages = [list.more(), list.more(), list.more()];
  (await request(3)).answer({ sessions: [compactSession('b', { updated_at: 8 })] });
  await Promise.all(pages);
  await list.more();
  expect(titles()).toEqual(['a', 'b']);
  expect(asked).toHaveLength(3);
});

test('ui a session that runs and is further down is read by itself, once; one that is listed is not', async () => {
  const read = list.refresh();
  (await request(1)).answer({ sessions: [compactSession('a', { updated_at: 9 })], next: '9:a' });
  await read;
  list.want(['a', 'deep']);
  list.want(['deep']);
  (await request(3)).answer({ session: compactSession('deep', { state: 'waiting' }) });
  await vi.waitFor(() => expect(titles()).toEqual(['a', 'deep']), FACT_MS);
  expect(asked).toHaveLength(3);
});

test('ui who is pinned has a row from the first page on, however old; where there is no other page, nobody asks', async () => {
  const old = compactSession('old', { pinned: true, updated_at: 1 });
  const a = compactSession('a', { updated_at: 9 });
  const read = list.refresh();
  (await request(1)).answer({ sessions: [a], next: '9:a' });
  await read;
  const pinned = await request(2);
  expect(new URLSearchParams(pinned.path.split('?')[1]).get('pinned')).toBe('1');
  // Told while its answer was on its way.
  list.changed('old', { ...old, title: 'Renamed' });
  pinned.answer({ sessions: [old] });
  await vi.waitFor(() => expect(titles()).toEqual(['a', 'Renamed']), FACT_MS);
  expect(shown().next).toBe('9:a');
  const again = list.refresh();
  (await request(3)).answer({ sessions: [a] });
  await again;
  expect(asked).toHaveLength(3);
});

test('ui the list asks again only where nobody else knows: a lineage that lost its tip', async () => {
  const tip = compactSession('two', {
    relation: 'continuation',
    parent_session_id: 'one',
    lineage_root_id: 'one',
  });
  const read = list.refresh();
  (await request(1)).answer({ sessions: [{ ...tip, lineage_collapsed_count: 2 }, compactSession('x')] });
  await read;
  list.changed('x', compactSession('x', { title: 'Renamed' }));
  list.changed('two', null);
  (await request(2)).answer({ sessions: [compactSession('one'), compactSession('x', { title: 'Renamed' })] });
  await vi.waitFor(() => expect(titles().sort()).toEqual(['Renamed', 'one']), FACT_MS);
});

test('ui who is locked out is asked who they are, and the list says that it could not be read', async () => {
  const read = list.refresh();
  (await request(1)).answer({ error: 'Log in.', code: 'unauthorized' }, 401);
  await read;
  expect(told).toEqual(['locked out']);
  expect(shown().status).toBe('failed');
});
