// Time: where one stands in it, one event back or on, playing, and what the chosen actor was meanwhile.
import { type KeyboardEvent, memo } from 'react';
import { exactTime, secondTime } from '../format.ts';
import { enInspector as words } from '../text/en-inspector.ts';
import { Icon } from './icons.tsx';
import type { Inspector, Shown } from './inspector.ts';
import { endOf, segmentsOf, timesOf } from './timeline.ts';

/** Between those times that are written below the bar. */
const PARTS = 4;

const STEPS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -10,
  PageUp: 10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

function Track({ shown }: { shown: Shown }) {
  const { history, rows, actor } = shown;
  const { first, numbers } = rows;
  const width = 1000 / Math.max(1, numbers.length - 1 - first);
  const part = (place: number): number => (place - first) * width;
  const segments = actor === null ? [] : segmentsOf(history, rows, actor);
  return (
    <svg viewBox="0 0 1000 16" preserveAspectRatio="none" aria-hidden="true">
      {segments.map((one) => (
        <rect
          key={one.from}
          className="seg"
          data-state={one.mark}
          x={part(one.from)}
          y="5"
          width={Math.max(1.5, part(one.to) - part(one.from) - 1)}
          height="6"
        />
      ))}
    </svg>
  );
}

const Times = ({ shown: { history, rows } }: { shown: Shown }) => (
  <div className="times" aria-hidden="true">
    {timesOf(history, rows, PARTS).map((at, part) => (
      <span key={part}>{secondTime(at)}</span>
    ))}
  </div>
);

export const Scrub = memo(function Scrub({ shown, inspector }: { shown: Shown; inspector: Inspector }) {
  const { history, n, file, isFollowing, isPlaying, rows } = shown;
  const { numbers, first } = rows;
  const end = endOf(history);
  const at = history.entry(n)?.at ?? end;
  const place = Math.max(first, rows.placeOf(n));
  const last = Math.max(0, numbers.length - 1);
  const isGoing = file === null ? isFollowing : isPlaying;
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = STEPS[event.key];
    if (by === undefined) return;
    event.preventDefault();
    inspector.stepped(by);
  };
  const goTo = (to: number): void => {
    const one = numbers[to];
    if (one !== undefined) inspector.goTo(one);
  };
  const going = file === null ? words.follow : words.play;
  const percent = last > first ? ((place - first) / (last - first)) * 100 : 100;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a bar of controls is no form field set
    <div className="scrub" role="group" aria-label={words.time}>
      <div className="acts">
        <button
          type="button"
          className="tool-btn"
          aria-label={words.before}
          onClick={() => inspector.stepped(-1)}
        >
          <Icon name="before" />
        </button>
        <button
          type="button"
          className="tool-btn"
          aria-label={isGoing ? words.pause : going}
          title={isGoing ? words.pause : file === null ? going : words.playHint}
          onClick={inspector.switched}
        >
          <Icon name={isGoing ? 'pause' : 'play'} />
        </button>
        <button
          type="button"
          className="tool-btn"
          aria-label={words.after}
          onClick={() => inspector.stepped(1)}
        >
          <Icon name="after" />
        </button>
      </div>
      <div className="track">
        <Track shown={shown} />
        <input
          type="range"
          min={first}
          max={Math.max(first + 1, last)}
          value={last > first ? place : first + 1}
          aria-label={words.moment}
          aria-valuetext={
            rows.has(n)
              ? words.momentText(exactTime(at), place - first + 1, numbers.length - first)
              : words.momentNotShown(exactTime(at))
          }
          style={{ '--at': `${percent}%` } as React.CSSProperties}
          onChange={(event) => goTo(Number(event.target.value))}
          onKeyDown={onKeyDown}
        />
        <Times shown={shown} />
      </div>
      <output>
        {exactTime(at)} <span className="dim">{words.of(exactTime(end))}</span>
      </output>
    </div>
  );
});
