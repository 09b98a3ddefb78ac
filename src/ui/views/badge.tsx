// The run's badge: the machine's state with since when and why. Nothing on it spins without a state behind it.
import { clockTime, elapsed, isoTime } from '../format.ts';
import { type ShownRun, wordOf } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { useNow, useShownRun } from './context.tsx';

function Since({ run }: { run: ShownRun }) {
  const isOver = run.run_state === 'settled';
  const now = useNow(!isOver);
  return (
    <time dateTime={isoTime(run.since)}>{isOver ? clockTime(run.since) : elapsed(now - run.since)}</time>
  );
}

export function RunBadge({ run, plain = false }: { run: ShownRun; plain?: boolean }) {
  // How a run ended well needs no reason, and a stop is its own.
  const why = run.outcome === 'completed' || run.outcome === run.why ? null : run.why;
  const tries = run.try !== undefined && run.of !== undefined ? en.badge.try(run.try, run.of) : null;
  return (
    <span
      className={plain ? 'badge plain' : 'badge'}
      data-run-state={run.run_state}
      data-outcome={run.run_state === 'settled' ? (run.outcome ?? undefined) : undefined}
      title={run.why ?? undefined}
    >
      <span className="cut">
        {wordOf(run)} · <Since run={run} />
        {why !== null && <span className="why wide"> · {why}</span>}
        {tries !== null && <span> · {tries}</span>}
      </span>
    </span>
  );
}

export function PaneBadge() {
  const run = useShownRun();
  return run && <RunBadge run={run} />;
}
