import { expect, test } from 'vitest';
import { ARMED_AFTER_MS, createStances } from '../../src/ui/prompts/calm.ts';

const at = (top: number, height = 100) => ({ left: 0, top, bottom: top + height });
const free = (ms: number) => ({ at: ms, isWritten: false });
const written = (ms: number) => ({ at: ms, isWritten: true });
const FULL = ARMED_AFTER_MS;

test('CQ11 what has come or moved takes no press until it has stood still long enough', () => {
  const stances = createStances<string>();
  stances.seen('card', at(0), free(1000));
  expect(stances.isArmed('card', 1000 + FULL - 1)).toBe(false);
  expect(stances.isArmed('card', 1000 + FULL)).toBe(true);
  stances.seen('card', at(200), free(5000));
  expect(stances.isArmed('card', 5000 + FULL - 1)).toBe(false);
  expect(stances.nextArmed(5000)).toBe(5000 + FULL);
  expect(stances.nextArmed(5000 + FULL)).toBeNull();
  // What nobody has seen takes none at all.
  expect(stances.isArmed('other', 99_000)).toBe(false);
});

test('CQ11 what stays where it is goes on counting, also when it creeps: in the end it has moved', () => {
  const stances = createStances<string>();
  for (const [ms, top] of [
    [0, 0],
    [100, 2],
    [200, 3],
  ] as const)
    stances.seen('card', at(top), free(ms));
  expect(stances.isArmed('card', FULL)).toBe(true);
  stances.seen('card', at(4), free(300));
  expect(stances.isArmed('card', FULL)).toBe(false);
});

test('CQ11 a person’s own scrolling calms nothing, and what moves afterwards is seen from there', () => {
  const stances = createStances<string>();
  stances.seen('card', at(0), free(0));
  stances.scrolled('card', at(-300));
  stances.seen('card', at(-300), free(2000));
  expect(stances.isArmed('card', 2000)).toBe(true);
  stances.seen('card', at(-200), free(3000));
  expect(stances.isArmed('card', 3000)).toBe(false);
});

test('CQ11 a card that grows from one edge while somebody writes on it stays armed; one that slides does not', () => {
  const stances = createStances<string>();
  stances.seen('card', at(0), free(0));
  stances.seen('card', at(0, 120), written(2000));
  stances.seen('card', at(0, 140), written(2100));
  expect(stances.isArmed('card', 2100)).toBe(true);
  stances.seen('card', at(0, 180), free(2200));
  expect(stances.isArmed('card', 2200)).toBe(false);
  stances.seen('card', at(300, 180), written(9000));
  expect(stances.isArmed('card', 9000)).toBe(false);
});
