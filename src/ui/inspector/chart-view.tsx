// The statechart of the chosen actor: where it is, the way it came, and the last transition, which is drawn as it happens.
import { memo } from 'react';
import { enInspector as words } from '../text/en-inspector.ts';
import { type ChartState, type ChartView, type PageChart, type Place, shownState } from './chart.ts';
import { LABEL_HEIGHT, labelOf, labelWidth } from './chart-label.ts';
import type { Mark } from './marks.ts';
import { drawnWay, type Hop } from './way.ts';

/** How far a picture is scaled to its frame; beyond, the frame scrolls. */
const LARGEST = 1.1;
const SMALLEST = 0.75;

interface StateProps {
  state: ChartState;
  place: Place;
  mode: 'now' | 'been' | '';
  mark: Mark;
  /** it lies in this one, which is drawn closed */
  inner: string | null;
  isClosed: boolean;
}

function StateBox({ state, place: [x, y, width, height], mode, mark, inner, isClosed }: StateProps) {
  const middle = x + width / 2;
  if (state.kind === 'compound' && !isClosed)
    return (
      <g className={mode}>
        <rect className="region" x={x} y={y} width={width} height={height} rx="10" />
        <text className="small left" x={x + 12} y={y + 15}>
          {state.key}
        </text>
      </g>
    );
  return (
    <g className={mode} data-state={mode === 'now' ? mark : undefined}>
      {isClosed && <rect className="behind" x={x + 3} y={y + 3} width={width} height={height} rx="6" />}
      <rect x={x} y={y} width={width} height={height} rx="6" />
      {state.kind === 'final' && (
        <rect className="inside" x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx="4" />
      )}
      <text x={middle} y={y + height / 2 - (inner ? 6 : 0)}>
        {state.key}
      </text>
      {inner && (
        <text className="inner" x={middle} y={y + height / 2 + 8}>
          {inner}
        </text>
      )}
    </g>
  );
}

function Wires({ view, gone, last }: { view: ChartView; gone: ReadonlySet<string>; last: string | null }) {
  const keyed = view.wires.map((wire) => ({ ...wire, key: `${wire.from}>${wire.to}` }));
  const rank = (key: string): number => (key === last ? 2 : gone.has(key) ? 1 : 0);
  return keyed
    .toSorted((a, b) => rank(a.key) - rank(b.key))
    .map(({ key, d }) => {
      const look = ['', 'past', 'past last'][rank(key)];
      return (
        <path
          key={key}
          className={`way ${look}`}
          d={d}
          pathLength={1}
          markerEnd={`url(#tip${look && '-past'})`}
        />
      );
    });
}

/** On its way or beside it, on a ground of its own. */
function Label({ at: [x, y], text }: { at: [number, number]; text: string }) {
  const width = labelWidth(text);
  return (
    <g className="label">
      <rect x={x - width / 2} y={y - LABEL_HEIGHT / 2} width={width} height={LABEL_HEIGHT} rx="4" />
      <text x={x} y={y}>
        {text}
      </text>
    </g>
  );
}

const Tip = ({ id }: { id: string }) => (
  <marker
    id={id}
    viewBox="0 0 8 8"
    refX="7.5"
    refY="4"
    markerUnits="userSpaceOnUse"
    markerWidth="9"
    markerHeight="9"
    orient="auto-start-reverse"
  >
    <path d="M0 .5 8 4 0 7.5Z" />
  </marker>
);

export interface ChartProps {
  chart: PageChart;
  view: ChartView;
  now: string;
  mark: Mark;
  been: ReadonlySet<string>;
  hops: readonly Hop[];
  /** of the step that is looked at */
  step: number;
}

export const Statechart = memo(
  function Statechart({ chart, view, now, mark, been, hops }: ChartProps) {
    const lit = shownState(view, now);
    const drawnBeen = new Set([...been].map((id) => shownState(view, id)));
    const { gone, last, hop } = drawnWay(chart, view, hops);
    const wire = last === null ? null : view.wires.find(({ from, to }) => `${from}>${to}` === last);
    const inner = lit !== now && lit ? now.slice(lit.length + 1) : null;
    const told = hop ? words.hop(hop.from, hop.to, hop.by) : null;
    const isClosed = (id: string): boolean =>
      !chart.states.some((one) => one.id.startsWith(`${id}.`) && view.places[one.id]);
    return (
      <svg
        className="chart"
        viewBox={`0 0 ${view.width} ${view.height}`}
        width={view.width}
        height={view.height}
        style={{ maxInlineSize: view.width * LARGEST, minInlineSize: view.width * SMALLEST }}
        role="img"
        aria-label={words.chartLabel(chart.id, now, told)}
      >
        <defs>
          <Tip id="tip" />
          <Tip id="tip-past" />
        </defs>
        {chart.states.map((state) => {
          const place = view.places[state.id];
          if (!place) return null;
          // What the last way leaves: it may be the region around the state.
          const isLeft = state.id === wire?.from;
          const mode = state.id === lit ? 'now' : isLeft || drawnBeen.has(state.id) ? 'been' : '';
          return (
            <StateBox
              key={state.id}
              state={state}
              place={place}
              mode={mode}
              mark={mark}
              inner={mode === 'now' ? inner : null}
              isClosed={state.kind === 'compound' && isClosed(state.id)}
            />
          );
        })}
        {view.dots.map(([x, y]) => (
          <circle key={`${x} ${y}`} cx={x} cy={y} r="4.5" />
        ))}
        {view.any && (
          <g>
            <rect x={view.any[0]} y={view.any[1]} width={view.any[2]} height={view.any[3]} rx="10" />
            <text className="small" x={view.any[0] + view.any[2] / 2} y={view.any[1] + view.any[3] / 2}>
              {words.anyState}
            </text>
          </g>
        )}
        <g key={hop?.n}>
          <Wires view={view} gone={gone} last={last} />
        </g>
        {wire && hop?.by && <Label at={wire.mid} text={labelOf(hop.by)} />}
      </svg>
    );
  },
  (a, b) => a.step === b.step && a.view === b.view && a.now === b.now && a.mark === b.mark,
);
