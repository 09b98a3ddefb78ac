// What the drawer shows of a run: its state with the way here, or its log. Its own chunk: the machine's graph comes with it.
import '../style/drawer-body.css';
import { useEffect, useState } from 'react';
import type { PromptKind } from '../../protocol/prompts.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import type { Transition } from '../../protocol/views.ts';
import { exactTime, isoTime, secondTime } from '../format.ts';
import { pendingWords } from '../prompts/shown-prompts.ts';
import { runOf, type ShownRun } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { enDrawer } from '../text/en-drawer.ts';
import { useApp, useShownRun, useStore } from '../views/context.tsx';
import { PastView } from './past-view.tsx';
import { Facts, type FactsProps } from './run-facts.tsx';
import { type RunLog, readRunLog } from './run-log.ts';
import { type Moment, runAt } from './run-past.ts';
import { Steps } from './run-steps.tsx';
import { Statechart } from './statechart.tsx';
import { TravelBar } from './travel-bar.tsx';
import { usePast } from './use-past.ts';
import { type ReceiptView, stepsOf, triesOf, useReceipt } from './use-receipt.ts';

const LOG_ROWS_MAX = 500;
const words = enDrawer;

function useRunLog(stream_id: string): RunLog | null {
  const { pane } = useApp();
  const [log, setLog] = useState<RunLog | null>(null);
  useEffect(() => {
    const reader = readRunLog(stream_id, setLog);
    const stand = (): string => {
      const run = runOf(pane.getSnapshot().context, stream_id);
      return `${run?.head} ${run?.run_state}`;
    };
    let stood = stand();
    const { unsubscribe } = pane.subscribe(() => {
      if (stand() === stood) return;
      stood = stand();
      reader.more();
    });
    return () => {
      unsubscribe();
      reader.close();
    };
  }, [pane, stream_id]);
  return log;
}

/** What the receipt does not know, said. */
function Told({ receipt }: { receipt: ReceiptView }) {
  if (receipt === 'asked') return null;
  if (receipt === 'failed') return <p className="dim told">{words.receiptFailed}</p>;
  const { dropped, kept, from_log } = receipt;
  return (
    <>
      {dropped > 0 && <p className="dim told">{words.dropped(dropped)}</p>}
      {from_log > 0 && <p className="dim told">{kept ? words.fromLogBefore(from_log) : words.fromLog}</p>}
    </>
  );
}

/** null: it is not over */
function tookOf(
  receipt: Receipt | null,
  steps: readonly Transition[],
  moment: Moment | null,
): FactsProps['took'] {
  if (!receipt || receipt.settled_at === null) return null;
  return { ms: (moment?.at ?? receipt.settled_at) - receipt.admitted_at, tries: triesOf(steps) };
}

function thenOf({ at, pending }: Moment): FactsProps['then'] {
  const count = (kind: PromptKind): number => pending.filter((prompt) => prompt.kind === kind).length;
  return { at, asks: pendingWords({ clarify: count('clarify'), approval: count('approval') }) };
}

/** A run that begins meanwhile doesn't take this one's place. */
function usePinned(stream_id: string, isPast: boolean): void {
  const { shell } = useApp();
  useEffect(() => {
    if (!isPast || shell.getSnapshot().context.drawer_stream_id !== null) return;
    shell.trigger.drawerAsked({ stream_id });
    return () => {
      const { drawer, tab } = shell.getSnapshot().context;
      if (!drawer) return;
      shell.trigger.drawerAsked({ stream_id: null });
      shell.trigger.tabChosen({ tab });
    };
  }, [shell, stream_id, isPast]);
}

function StateTab({ run: live }: { run: ShownRun }) {
  const { stream_id } = live;
  const receipt = useReceipt(live);
  const travel = usePast(stream_id);
  const { moment } = travel;
  const run = moment ? runAt(live, moment) : live;
  const steps = moment ? moment.steps : stepsOf(live, receipt);
  const time = moment && secondTime(moment.at);
  const known = typeof receipt === 'string' ? null : receipt;
  usePinned(stream_id, travel.status === 'past');
  return (
    <>
      <Facts
        run={run}
        epoch={live.epoch ?? known?.epoch}
        took={tookOf(known, steps, moment)}
        then={moment && thenOf(moment)}
      />
      <h2 className="sub">
        {words.chart}
        <span className="push">{words.legend(time)}</span>
      </h2>
      <Statechart path={run.path} outcome={run.outcome} transitions={steps} time={time} />
      <TravelBar travel={travel} stream_id={stream_id} />
      {moment && <PastView moment={moment} run={run} leave={travel.leave} />}
      <Steps steps={steps} outcome={run.outcome} />
      {!moment && <Told receipt={receipt} />}
    </>
  );
}

function LogTab({ run }: { run: ShownRun }) {
  const log = useRunLog(run.stream_id);
  if (!log) return <p className="dim">{words.loading}</p>;
  const rows = log.rows.slice(-LOG_ROWS_MAX).reverse();
  return (
    <>
      {log.status === 'interrupted' && <p className="dim told">{words.logInterrupted}</p>}
      {log.status === 'lost' && <p className="dim told">{words.logLost}</p>}
      <p className="dim num">{words.rows(rows.length, log.rows.length)}</p>
      <ol className="records" aria-label={words.logLabel}>
        {rows.map((row) => (
          <li key={row.seq}>
            <span className="num dim">{row.seq}</span>
            <time dateTime={isoTime(row.at)}>{exactTime(row.at)}</time>
            <b>{row.event}</b>
            <code className="cut" title={JSON.stringify(row.data).slice(0, 1000)}>
              {payloadOf(row.data)}
            </code>
          </li>
        ))}
      </ol>
    </>
  );
}

/** The payload without what the row says already, as text. */
function payloadOf({ stream_id: _s, seq: _q, at: _a, ...payload }: Record<string, unknown>): string {
  return JSON.stringify(payload).slice(0, 400);
}

export default function DrawerBody() {
  const { pane, shell } = useApp();
  const shown = useShownRun();
  const { tab, drawer_stream_id } = useStore(shell, (context) => context);
  const asked = drawer_stream_id === null ? null : runOf(pane.getSnapshot().context, drawer_stream_id);
  const run = asked ?? shown;
  if (!run) return <p className="dim">{en.drawer.none}</p>;
  return tab === 'state' ? (
    <StateTab key={run.stream_id} run={run} />
  ) : (
    <LogTab key={run.stream_id} run={run} />
  );
}
