// Who said what to whom, one row after the other; a lane per part that is played.
import { type KeyboardEvent, type MouseEvent, memo, useEffect } from 'react';
import { exactTime } from '../format.ts';
import { enInspector as words } from '../text/en-inspector.ts';
import type { Inspector, Shown } from './inspector.ts';
import type { Row } from './lanes.ts';
import { useWindow } from './use-window.ts';

const ROW_PX = 28;
const TIMES_PX = 84;
const LANE_MIN_PX = 80;
const LANE_MAX_PX = 170;
const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

const rowId = (n: number): string => `row-${n}`;

interface LineProps {
  row: Row;
  lanes: readonly string[];
  lane_px: number;
  when: 'cur' | 'later' | '';
}

function Arrow({ from, to, label }: { from: number; to: number; label: string }) {
  if (from === to)
    return (
      <>
        <circle className="h" cx={to} cy="18" r="3.5" />
        <text x={to + 9} y="18" className="start">
          {label}
        </text>
      </>
    );
  const way = from < to ? -1 : 1;
  return (
    <>
      <path className="m" d={`M${from} 21H${to + way * 6}`} />
      <path className="h" d={`m${to} 21 ${way * 7}-3.5v7Z`} />
      <text x={(from + to) / 2} y="11">
        {label}
      </text>
    </>
  );
}

const Line = memo(function Line({ row, lanes, lane_px, when }: LineProps) {
  const placeOf = (lane: string): number => (lanes.indexOf(lane) + 0.5) * lane_px;
  const at = exactTime(row.at);
  return (
    <div
      id={rowId(row.n)}
      data-n={row.n}
      tabIndex={-1}
      role="option"
      aria-selected={when === 'cur'}
      className={`${when} ${row.kind}`}
    >
      <span className="vh">{words.rowLabel(at, row.label, words.role(row.from), words.role(row.to))}</span>
      <span className="t" style={{ inlineSize: TIMES_PX }} aria-hidden="true">
        {at.replace(/^\d+:/, '')}
      </span>
      <svg width={lanes.length * lane_px} height={ROW_PX} aria-hidden="true">
        <path className="life" d={lanes.map((lane) => `M${placeOf(lane)} 0V${ROW_PX}`).join('')} />
        <Arrow from={placeOf(row.from)} to={placeOf(row.to)} label={row.label} />
      </svg>
    </div>
  );
});

const Lanes = memo(function Lanes({ lanes, lane_px }: { lanes: readonly string[]; lane_px: number }) {
  return (
    <div className="who" aria-hidden="true">
      <span style={{ inlineSize: TIMES_PX }} />
      {lanes.map((lane) => (
        <span key={lane} style={{ inlineSize: lane_px }}>
          {words.role(lane)}
        </span>
      ))}
    </div>
  );
});

export function Sequence({ shown, inspector }: { shown: Shown; inspector: Inspector }) {
  const { rows, n, isFollowing, filter } = shown;
  const { numbers, lanes } = rows;
  const at = rows.placeOf(n);
  const { frame, first, end, width } = useWindow(numbers.length, ROW_PX, at, isFollowing);
  const lane_px = Math.min(
    LANE_MAX_PX,
    Math.max(LANE_MIN_PX, (width - TIMES_PX) / Math.max(1, lanes.length)),
  );
  // Where the lanes are wider than the frame, those of the row that is looked at are in sight.
  const row = at < 0 ? null : rows.row(numbers[at]!);
  const ends = row ? [lanes.indexOf(row.from), lanes.indexOf(row.to)] : [0, 0];
  const left = TIMES_PX + Math.min(...ends) * lane_px;
  const right = TIMES_PX + (Math.max(...ends) + 1) * lane_px;
  useEffect(() => {
    const { current } = frame;
    if (!current) return;
    const { scrollLeft, clientWidth } = current;
    if (left - TIMES_PX >= scrollLeft && right <= scrollLeft + clientWidth) return;
    current.scrollLeft = right <= clientWidth ? 0 : (left + right - clientWidth - TIMES_PX) / 2;
  }, [left, right, frame]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = STEPS[event.key];
    if (by === undefined) return;
    event.preventDefault();
    inspector.stepped(by);
  };
  const onClick = ({ target }: MouseEvent): void => {
    const { n } = (target as Element).closest<HTMLElement>('[data-n]')?.dataset ?? {};
    if (n !== undefined) inspector.goTo(Number(n));
  };
  // What is told of beside it may be none of these: then none is marked.
  const current = rows.has(n) ? at : -1;
  return (
    <div className="seq" ref={frame}>
      {numbers.length === 0 && filter.text !== '' && <p className="dim">{words.noEventMatches}</p>}
      <Lanes lanes={lanes} lane_px={lane_px} />
      <div
        role="listbox"
        aria-label={words.sequenceLabel}
        aria-activedescendant={current >= first && current < end ? rowId(n) : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onClick={onClick}
        style={{
          blockSize: numbers.length * ROW_PX,
          paddingBlockStart: first * ROW_PX,
          inlineSize: Math.max(width, TIMES_PX + lanes.length * lane_px),
        }}
      >
        {numbers.slice(first, end).map((one, index) => {
          const row = rows.row(one);
          const place = first + index;
          const when = place === current ? 'cur' : place > at ? 'later' : '';
          return row && <Line key={one} row={row} lanes={lanes} lane_px={lane_px} when={when} />;
        })}
      </div>
    </div>
  );
}
