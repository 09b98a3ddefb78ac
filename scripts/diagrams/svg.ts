// A laid out chart as SVG. Each state is a group with `data-state`, so that a page that inlines the picture can light the
// current one; colours are custom properties with a light and a dark default.
import type { Chart, ChartState } from '../../src/machines/chart.ts';
import {
  type Box,
  detailsOf,
  dotOf,
  type Layout,
  LINE_PX,
  leadsInside,
  pillOf,
  START,
  type Wire,
} from './layout.ts';

const CORNER_PX = 6;
const STYLE = `
    .chart { --c-ink: var(--ink, #161a19); --c-soft: var(--ink-2, #474f4d); --c-edge: var(--edge, #828c88);
      --c-box: var(--raised, #ffffff); --c-group: var(--panel, #f5f6f5); --c-paper: var(--paper, #fdfdfc); }
    @media (prefers-color-scheme: dark) {
      .chart { --c-ink: var(--ink, #e9edeb); --c-soft: var(--ink-2, #b2bbb8); --c-edge: var(--edge, #6c7572);
        --c-box: var(--raised, #181c1c); --c-group: var(--panel, #0b0d0d); --c-paper: var(--paper, #111414); }
    }
    .chart text { font: 10.5px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: var(--c-soft); }
    .chart .name { font-size: 13px; font-weight: 600; fill: var(--c-ink); }
    .chart .box { fill: var(--c-box); stroke: var(--c-edge); }
    .chart .group { fill: var(--c-group); stroke: var(--c-edge); }
    .chart .final { stroke-width: 3; }
    .chart .paper { fill: var(--c-paper); }
    .chart .dot, .chart .tip { fill: var(--c-ink); }
    .chart .wire { fill: none; stroke: var(--c-ink); stroke-width: 1.1; opacity: .75; }
    .chart .label { paint-order: stroke; stroke: var(--c-paper); stroke-width: 3px; stroke-linejoin: round; }`;

const n = (value: number): string => String(Math.round(value * 10) / 10);
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const rect = (box: Box, radius: number, kind: string): string =>
  `<rect class="${kind}" x="${n(box.x)}" y="${n(box.y)}" width="${n(box.width)}" height="${n(box.height)}" rx="${radius}"/>`;
const text = (x: number, y: number, line: string, kind = '', anchor = ''): string =>
  `<text${kind && ` class="${kind}"`} x="${n(x)}" y="${n(y)}"${anchor && ` text-anchor="${anchor}"`} xml:space="preserve">${escaped(line)}</text>`;

function stateSvg(state: ChartState, box: Box): string[] {
  const isGroup = state.kind === 'compound';
  const kind = isGroup ? 'group' : state.kind === 'final' ? 'box final' : 'box';
  const details = detailsOf(state);
  const x = isGroup ? box.x + 12 : box.x + box.width / 2;
  const anchor = isGroup ? '' : 'middle';
  const top = isGroup || details.length > 0 ? box.y + 18 : box.y + box.height / 2 + 4.5;
  return [
    `<g class="state" data-state="${escaped(state.id)}" data-kind="${state.kind}">`,
    `  ${rect(box, isGroup ? 12 : 8, kind)}`,
    `  ${text(x, top, state.key, 'name', anchor)}`,
    ...details.map((line, index) => `  ${text(x, top + (index + 1) * LINE_PX, line, '', anchor)}`),
    '</g>',
  ];
}

/** A path through the points, with rounded corners. */
function pathOf(points: Wire['points']): string {
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

const wireSvg = (wire: Wire): string =>
  `<path class="wire" marker-end="url(#tip)" d="${pathOf(wire.points)}"/>`;
const labelsSvg = (wire: Wire): string[] =>
  wire.labels.flatMap(({ box, lines }) =>
    lines.map((line, index) => text(box.x + 3, box.y + 10 + index * (LINE_PX - 1), line, 'label')),
  );
const dotSvg = (box: Box): string =>
  `<circle class="dot" cx="${n(box.x + box.width / 2)}" cy="${n(box.y + box.height / 2)}" r="${n(box.width / 2)}"/>`;
const pillSvg = (box: Box): string[] => [
  rect(box, 10, 'box'),
  text(box.x + box.width / 2, box.y + 13.5, 'any state', '', 'middle'),
];

export function svgOf(chart: Chart, layout: Layout): string {
  const boxOf = (id: string): Box => layout.boxes.get(id) ?? { x: 0, y: 0, width: 0, height: 0 };
  const compounds = chart.states.filter((state) => state.kind === 'compound');
  const size = `${n(layout.width)} ${n(layout.height)}`;
  const body = [
    `<rect class="paper" width="100%" height="100%"/>`,
    ...chart.states.filter((state) => state.kind === 'compound').flatMap((s) => stateSvg(s, boxOf(s.id))),
    ...layout.wires.map(wireSvg),
    ...chart.states.filter((state) => state.kind !== 'compound').flatMap((s) => stateSvg(s, boxOf(s.id))),
    dotSvg(boxOf(START)),
    ...compounds.map((state) => dotSvg(boxOf(dotOf(state.id)))),
    ...['', ...compounds.map((state) => state.id)]
      .filter((id) => leadsInside(chart, id))
      .flatMap((id) => pillSvg(boxOf(pillOf(id)))),
    ...layout.wires.flatMap(labelsSvg),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${size}" width="${n(layout.width)}" height="${n(layout.height)}" role="img" aria-label="The states of the ${chart.id} machine">`,
    `  <style>${STYLE}\n  </style>`,
    '  <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="tip" d="M0 .8 8 4 0 7.2Z"/></marker></defs>',
    ...body.map((line) => `  ${line}`),
    '</svg>',
    '',
  ].join('\n');
}
