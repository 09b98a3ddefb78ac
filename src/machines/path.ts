// The path of a state as one string, such as `draining.describing`. For charts without parallel regions.
import type { StateValue } from 'xstate';

export function pathOf(value: StateValue): string {
  if (typeof value === 'string') return value;
  const [key, inner] = Object.entries(value)[0] ?? [];
  if (key === undefined) return '';
  return inner === undefined ? key : `${key}.${pathOf(inner)}`;
}
