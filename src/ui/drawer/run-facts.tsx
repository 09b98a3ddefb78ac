// What is known of a run in four lines, now or as it was.
import { duration, elapsed, isoTime, secondTime, wholeNumber } from '../format.ts';
import { pendingWords } from '../prompts/shown-prompts.ts';
import { runOf, type ShownRun, wordOf } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { enDrawer as words } from '../text/en-drawer.ts';
import { useApp, useNow, useStore } from '../views/context.tsx';

export interface FactsProps {
  run: ShownRun;
  epoch: number | undefined;
  /** how long it took and how often something was tried, once it is over */
  took: { ms: number; tries: number } | null;
  /** as it was then; null: as it is */
  then: { at: number; asks: string | null } | null;
}

/** The head grows with every frame: this line alone is drawn for it. */
function RunLine({ run, epoch, then }: FactsProps) {
  const { pane } = useApp();
  const live = useStore(pane, (context) => runOf(context, run.stream_id)?.head ?? run.head);
  const tries = run.try !== undefined && run.of !== undefined ? `${en.badge.try(run.try, run.of)} · ` : '';
  return words.run(tries, epoch, wholeNumber(then ? run.head : live));
}

export function Facts(props: FactsProps) {
  const { run, took, then } = props;
  const isOver = run.run_state === 'settled';
  const live = useStore(useApp().pane, ({ prompts }) =>
    pendingWords({ clarify: prompts.clarify.pending_count, approval: prompts.approval.pending_count }),
  );
  const asks = then ? then.asks : live;
  const now = useNow(!isOver && !then);
  return (
    <dl className="facts">
      <dt>{words.facts.state}</dt>
      <dd>
        <span
          className="badge plain"
          data-run-state={run.run_state}
          data-outcome={isOver ? (run.outcome ?? undefined) : undefined}
        >
          {run.path}
          {isOver && run.outcome ? ` (${run.outcome})` : ''}
        </span>
      </dd>
      <dt>{words.facts.since}</dt>
      <dd>
        <time dateTime={isoTime(run.since)}>{secondTime(run.since)}</time>
        {!isOver && ` · ${elapsed((then?.at ?? now) - run.since)}`}
      </dd>
      <dt>{words.facts.why}</dt>
      <dd dir="auto">
        {(run.run_state === 'waiting' ? asks : null) ??
          run.why ??
          (isOver ? wordOf(run) : words.whys[run.run_state])}
      </dd>
      {took && (
        <>
          <dt>{words.facts.took}</dt>
          <dd>{words.took(duration(took.ms), took.tries)}</dd>
        </>
      )}
      <dt>{words.facts.run}</dt>
      <dd>
        <RunLine {...props} />
      </dd>
    </dl>
  );
}
