// A laid out chart as SVG. Each state is a group with `data-state`, so that a page that inlines the picture can light the
// current one; colours are custom properties with a light and a dark default.
import {
  type Box,
  detailsOf,
  dotOf,
  type Layout,
  LINE_PX,
  leadsInside,
  pillOf,
  SMALL_PX,
  START,
  type Wire,
  wrap,
} from './layout.ts';
import { n, pathOf } from './path.ts';
import type { RuledChart, RuledState } from './rules.ts';

const FOOT_PX = 20;
const STYLE = `
    .chart { --c-ink: var(--ink, #161a19); --c-soft: var(--ink-2, #474f4d); --c-edge: var(--edge, #828c88);
      --c-box: var(--raised, #ffffff); --c-group: var(--panel, #f5f6f5); --c-paper: var(--paper, #fdfdfc); }
    @media (prefers-color-scheme: dark) {
      .chart { --c-ink: var(--ink, #e9edeb); --c-soft: var(--ink-2, #b2bbb8); --c-edge: var(--edge, #6c7572);
        --c-box: var(--raised, #181c1c); --c-group: var(--panel, #0b0d0d); --c-paper: var(--paper, #111414); }
    }
    .chart text { font: 10.5px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: var(--c-soft); }
    .chart .rule { font-weight: 600; }
    .chart .name { font-size: 13px; font-weight: 600; fill: var(--c-ink); }
    .chart .box { fill: var(--c-box); stroke: var(--c-edge); }
    .chart .group { fill: var(--c-group); stroke: var(--c-edge); }
    .chart .final { stroke-width: 3; }
    .chart .paper { fill: var(--c-paper); }
    .chart .dot, .chart .tip { fill: var(--c-ink); }
    .chart .wire { fill: none; stroke: var(--c-ink); stroke-width: 1.1; opacity: .75; }
    .chart .label { paint-order: stroke; stroke: var(--c-paper); stroke-width: 3px; stroke-linejoin: round; }`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const rect = (box: Box, radius: number, kind: string): string =>
  `<rect class="${kind}" x="${n(box.x)}" y="${n(box.y)}" width="${n(box.width)}" height="${n(box.height)}" rx="${radius}"/>`;
const text = (x: number, y: number, line: string, kind = '', anchor = ''): string =>
  `<text${kind && ` class="${kind}"`} x="${n(x)}" y="${n(y)}"${anchor && ` text-anchor="${anchor}"`} xml:space="preserve">${escaped(line)}</text>`;

function stateSvg(state: RuledState, box: Box): string[] {
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
    ...details.map((line, index) => {
      const look = index === 0 && state.rules.length > 0 ? 'rule' : '';
      return `  ${text(x, top + (index + 1) * LINE_PX, line, look, anchor)}`;
    }),
    '</g>',
  ];
}

const wireSvg = (wire: Wire): string =>
  `<path class="wire" marker-end="url(#tip)" d="${pathOf(wire.points)}"/>`;
const labelsSvg = (wire: Wire): string[] =>
  wire.labels.flatMap(({ box, lines }) =>
    lines.map((line, index) => text(box.x + 3, box.y + 10 + index * (LINE_PX - 1), line, 'label')),
  );
const dotSvg = (box: Box | undefined): string[] => {
  if (!box) return [];
  const at = `cx="${n(box.x + box.width / 2)}" cy="${n(box.y + box.height / 2)}"`;
  return [`<circle class="dot" ${at} r="${n(box.width / 2)}"/>`];
};
const pillSvg = (box: Box): string[] => [
  rect(box, 10, 'box'),
  text(box.x + box.width / 2, box.y + 13.5, 'any state', '', 'middle'),
];

const aboutOf = ({ id, initial }: RuledChart): string =>
  initial ? `The states of the ${id} machine` : 'Who talks to whom';
const first = (text: string): string => `${text.split('. ')[0]!.replace(/\.$/, '')}.`;

/** Below the states: the rules that hold in all of them. */
function footSvg(chart: RuledChart, texts: Map<string, string>, layout: Layout): string[] {
  const chars = Math.floor((layout.width - 2 * FOOT_PX) / (SMALL_PX * 0.5));
  const lines = chart.rules.flatMap((id) => wrap(`${id} ${first(texts.get(id) ?? '')}`, chars));
  return lines.map((line, index) => text(FOOT_PX, layout.height + index * LINE_PX, line));
}

export function svgOf(chart: RuledChart, layout: Layout, texts: Map<string, string>): string {
  const boxOf = (id: string): Box => layout.boxes.get(id) ?? { x: 0, y: 0, width: 0, height: 0 };
  const compounds = chart.states.filter((state) => state.kind === 'compound');
  const foot = footSvg(chart, texts, layout);
  const height = n(layout.height + foot.length * LINE_PX);
  const size = `${n(layout.width)} ${height}`;
  const body = [
    `<rect class="paper" width="100%" height="100%"/>`,
    ...chart.states.filter((state) => state.kind === 'compound').flatMap((s) => stateSvg(s, boxOf(s.id))),
    ...layout.wires.map(wireSvg),
    ...chart.states.filter((state) => state.kind !== 'compound').flatMap((s) => stateSvg(s, boxOf(s.id))),
    ...[START, ...compounds.map((state) => dotOf(state.id))].flatMap((id) => dotSvg(layout.boxes.get(id))),
    ...['', ...compounds.map((state) => state.id)]
      .filter((id) => leadsInside(chart, id))
      .flatMap((id) => pillSvg(boxOf(pillOf(id)))),
    ...layout.wires.flatMap(labelsSvg),
    ...foot,
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${size}" width="${n(layout.width)}" height="${height}" role="img" aria-label="${aboutOf(chart)}">`,
    `  <style>${STYLE}\n  </style>`,
    '  <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="tip" d="M0 .8 8 4 0 7.2Z"/></marker></defs>',
    ...body.map((line) => `  ${line}`),
    '</svg>',
    '',
  ].join('\n');
}
