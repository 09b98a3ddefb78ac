// What the drawer shows of a run: its state with the way here, or its log. Its own chunk: the machine's graph comes with it.
import '../style/drawer-body.css';
import { useEffect, useState } from 'react';
import { exactTime, isoTime } from '../format.ts';
import { runOf, type ShownRun } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { enDrawer } from '../text/en-drawer.ts';
import { useApp, useShownRun, useStore } from '../views/context.tsx';
import { Facts } from './run-facts.tsx';
import { type RunLog, readRunLog } from './run-log.ts';
import { Steps } from './run-steps.tsx';
import { Statechart } from './statechart.tsx';
import { type ReceiptView, stepsOf, triesOf, useReceipt } from './use-receipt.ts';

const LOG_ROWS_MAX = 500;
const words = enDrawer;

function useRunLog(stream_id: string): RunLog | null {
  const [log, setLog] = useState<RunLog | null>(null);
  useEffect(() => readRunLog(stream_id, setLog), [stream_id]);
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

function StateTab({ run }: { run: ShownRun }) {
  const receipt = useReceipt(run);
  const steps = stepsOf(run, receipt);
  const known = typeof receipt === 'string' ? null : receipt;
  const took =
    known && known.settled_at !== null
      ? { ms: known.settled_at - known.admitted_at, tries: triesOf(steps) }
      : null;
  return (
    <>
      <Facts run={run} epoch={run.epoch ?? known?.epoch} took={took} then={null} />
      <h2 className="sub">
        {words.chart}
        <span className="push">{words.legend}</span>
      </h2>
      <Statechart path={run.path} transitions={steps} />
      <Steps steps={steps} outcome={run.outcome} />
      <Told receipt={receipt} />
    </>
  );
}

function LogTab({ run }: { run: ShownRun }) {
  const log = useRunLog(run.stream_id);
  if (!log) return <p className="dim">{words.loading}</p>;
  if (log.status === 'failed') return <p className="dim">{words.logFailed}</p>;
  const rows = log.rows.slice(-LOG_ROWS_MAX).reverse();
  return (
    <>
      <p className="dim num">{words.rows(rows.length, log.rows.length)}</p>
      <ol className="records" aria-label={words.logLabel}>
        {rows.map((row) => (
          <li key={row.seq}>
            <span className="num dim">{row.seq}</span>
            <time dateTime={isoTime(row.at)}>{exactTime(row.at)}</time>
            <b>{row.event}</b>
            <code className="cut" title={row.json.slice(0, 1000)}>
              {payloadOf(row.json)}
            </code>
          </li>
        ))}
      </ol>
    </>
  );
}

/** The payload without what the row says already, as text. */
function payloadOf(json: string): string {
  const { stream_id: _s, seq: _q, at: _a, ...payload } = JSON.parse(json);
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
