// What an open page calls for: two tabs of one browser with the board handed to them, and no browser.
import { beforeEach, expect, test } from 'vitest';
import type { Notice, PromptEntry, Task } from '../../src/protocol/index.ts';
import type { Choices } from '../../src/ui/notices/choices.ts';
import { createPageCaller } from '../../src/ui/notices/page-caller.ts';
import { settled } from '../support/clock.ts';

const task = (status: Task['status'], fields: Partial<Task> = {}): Task => ({
  task_id: 'r_1',
  session_id: 's_1',
  title: 'Schema',
  agent: 'demo',
  status,
  since: 1,
  created_at: 1,
  waiting: { clarify: status === 'waiting-for-input' ? 1 : 0, approval: 0 },
  ...fields,
});
const waits = task('waiting-for-input');
const entry = (fields: object) =>
  ({ stream_id: 'r_1', requested_at: 5, expires_at: null, ...fields }) as PromptEntry;

let claims: Set<string>;
let did: string[];
let choices: Choices;
let looked: string | null;
let goOn: () => void;
let waited: Promise<void>;
beforeEach(() => {
  claims = new Set();
  did = [];
  choices = { shows: true, sounds: true, pushes: false, kinds: ['waiting', 'error'] };
  looked = null;
  waited = new Promise((resolve) => {
    goOn = resolve;
  });
});

const told = (name: string) => (notice: Notice) =>
  did.push(
    `${name} ${notice.type === 'show' ? `shows ${notice.about}: ${notice.body}` : `withdraws ${notice.tag}`}`,
  );

function tab(name: string, maySound = true) {
  const caller = createPageCaller({
    choices: () => choices,
    isLookedAt: () => looked === name,
    claim: async (what) => !claims.has(what) && Boolean(claims.add(what)),
    wait: () => waited,
    pending: async () => [
      entry({ clarify_id: 'c_other', question: 'Another run?', stream_id: 'r_9', requested_at: 1 }),
      entry({ approval_id: 'a_1', command: 'make', requested_at: 9 }),
      entry({ clarify_id: 'c_1', question: 'Which database?' }),
    ],
    maySound: () => maySound,
    sound: () => did.push(`${name} sounds`),
    notify: told(name),
  });
  const took = (...tasks: Task[]) => caller.took(new Map(tasks.map((each) => [each.task_id, each])));
  return { ...caller, took };
}

/** Every tab hears of it, and time goes on. */
async function all(tabs: ReturnType<typeof tab>[], ...tasks: Task[]): Promise<void> {
  for (const each of tabs) each.took(...tasks);
  await settled();
  goOn();
  await settled();
}

test('ui of several tabs one shows the notice, and one that may sounds', async () => {
  const tabs = [tab('a', false), tab('b'), tab('c')];
  await all(tabs, task('running'));
  await all(tabs, waits);
  expect(did.sort()).toEqual(['a shows c_1: Which database?', 'b sounds']);
});

test('ui no tab calls for what one of them is looked at for; nothing calls for what was there before', async () => {
  const tabs = [tab('a'), tab('b')];
  looked = 'b';
  await all(tabs, task('running'));
  await all(tabs, waits);
  expect(did).toEqual([]);
  looked = null;
  const later = [tab('d')];
  await all(later, waits);
  expect(did).toEqual([]);
});

test('ui what was answered before anybody was called calls nobody; what is over is taken back by every tab', async () => {
  const tabs = [tab('a')];
  await all(tabs, task('running'));
  tabs[0]?.took(waits);
  await all(tabs, task('running', { since: 2 }));
  expect(did).toEqual(['a withdraws r_1']);
});

test('ui each kind has its switch, and nothing is called while all is off', async () => {
  const tabs = [tab('a')];
  await all(tabs, task('running'), task('running', { task_id: 'r_2' }));
  await all(tabs, task('completed'), task('error', { task_id: 'r_2', reason: 'overloaded' }));
  expect(did).toEqual(['a sounds', 'a shows error: overloaded']);
  did = [];
  choices = { ...choices, shows: false, sounds: false };
  await all(tabs, task('running', { since: 2 }), task('error', { task_id: 'r_2' }));
  await all(tabs, { ...waits, since: 3 }, task('error', { task_id: 'r_2' }));
  expect(did).toEqual([]);
});

test('ui a notice of a session that is deleted, or of a run that ended, is taken back', async () => {
  const tabs = [tab('a')];
  choices = { ...choices, sounds: false };
  await all(tabs, task('running'), task('running', { task_id: 'r_2' }));
  await all(tabs, waits, { ...waits, task_id: 'r_2' });
  did = [];
  await all(tabs, task('killed'));
  expect(did.sort()).toEqual(['a withdraws r_1', 'a withdraws r_2']);
});

test('P11 a page that is left calls no more', async () => {
  const tabs = [tab('a')];
  await all(tabs, task('running'));
  tabs[0]?.took(waits);
  tabs[0]?.close();
  await all([]);
  expect(did).toEqual([]);
});
