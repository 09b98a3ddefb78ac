// The service worker's desk, with windows and notifications that are objects here. That a real worker does the same is
// test/browser/notices.test.ts.
import { expect, test } from 'vitest';
import type { Notice, ShownNotice } from '../../src/protocol/index.ts';
import {
  createWorkerDesk,
  type OpenWindow,
  WINDOW_ANSWER_MS,
  type WindowAnswer,
  type WindowQuestion,
} from '../../src/ui/notices/worker-desk.ts';

const question: ShownNotice = {
  type: 'show',
  tag: 'r_1',
  about: 'c_1',
  topic: 'clarify',
  title: 'Schema',
  body: 'Which database?',
  path: '/s/s_1?prompt=c_1',
};

interface Tab {
  /** what it answers; null: it is asleep */
  shows: string | null;
  url?: string;
  focused?: boolean;
  visible?: boolean;
}

function stage(...tabs: Tab[]) {
  const did: string[] = [];
  const shown: { title: string; options: Record<string, unknown> }[] = [];
  const windows = tabs.map(
    ({ shows, url = '/', focused = false, visible = focused }, n): OpenWindow => ({
      url: `https://weir.example${url}`,
      focused,
      visibilityState: visible ? 'visible' : 'hidden',
      focus: async () => void did.push(`focus ${n}`),
      navigate: async (path) => void did.push(`navigate ${n} ${path}`),
      postMessage(message, [port]) {
        const asked = message as WindowQuestion;
        if (asked.ask === 'open') did.push(`open ${n} ${asked.path}`);
        if (shows !== null) (port as MessagePort).postMessage({ path: shows } satisfies WindowAnswer);
      },
    }),
  );
  const world = {
    origin: 'https://weir.example',
    answer_ms: tabs.some(({ shows }) => shows === null) ? 20 : WINDOW_ANSWER_MS,
    show: async (title: string, options: object) => {
      const { tag } = options as { tag: string };
      const at = shown.findIndex(({ options: { tag: before } }) => before === tag);
      if (at >= 0) shown.splice(at, 1);
      shown.push({ title, options: options as Record<string, unknown> });
    },
    shown: async (tag: string) =>
      shown
        .filter(({ options }) => options.tag === tag)
        .map((each) => ({
          data: each.options.data as { about: string },
          close: () => void shown.splice(shown.indexOf(each), 1),
        })),
    windows: async () => windows,
    openWindow: async (path: string) => void did.push(`window ${path}`),
  };
  /** `again`: the worker was stopped and started meanwhile, as browsers do. */
  return { did, shown, desk: createWorkerDesk(world), again: () => createWorkerDesk(world) };
}

test('ui a notice says which session asks what, in the words of the page', async () => {
  const said = async (notice: Partial<ShownNotice>) => {
    const { desk, shown } = stage();
    await desk.take({ ...question, ...notice });
    return `${shown[0]?.title} | ${shown[0]?.options.body}`;
  };
  expect(await said({})).toBe('Schema | Which database?');
  expect(await said({ topic: 'approval', body: 'rm -rf build' })).toBe('Schema | Allow? rm -rf build');
  expect(await said({ topic: 'completed', title: '', body: '' })).toBe('New session | Done.');
  expect(await said({ topic: 'error', body: 'interrupted' })).toBe('Schema | Failed: interrupted.');
  expect(await said({ topic: 'error', body: '' })).toBe('Schema | Failed.');
  expect(await said({ topic: 'killed', body: '' })).toBe('Schema | Stopped.');
  expect(await said({ topic: 'test', title: '', body: '' })).toBe('Weir | This is how you are called.');
});

test('ui no notice for a session that a focused tab shows, nor for any while the board is looked at', async () => {
  const shownWith = async (...tabs: Tab[]) => {
    const { desk, shown } = stage(...tabs);
    await desk.take(question);
    return shown.length;
  };
  expect(await shownWith({ shows: '/s/s_1', focused: true })).toBe(0);
  expect(await shownWith({ shows: '/board', focused: true })).toBe(0);
  // What it shows counts, not the address that it was opened with.
  expect(await shownWith({ shows: '/s/s_2', url: '/s/s_1', focused: true })).toBe(1);
  expect(await shownWith({ shows: '/s/s_1' })).toBe(1);
  expect(await shownWith({ shows: '/s/s_2', focused: true }, { shows: '/s/s_1' })).toBe(1);
  // It does not answer: its address has to do.
  expect(await shownWith({ shows: null, url: '/s/s_1', focused: true })).toBe(0);
  expect(await shownWith()).toBe(1);
});

test('ui one call, whether it comes from a push, a page or both; and it is taken back', async () => {
  const { desk, shown, again } = stage();
  await Promise.all([desk.take(question), desk.take(question)]);
  await again().take(question);
  expect(shown.length).toBe(1);
  expect(shown[0]?.options).toMatchObject({ tag: 'r_1', renotify: false });
  await desk.take({ ...question, about: 'c_2', body: 'And which port?' });
  expect(shown.map(({ options }) => [options.body, options.renotify])).toEqual([['And which port?', true]]);
  await desk.take({ ...question, tag: 'r_2' });
  await desk.take({ type: 'withdraw', tag: 'r_1' });
  expect(shown.map(({ options }) => options.tag)).toEqual(['r_2']);
  // Its push comes late: it is over.
  await desk.take({ ...question, about: 'c_2' });
  expect(shown.length).toBe(1);
});

test('ui a test is shown to whoever looks, each time', async () => {
  const { desk, shown } = stage({ shows: '/', focused: true });
  const trial: Notice = { ...question, tag: 'test', topic: 'test', path: '/' };
  await desk.take({ ...trial, about: '1' });
  await desk.take({ ...trial, about: '2' });
  expect(shown.map(({ options }) => (options.data as { about: string }).about)).toEqual(['2']);
});

test('ui a click goes to the window that shows the session, else to one that is seen, else to any, else to a new one', async () => {
  const clicked = async (...tabs: Tab[]) => {
    const { desk, did } = stage(...tabs);
    await desk.open('/s/s_1?prompt=c_1');
    return did;
  };
  const opens = (n: number) => [`focus ${n}`, `open ${n} /s/s_1?prompt=c_1`];
  const elsewhere = { shows: '/s/s_2' };
  expect(await clicked(elsewhere, { ...elsewhere, visible: true }, { shows: '/s/s_1' })).toEqual(opens(2));
  expect(await clicked(elsewhere, { ...elsewhere, visible: true })).toEqual(opens(1));
  expect(await clicked(elsewhere, elsewhere)).toEqual(opens(0));
  expect(await clicked()).toEqual(['window /s/s_1?prompt=c_1']);
  expect(await clicked({ shows: null })).toEqual([...opens(0), 'navigate 0 /s/s_1?prompt=c_1']);
});

test('P8 a notice leads to no other origin, whatever path it says', async () => {
  for (const path of [
    'https://evil.example/',
    '//evil.example/s/x',
    '\\\\evil.example',
    'javascript:alert(1)',
  ]) {
    const { desk, did, shown } = stage();
    await desk.take({ ...question, path });
    await desk.open(path);
    expect(shown[0]?.options.data, path).toMatchObject({ path: '/' });
    expect(did, path).toEqual(['window /']);
  }
});
