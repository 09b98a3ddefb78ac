import { expect, test } from 'vitest';
import { createEscapes, ESCAPE_AGAIN_MS } from '../../src/ui/escapes.ts';

const press = (escapes: ReturnType<typeof createEscapes>, at: number, stream_id = 'r1', hasTool = false) =>
  escapes.pressed({ stream_id, hasTool, at });

test('ui a second Escape soon after the first stops the run; one that comes later is a first one', () => {
  const escapes = createEscapes();
  expect(press(escapes, 0)).toBe('first');
  expect(press(escapes, ESCAPE_AGAIN_MS)).toBe('first');
  expect(press(escapes, 2 * ESCAPE_AGAIN_MS - 1)).toBe('stop');
});

test('ui while a tool runs a second Escape asks', () => {
  const escapes = createEscapes();
  press(escapes, 0);
  expect(press(escapes, 10, 'r1', true)).toBe('ask');
});

test('CQ11 however often Escape is pressed, it stops the run that was shown, and not the next in the queue', () => {
  const escapes = createEscapes();
  const said = [0, 100, 200, 300, 400].map((at, n) => press(escapes, at, n < 2 ? 'r1' : 'r2'));
  expect(said).toEqual(['first', 'stop', 'none', 'none', 'none']);
  const turned = createEscapes();
  expect([press(turned, 0, 'r1'), press(turned, 100, 'r2')]).toEqual(['first', 'first']);
});

test('ui an Escape that closed something above is no first one', () => {
  const escapes = createEscapes();
  press(escapes, 0);
  escapes.spent();
  expect(press(escapes, 10)).toBe('first');
});
