import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});

afterEach(() => void vi.unstubAllGlobals());

async function stage() {
  const { createFollower } = await import('../../src/ui/follow.ts');
  const told: string[] = [];
  let busy = false;
  const follower = createFollower({
    isBusy: () => busy,
    moved: () => told.push('moved'),
    stayed: (session_id) => told.push(`stayed, not ${session_id}`),
  });
  return {
    follower,
    told,
    busy(is: boolean) {
      busy = is;
    },
  };
}

test('ui a tab follows only when it was told to, and keeps that over a reload', async () => {
  const { follower, told } = await stage();
  follower.began('a');
  expect(follower.session_id()).toBeNull();
  expect(told).toEqual([]);
  follower.turn(true);
  expect(follower.session_id()).toBe('a');
  follower.began('b');
  expect(follower.session_id()).toBe('b');
  expect((await stage()).follower.isOn()).toBe(true);
  follower.turn(false);
  expect(follower.session_id()).toBeNull();
  expect((await stage()).follower.isOn()).toBe(false);
});

test('ui a tab that is busy stays where it is, says so, and follows when it is free again', async () => {
  const { follower, told, busy } = await stage();
  follower.turn(true);
  follower.began('a');
  told.length = 0;
  busy(true);
  follower.began('b');
  expect(follower.session_id()).toBe('a');
  follower.freed();
  expect(follower.session_id()).toBe('a');
  busy(false);
  follower.freed();
  expect(follower.session_id()).toBe('b');
  follower.freed();
  expect(told).toEqual(['stayed, not b', 'moved']);
});
