// What the drawer shows of a run: its state with the way here, or its log. Its own chunk: the machine's graph comes with it.
import '../style/drawer-body.css';
import { useEffect, useState } from 'react';
import type { Message, Transition } from '../../protocol/views.ts';
import { elapsed, exactTime, isoTime, secondTime, wholeNumber } from '../format.ts';
import { pendingWords } from '../prompts/shown-prompts.ts';
import { runOf, type ShownRun, wordOf } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { enDrawer } from '../text/en-drawer.ts';
import { useApp, useNow, useShownRun, useStore } from '../views/context.tsx';
import { type RunLog, readRunLog } from './run-log.ts';
import { toldBy, transitionsOf } from './run-way.ts';
import { Statechart } from './statechart.tsx';

const LOG_ROWS_MAX = 500;
const words = enDrawer;

function useRunLog(stream_id: string | null): RunLog | null {
  const [log, setLog] = useState<RunLog | null>(null);
  useEffect(() => {
    setLog(null);
    return stream_id === null ? undefined : readRunLog(stream_id, setLog);
  }, [stream_id]);
  return log;
}

/** The head grows with every frame: this line alone is drawn for it. */
function RunLine({ run, tries, epoch }: { run: ShownRun; tries: string; epoch: number | undefined }) {
  const { pane } = useApp();
  const head = useStore(pane, (context) => runOf(context, run.stream_id)?.head ?? run.head);
  return words.run(tries, epoch, wholeNumber(head));
}

function Facts({ run, epoch }: { run: ShownRun; epoch: number | undefined }) {
  const isOver = run.run_state === 'settled';
  const asks = useStore(useApp().pane, ({ prompts }) =>
    pendingWords({ clarify: prompts.clarify.pending_count, approval: prompts.approval.pending_count }),
  );
  const now = useNow(!isOver);
  const tries = run.try !== undefined && run.of !== undefined ? `${en.badge.try(run.try, run.of)} · ` : '';
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
        {!isOver && ` · ${elapsed(now - run.since)}`}
      </dd>
      <dt>{words.facts.why}</dt>
      <dd dir="auto">
        {(run.run_state === 'waiting' ? asks : null) ??
          run.why ??
          (isOver ? wordOf(run) : words.whys[run.run_state])}
      </dd>
      <dt>{words.facts.run}</dt>
      <dd>
        <RunLine tries={tries} epoch={epoch} run={run} />
      </dd>
    </dl>
  );
}

function Steps({ transitions, outcome }: { transitions: Transition[]; outcome: string | null }) {
  return (
    <>
      <h2 className="sub" id="h-steps">
        {words.transitions}
        <span className="push">{words.newest(transitions.length)}</span>
      </h2>
      <ol className="steps" aria-labelledby="h-steps">
        {transitions.toReversed().map((one, at) => (
          <li key={transitions.length - at}>
            <time dateTime={isoTime(one.at)}>{exactTime(one.at)}</time>
            <i
              className="mark"
              data-state={one.run_state === 'settled' ? (outcome ?? 'idle') : one.run_state}
              aria-hidden="true"
            />
            <div>
              <b>{nameOf(one)}</b>
              {one.why && <span dir="auto">{one.why}</span>}
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

const nameOf = (one: Transition): string => one.path.replace(/^active\./, '');

/** Its end stands in the log, which may be gone, or still on its way. */
function wayOf({ rows, status }: RunLog, message: Message | undefined): Transition[] {
  const told = toldBy(message);
  return transitionsOf({ ...told, rows, settled_at: status === 'reading' ? null : told.settled_at }, words);
}

function StateTab({ run }: { run: ShownRun }) {
  // A run that is over in this tab's eyes tells its way through its log.
  const isOld = run.transitions.length === 0 && run.run_state === 'settled';
  const log = useRunLog(isOld ? run.stream_id : null);
  const message = useStore(useApp().pane, ({ messages }) =>
    messages.findLast((one) => one.role === 'assistant' && one.stream_id === run.stream_id),
  );
  const transitions = log ? wayOf(log, message) : run.transitions;
  const started = log?.rows.find((row) => row.event === 'stream_started');
  const epoch = run.epoch ?? (started ? JSON.parse(started.json).epoch : undefined);
  return (
    <>
      <Facts run={run} epoch={epoch} />
      <h2 className="sub">
        {words.chart}
        <span className="push">{words.legend}</span>
      </h2>
      <Statechart path={run.path} transitions={transitions} />
      <Steps transitions={transitions} outcome={run.outcome} />
      {log && log.status !== 'reading' && (
        <p className="dim told">{log.rows.length > 0 ? words.fromLog : words.withoutLog}</p>
      )}
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
