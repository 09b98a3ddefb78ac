// The steps that led a run here, newest first.
import { memo } from 'react';
import type { Transition } from '../../protocol/views.ts';
import { exactTime, isoTime } from '../format.ts';
import { en } from '../text/en.ts';
import { enDrawer as words } from '../text/en-drawer.ts';

const nameOf = (one: Transition): string => one.path.replace(/^active\./, '');

const Step = memo(function Step({ one, outcome }: { one: Transition; outcome: string | null }) {
  return (
    <li>
      <time dateTime={isoTime(one.at)}>{exactTime(one.at)}</time>
      <i
        className="mark"
        data-state={one.run_state === 'settled' ? (outcome ?? 'idle') : one.run_state}
        aria-hidden="true"
      />
      <div>
        <b>{nameOf(one)}</b>
        {one.try !== undefined && one.of !== undefined && <span>{en.badge.try(one.try, one.of)}</span>}
        {one.why && <span dir="auto">{one.why}</span>}
      </div>
    </li>
  );
});

export function Steps({ steps, outcome }: { steps: readonly Transition[]; outcome: string | null }) {
  return (
    <>
      <h2 className="sub" id="h-steps">
        {words.transitions}
        <span className="push">{words.newest(steps.length)}</span>
      </h2>
      <ol className="steps" aria-labelledby="h-steps">
        {steps.toReversed().map((one, at) => (
          <Step key={steps.length - at} one={one} outcome={outcome} />
        ))}
      </ol>
    </>
  );
}
