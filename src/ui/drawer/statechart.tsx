// The statechart of this run: where it is, and how it came there.
import type { Outcome } from '../../protocol/terminal.ts';
import type { Transition } from '../../protocol/views.ts';
import { enDrawer } from '../text/en-drawer.ts';
import { BOXES, type Box, CHART_HEIGHT, CHART_WIDTH, LABELS, REGION, WAYS } from './chart-layout.ts';
import { drawnState, drawnStates, drawnWay, drawnWays } from './run-chart.ts';

const words = enDrawer;

interface StateProps {
  name: string;
  place: Box;
  mode: string;
  /** how it ended, where this is the end */
  outcome: Outcome | null;
}

function State({ name, place, mode, outcome }: StateProps) {
  const { x, y, width, height } = place;
  return (
    <g className={mode} data-state={outcome ?? undefined}>
      <rect x={x} y={y} width={width} height={height} rx="6" />
      <text x={x + width / 2} y={y + height / 2}>
        {name}
      </text>
    </g>
  );
}

interface StatechartProps {
  path: string;
  outcome: Outcome | null;
  transitions: readonly Transition[];
  /** the moment that is looked back at; null: now */
  time: string | null;
}

export function Statechart({ path, outcome, transitions, time }: StatechartProps) {
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
      aria-label={words.chartLabel(now, before, time)}
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
        const ended = name === now && name === 'settled' ? outcome : null;
        return place && <State key={name} name={name} place={place} mode={modeOf(name)} outcome={ended} />;
      })}
      {LABELS.map(({ x, y, text, middle }) => (
        <text key={text} className={middle ? 'small' : 'small left'} x={x} y={y}>
          {words.ways[text]}
        </text>
      ))}
    </svg>
  );
}
