// Points as a path of an SVG picture.
import type { Wire } from './layout.ts';

const CORNER_PX = 6;

/** A number as pictures write it. */
export const n = (value: number): string => String(Math.round(value * 10) / 10);

/** A path through the points, with rounded corners. */
export function pathOf(points: Wire['points']): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let path = `M${n(first.x)} ${n(first.y)}`;
  let from = first;
  for (const [index, corner] of rest.entries()) {
    const to = rest[index + 1];
    if (!to) return `${path}L${n(corner.x)} ${n(corner.y)}`;
    const before = towards(corner, from);
    const after = towards(corner, to);
    path += `L${n(before.x)} ${n(before.y)}Q${n(corner.x)} ${n(corner.y)} ${n(after.x)} ${n(after.y)}`;
    from = corner;
  }
  return path;
}
function towards(corner: { x: number; y: number }, point: { x: number; y: number }) {
  const length = Math.hypot(point.x - corner.x, point.y - corner.y);
  const part = length === 0 ? 0 : Math.min(CORNER_PX, length / 2) / length;
  return { x: corner.x + (point.x - corner.x) * part, y: corner.y + (point.y - corner.y) * part };
}
