import { expect, test } from 'vitest';
import * as bounds from '../../src/machines/bounds.ts';
import { tabLeaderMachine } from '../../src/machines/tab-leader.machine.ts';
import { type Stage, stage } from '../support/stage.ts';

type Tab = Stage<typeof tabLeaderMachine>;
const tab = (hidden = false, term = 0, seed = 1): Tab =>
  stage(tabLeaderMachine, { seed, shared: true, hidden, term });

function leader(term = 0): Tab {
  const it = tab(false, term);
  it.tell({ type: 'lock.granted', term });
  it.take();
  return it;
}

function follower(hidden = false): Tab {
  const it = tab(hidden);
  it.tell({ type: 'beat.heard', term: 3, hidden: false });
  it.take();
  return it;
}

test('LN2 without locks or a channel a tab leads itself, and is never a follower', async () => {
  const it = stage(tabLeaderMachine, { seed: 1, shared: false, hidden: false, term: 4 });
  expect(it.path()).toBe('alone');
  it.take();
  it.tell({ type: 'page.frozen' });
  it.tell({ type: 'page.resumed' });
  expect(it.take().filter(({ type }) => type === 'lead')).toEqual([{ type: 'lead', term: 6 }]);
  expect(it.clock.pending()).toBe(0);
});

test('LN2 the first tab is granted the lock, leads with a term above all that was remembered, and beats', async () => {
  const it = tab(false, 5);
  it.tell({ type: 'lock.granted', term: 8 });
  expect(it.take()).toContainEqual({ type: 'lead', term: 9 });
  await it.pass(bounds.BEAT_MS * 3);
  expect(it.take()).toEqual(Array(3).fill({ type: 'beat', term: 9, hidden: false }));
});

test('LN2 a leader that beats keeps its followers for ever', async () => {
  const it = follower();
  for (let beats = 0; beats < 200; beats++) {
    await it.pass(bounds.BEAT_MS);
    it.tell({ type: 'beat.heard', term: 3, hidden: false });
  }
  expect(it.take()).toEqual([]);
});

test('LN2 a frozen leader is asked, and its lock stolen, within five seconds', async () => {
  const it = follower();
  await it.pass(bounds.LEADER_SILENT_MS);
  expect(it.types()).toEqual(['ping']);
  await it.pass(bounds.LEADER_ANSWER_MS);
  expect(it.types()).toEqual(['steal.lock']);
  expect(bounds.LEADER_SILENT_MS + bounds.LEADER_ANSWER_MS).toBeLessThan(5_000);
  it.tell({ type: 'lock.granted', term: 3 });
  expect(it.take()).toContainEqual({ type: 'lead', term: 4 });
});

test('LN2 a throttled leader that answers is left alone', async () => {
  const it = follower(true);
  for (let minutes = 0; minutes < 10; minutes++) {
    await it.pass(bounds.LEADER_SILENT_MS);
    it.tell({ type: 'beat.heard', term: 3, hidden: true });
  }
  expect(it.types()).toEqual(Array(10).fill('ping'));
});

test('LN2 a thawed leader yields to a higher term, and ignores a lower one', () => {
  const it = leader(5);
  it.tell({ type: 'beat.heard', term: 5, hidden: false });
  expect(it.path()).toBe('leading.beating');
  it.tell({ type: 'beat.heard', term: 7, hidden: false });
  expect(it.path()).toBe('following.hearing');
  expect(it.take()).toEqual([
    { type: 'release.lock' },
    { type: 'request.lock' },
    { type: 'follow', term: 7 },
  ]);
});

test('LN2 of two seen tabs neither takes over from the other', async () => {
  const it = follower();
  it.tell({ type: 'page.hidden' });
  it.tell({ type: 'page.shown' });
  await it.pass(bounds.TAKE_OVER_MS * bounds.JITTER_MAX);
  expect(it.take()).toEqual([]);
});

test('LN2 a seen tab takes over from a hidden leader, unless another was first', async () => {
  const [first, second] = [tab(false, 0, 1), tab(false, 0, 2)];
  for (const it of [first, second]) {
    it.tell({ type: 'beat.heard', term: 3, hidden: true });
    expect(it.path()).toBe('following.eager');
    it.take();
  }
  await first.pass(bounds.TAKE_OVER_MS * bounds.JITTER_MAX);
  expect(first.types()).toEqual(['steal.lock']);
  second.tell({ type: 'beat.heard', term: 4, hidden: false });
  await second.pass(bounds.TAKE_OVER_MS * bounds.JITTER_MAX);
  expect(second.take()).toEqual([{ type: 'follow', term: 4 }]);
});

test('LN2 a hidden tab leaves a hidden leader alone until it is seen', async () => {
  const it = follower(true);
  it.tell({ type: 'beat.heard', term: 3, hidden: true });
  await it.pass(bounds.BEAT_MS);
  expect(it.take()).toEqual([]);
  it.tell({ type: 'page.shown' });
  await it.pass(bounds.TAKE_OVER_MS * bounds.JITTER_MAX);
  expect(it.types()).toEqual(['steal.lock']);
});

test('LN2 a page that may use no lock leads itself', () => {
  const it = tab();
  it.tell({ type: 'lock.refused' });
  expect(it.path()).toBe('alone');
  expect(it.types().at(-1)).toBe('lead');
});

test('lesson 84 a page that stood still holds nothing, and asks anew when it goes on', () => {
  const it = leader();
  it.tell({ type: 'page.frozen' });
  expect(it.types()).toEqual(['release.lock', 'rest']);
  expect(it.clock.pending()).toBe(0);
  it.tell({ type: 'page.resumed' });
  expect(it.types()).toEqual(['request.lock', 'follow']);
});
