// The page's line in a browser that is a model: tabs come, go, crash, freeze, hide and thaw, connections break and end, in
// every order that chance finds. Whatever happened, each tab has every record of its session once, over one connection.
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BEAT_MS, LINE_WATCH_MS, POLL_BOARD_MS, POLL_SESSION_MS } from '../../src/machines/bounds.ts';
import { type TabModel, World } from '../support/tab-world.ts';

const SESSIONS = ['s_0', 's_1', 's_2'];
const TABS_MAX = 6;
/** Longer than a freeze is noticed, and than the first steps of the ladder. */
const CALM_MS = 45_000;
/** Longer than words to another tab, or another source, wait for their time. */
const SOON_MS = 500;
const HOUR_MS = 3_600_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const upTo = (n: number) => Array.from({ length: n }, (_, at) => at + 1);

/** Lets everything come back, and checks what is promised. */
async function calm(world: World): Promise<void> {
  world.isServerThere = true;
  for (const model of world.tabs.values()) {
    model.gate.thaw();
    model.setSeen(true);
    model.line.retry();
  }
  await pass(CALM_MS);
  for (const session_id of SESSIONS) world.append(session_id);
  world.change();
  await pass(BEAT_MS);
  for (const { tab, pane, board, line } of world.tabs.values()) {
    expect(pane.taken, `${tab} on ${pane.session_id}`).toEqual(upTo(world.logs.get(pane.session_id) ?? 0));
    expect(pane, tab).toMatchObject({ isOpen: true, resets: 0, holes: 0 });
    expect(line.state.getSnapshot().context, tab).toMatchObject({ state: 'open', lost: false });
    expect(board, `board of ${tab}`).toEqual(
      upTo(world.board + 1)
        .map((n) => n - 1)
        .slice(board[0]),
    );
  }
  expect(world.openSources).toBe(world.tabs.size > 0 ? 1 : 0);
}

async function end(world: World): Promise<void> {
  for (const model of [...world.tabs.values()]) world.close(model);
  await pass(CALM_MS);
  expect(world.openSources).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
}

const acts = {
  append: (world: World, a: number) => world.append(SESSIONS[a % SESSIONS.length]!),
  change: (world: World) => world.change(),
  open: (world: World, a: number) => {
    if (world.tabs.size < TABS_MAX) world.open(SESSIONS[a % SESSIONS.length]!);
  },
  show: (_world: World, a: number, one?: TabModel) => one?.show(SESSIONS[a % SESSIONS.length]!),
  close: (world: World, _a: number, one?: TabModel) => one && world.close(one),
  crash: (world: World, _a: number, one?: TabModel) => one && world.crash(one),
  freeze: (_world: World, _a: number, one?: TabModel) => {
    if (one) one.gate.isFrozen = true;
  },
  thaw: (_world: World, _a: number, one?: TabModel) => one?.gate.thaw(),
  cache: (_world: World, _a: number, one?: TabModel) => one?.tell('page.frozen'),
  resume: (_world: World, _a: number, one?: TabModel) => one?.tell('page.resumed'),
  hide: (_world: World, _a: number, one?: TabModel) => one?.setSeen(false),
  see: (_world: World, _a: number, one?: TabModel) => one?.setSeen(true),
  cut: (world: World) => world.cut(),
  end: (world: World) => world.end(),
  away: (world: World) => {
    world.isServerThere = false;
    world.cut();
  },
  back: (world: World) => {
    world.isServerThere = true;
  },
  clockBack: () => void vi.setSystemTime(Date.now() - HOUR_MS),
  clockOn: () => void vi.setSystemTime(Date.now() + HOUR_MS),
};
const step = fc.record({
  act: fc.constantFrom(...(Object.keys(acts) as (keyof typeof acts)[])),
  a: fc.nat(100),
  tab: fc.nat(100),
  wait_ms: fc.constantFrom(0, 0, 1, 3, 20, 120, 700, 4_200),
});

test('LN2 LN3 P3 whatever becomes of tabs and connections, each tab has every record once, over one connection', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      vi.clearAllTimers();
      const world = new World();
      world.open(SESSIONS[0]!);
      for (const { act, a, tab, wait_ms } of steps) {
        const tabs = [...world.tabs.values()];
        acts[act](world, a, tabs[tab % Math.max(tabs.length, 1)]);
        world.append(SESSIONS[a % SESSIONS.length]!);
        await pass(wait_ms);
      }
      await calm(world);
      await end(world);
    }),
    { numRuns: Number(process.env.LINE_RUNS ?? 150) },
  );
});

