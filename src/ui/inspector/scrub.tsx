// Time: where one stands in it, one event back or on, playing, and what the chosen actor was meanwhile.
import type { KeyboardEvent } from 'react';
import { exactTime, secondTime } from '../format.ts';
import { enInspector as words } from '../text/en-inspector.ts';
import { Icon } from './icons.tsx';
import type { Inspector, Shown } from './inspector.ts';
import { endsOf, entryAt, segmentsOf } from './timeline.ts';

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
  const { from, to } = endsOf(shown.history);
  const part = (at: number): number => (to > from ? ((at - from) / (to - from)) * 1000 : 0);
  const segments = shown.actor === null ? [] : segmentsOf(shown.history, shown.actor);
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

export function Scrub({ shown, inspector }: { shown: Shown; inspector: Inspector }) {
  const { history, n, file, isFollowing, isPlaying, rows } = shown;
  const { from, to } = endsOf(history);
  const at = history.entry(n)?.at ?? to;
  const isGoing = file === null ? isFollowing : isPlaying;
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = STEPS[event.key];
    if (by === undefined) return;
    event.preventDefault();
    inspector.stepped(by);
  };
  const goTo = (moment: number): void => {
    const entry = entryAt(history, moment);
    inspector.goTo(rows.numbers[Math.max(0, rows.placeOf(entry))] ?? entry);
  };
  const going = file === null ? words.follow : words.play;
  const percent = to > from ? ((at - from) / (to - from)) * 100 : 100;
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
          min={from}
          max={Math.max(to, from + 1)}
          value={at}
          aria-label={words.moment}
          aria-valuetext={words.momentText(exactTime(at), rows.placeOf(n) + 1, rows.numbers.length)}
          style={{ '--at': `${percent}%` } as React.CSSProperties}
          onChange={(event) => goTo(Number(event.target.value))}
          onKeyDown={onKeyDown}
        />
      </div>
      <output>
        {exactTime(at)} <span className="dim">{words.of(secondTime(to))}</span>
      </output>
    </div>
  );
}
