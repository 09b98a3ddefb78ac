// The statechart of this run: where it is, and how it came there.
import type { Transition } from '../../protocol/views.ts';
import { enDrawer } from '../text/en-drawer.ts';
import { BOXES, type Box, CHART_HEIGHT, CHART_WIDTH, LABELS, REGION, WAYS } from './chart-layout.ts';
import { drawnState, drawnStates, drawnWay, drawnWays } from './run-chart.ts';

const words = enDrawer;

function State({ name, place, mode }: { name: string; place: Box; mode: string }) {
  const { x, y, width, height } = place;
  return (
    <g className={mode}>
      <rect x={x} y={y} width={width} height={height} rx="6" />
      <text x={x + width / 2} y={y + height / 2}>
        {name}
      </text>
    </g>
  );
}

export function Statechart({ path, transitions }: { path: string; transitions: readonly Transition[] }) {
  const now = drawnState(path);
  const been = new Set(transitions.map((one) => drawnState(one.path)));
  const gone = new Set(
    transitions.slice(1).map((one, at) => drawnWay(transitions[at]?.path ?? '', one.path)),
  );
  const modeOf = (name: string): string =>
    name === now ? (name === 'waiting' ? 'lit' : 'now') : been.has(name) ? 'been' : '';
  const before = [...been].filter((name) => name !== now);
  return (
    <svg
      className="chart"
      viewBox={`0 0 ${CHART_WIDTH} ${CHART_HEIGHT}`}
      role="img"
      aria-label={words.chartLabel(now, before)}
    >
      <rect className="region" rx="8" {...REGION} />
      <text className="small left" x="18" y="21">
        active
      </text>
      {drawnWays.map((way) => {
        const route = WAYS[way];
        return (
          route && (
            <g key={way} className={gone.has(way) ? 'past' : ''}>
              <path d={route.line} />
              <path className="tip" d={route.tip} />
            </g>
          )
        );
      })}
      {drawnStates.map((name) => {
        const place = BOXES[name];
        return place && <State key={name} name={name} place={place} mode={modeOf(name)} />;
      })}
      {LABELS.map(({ x, y, text, middle }) => (
        <text key={text} className={middle ? 'small' : 'small left'} x={x} y={y}>
          {words.ways[text]}
        </text>
      ))}
    </svg>
  );
}