test('fault 6 P3 a clock that goes back an hour keeps no tab from what it shows, nor from what it shows next', async () => {
  const world = new World();
  const [leader, other] = [world.open(SESSIONS[0]!), world.open(SESSIONS[0]!)];
  for (const model of [leader, other]) model.setSeen(true);
  await pass(BEAT_MS);
  world.append(SESSIONS[1]!);
  vi.setSystemTime(Date.now() - HOUR_MS);
  for (let n = 0; n < 10; n += 1) {
    world.append(SESSIONS[0]!);
    await pass(SOON_MS);
  }
  expect([leader.pane.taken, other.pane.taken]).toEqual([upTo(10), upTo(10)]);
  other.show(SESSIONS[1]!);
  await pass(SOON_MS);
  expect(other.pane.taken).toEqual([1]);
  await end(world);
});

test('fault 6 a clock that goes back an hour keeps no one from hearing that the line lives', async () => {
  const world = new World();
  const one = world.open(SESSIONS[0]!);
  let heard = 0;
  const nothing = () => {};
  const watching = { cursor: () => 0, line: nothing, event: nothing, poll: nothing };
  one.line.watch(SESSIONS[0]!, { ...watching, heard: () => (heard += 1) });
  await pass(BEAT_MS);
  vi.setSystemTime(Date.now() - HOUR_MS);
  heard = 0;
  for (let n = 0; n < 10; n += 1) {
    world.append(SESSIONS[0]!);
    await pass(1_000);
  }
  expect(heard).toBeGreaterThanOrEqual(9);
  await end(world);
});

test.each(['without locks', 'with locks refused'] as const)(
  'LN2 a browser %s has a line for each tab, and each tab is live',
  async (sharing) => {
    const world = new World(sharing);
    const tabs = [world.open(SESSIONS[0]!), world.open(SESSIONS[0]!), world.open(SESSIONS[1]!)];
    await pass(BEAT_MS);
    for (let n = 0; n < 20; n += 1) world.append(SESSIONS[n % 2]!);
    tabs[0]!.tell('page.frozen');
    await pass(BEAT_MS);
    expect(world.openSources).toBe(2);
    tabs[0]!.tell('page.resumed');
    await pass(BEAT_MS);
    for (const { pane } of tabs) expect(pane.taken).toEqual(upTo(10));
    expect(world.openSources).toBe(3);
    await end(world);
  },
);

test('LN4 while nothing opens, seen tabs ask for their session every 3 s and for the board every 10 s; once open, nobody asks', async () => {
  const world = new World();
  world.isServerThere = false;
  const [seen, unseen] = [world.open(SESSIONS[0]!), world.open(SESSIONS[1]!)];
  unseen.setSeen(false);
  for (let wait = 0; wait < 60 && seen.line.state.getSnapshot().context.state !== 'polling'; wait += 1)
    await pass(500);
  const before = { polls: seen.pane.polls, reads: world.boardReads };
  await pass(3 * POLL_BOARD_MS);
  // A try that fails is an occasion, too.
  const due = (3 * POLL_BOARD_MS) / POLL_SESSION_MS;
  expect([due, due + 1]).toContain(seen.pane.polls - before.polls);
  expect(world.boardReads - before.reads).toBe(3);
  expect(unseen.pane.polls).toBe(0);
  await calm(world);
  const after = { polls: seen.pane.polls, reads: world.boardReads };
  await pass(3 * POLL_BOARD_MS);
  expect({ polls: seen.pane.polls, reads: world.boardReads }).toEqual(after);
  await end(world);
});

test('LN2 AT6 the ladder stands still when no tab is seen, unless one wants to be called; one that crashed sees nothing', async () => {
  const world = new World();
  const tabs = [world.open(SESSIONS[0]!), world.open(SESSIONS[1]!)];
  await pass(BEAT_MS);
  const crashed = world.open(SESSIONS[2]!);
  await pass(BEAT_MS);
  world.crash(crashed);
  for (const model of tabs) model.setSeen(false);
  // As long as it takes to miss a tab that did not say goodbye.
  await pass(CALM_MS);
  expect([...world.forgotten]).toEqual([crashed.tab]);
  world.isServerThere = false;
  world.cut();
  await pass(BEAT_MS);
  const before = world.opened;
  await pass(3 * LINE_WATCH_MS);
  expect(world.opened).toBe(before);
  tabs[1]!.line.wantNotices(true);
  await pass(3 * LINE_WATCH_MS);
  expect(world.opened).toBeGreaterThan(before + 3);
  await calm(world);
  await end(world);
});
