// @vitest-environment jsdom
// Keys that are meant for a field that is gone.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { guardLostFields, LOOKS_UP_AFTER_MS } from '../../src/ui/writing.ts';

let end: () => void;
let heard: string[];
let now: number;
const hear = ({ key }: KeyboardEvent): void => void heard.push(key);

beforeEach(() => {
  heard = [];
  now = 10_000;
  vi.spyOn(Event.prototype, 'timeStamp', 'get').mockImplementation(() => now);
  end = guardLostFields();
  document.body.innerHTML = '<textarea></textarea><button>Yes</button>';
  addEventListener('keydown', hear);
});
afterEach(() => {
  end();
  removeEventListener('keydown', hear);
  vi.restoreAllMocks();
});

const one = (name: string) => document.querySelector<HTMLElement>(name)!;
/** Whether the browser goes on with it, as to press a button. */
const press = (on: Element, key: string, more: KeyboardEventInit = {}): boolean =>
  on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));

test('CQ11 what is typed on when the field is gone does nothing, until there is a pause', () => {
  const field = one('textarea');
  press(field, 'a');
  field.remove();
  for (const key of ['n', ' ', '2', 'Enter']) {
    now += 900;
    expect(press(one('button'), key)).toBe(false);
  }
  expect(heard).toEqual(['a']);
  now += LOOKS_UP_AFTER_MS;
  expect(press(one('button'), '2')).toBe(true);
  expect(heard).toEqual(['a', '2']);
});

test('CQ11 a space bar that comes up presses nothing either', () => {
  const field = one('textarea');
  press(field, 'a');
  field.remove();
  const up = new KeyboardEvent('keyup', { key: ' ', bubbles: true, cancelable: true });
  expect(one('button').dispatchEvent(up)).toBe(false);
});

test('CQ11 who leaves a field by themselves is heard at once', () => {
  press(one('textarea'), 'a');
  expect(press(one('button'), 'n')).toBe(true);
});

test('CQ11 who sends with Enter has put the field away: what follows is heard', () => {
  const field = one('textarea');
  press(field, 'a');
  press(field, 'Enter');
  field.dispatchEvent(new KeyboardEvent('keyup', { key: 'Enter', bubbles: true }));
  field.remove();
  expect(press(document.body, 'n')).toBe(true);
});

test.each([
  { how: 'Tab', key: 'Tab', more: {} },
  { how: 'Escape', key: 'Escape', more: {} },
  { how: 'a key with Ctrl', key: 'Enter', more: { ctrlKey: true, altKey: true } },
])('CQ11 $how is meant, though the field is gone, and so is what follows', ({ key, more }) => {
  const field = one('textarea');
  press(field, 'a');
  field.remove();
  expect(press(document.body, key, more)).toBe(true);
  expect(press(document.body, 'n')).toBe(true);
});

test('CQ11 who takes the pointer has seen it', () => {
  const field = one('textarea');
  press(field, 'a');
  field.remove();
  dispatchEvent(new Event('pointerdown'));
  expect(press(document.body, 'n')).toBe(true);
});
