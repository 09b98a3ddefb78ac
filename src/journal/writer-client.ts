// The main thread's side of the writer: starts its thread, keeps what it last said of itself, and takes it through a lost
// handle. Knows no operation.
import { Worker } from 'node:worker_threads';
import type { Log } from '../protocol/index.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import { type Commit, type Damage, JournalRefusal, type Report } from './port.ts';
import type { FromWriter, ThreadSettings, ToWriter, WriterState } from './thread-messages.ts';

export interface WriterClient {
  readonly report: Report;
  /** sessions that the start found */
  readonly sessions: number;
  readonly state: WriterState;
  readonly group: GroupCommit;
  close(): Promise<void>;
}

export interface WriterPorts {
  log: Log;
  onCommit(commit: Commit): void;
  onDamage(damage: Damage): void;
  onSpace(): void;
  /** Resolves when no other handle of the folder is open. */
  releaseOthers(): Promise<void>;
}

type Opened = Extract<FromWriter, { kind: 'opened' }>;

/** @throws JournalRefusal */
export async function startWriter(settings: ThreadSettings, ports: WriterPorts): Promise<WriterClient> {
  const worker = new Worker(new URL('./writer-worker.ts', import.meta.url), {
    workerData: settings,
    execArgv: [],
  });
  const exit = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve());
  });
  const opened = await firstMessage(worker);
  return createClient(worker, exit, opened, settings, ports);
}

function firstMessage(worker: Worker): Promise<Opened> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (message: FromWriter) => {
      worker.off('error', reject);
      if (message.kind === 'opened') return resolve(message);
      const text = message.kind === 'refused' ? message.text : 'The log could not be opened.';
      const refusal = message.kind === 'refused' && message.refusal;
      reject(refusal ? new JournalRefusal(text) : new Error(text));
    });
  });
}

function createClient(
  worker: Worker,
  exit: Promise<void>,
  opened: Opened,
  settings: ThreadSettings,
  ports: WriterPorts,
): WriterClient {
  let state = opened.state;
  let reopening: NodeJS.Timeout | undefined;
  let losses = 0;
  let lost = false;
  let closed: Promise<void> | null = null;
  const post = (message: ToWriter): void => worker.postMessage(message);

  function become(next: WriterState): void {
    if (next.full !== null && state.full === null)
      ports.log.error(
        { reason: next.full },
        'the disk takes no more: only ends, releases and deletions are written',
      );
    state = next;
  }

  const group = createGroupCommit({ ...ports, post, onState: become });

  /** What was refused while the handle was lost may be asked again, unless the disk is full as well. */
  function regained({ full }: WriterState): void {
    lost = false;
    losses = 0;
    clearTimeout(reopening);
    if (full === null) ports.onSpace();
  }

  /** At once the first time, then paced: a disk that is gone is asked now and then, not all the time. */
  function lose(reason: string): void {
    lost = true;
    losses += 1;
    state = { ...state, full: reason };
    ports.log.error({ reason, losses }, 'an I/O error: the handle of the log is given up and opened again');
    const reopen = () => void ports.releaseOthers().then(() => post({ kind: 'reopen' }));
    if (losses === 1) reopen();
    else reopening = setTimeout(reopen, settings.probe_ms);
  }

  worker.on('message', (message: FromWriter) => {
    if (message.kind === 'done') {
      group.hear(message);
      if (lost) regained(message.state);
    } else if (message.kind === 'lost') {
      group.hear(message);
      lose(message.reason);
    } else if (message.kind === 'space') {
      ports.log.info({}, 'the disk takes writes again');
      become(message.state);
      for (const damage of message.damage) ports.onDamage(damage);
      ports.onSpace();
    } else if (message.kind === 'warning') ports.log.warn({ reason: message.reason }, message.text);
  });
  worker.on('error', (error) => {
    ports.log.error({ error }, 'the writer of the log failed');
    group.abandon(error instanceof Error ? error : new Error(String(error)));
  });
  void exit.then(() => group.abandon(new Error('the log is closed')));

  async function close(): Promise<void> {
    clearTimeout(reopening);
    if (lost)
      group.abandon(
        new Error('the log was closed before the disk came back: how this write ended is unknown'),
      );
    await group.drain();
    post({ kind: 'close' });
    await exit;
  }

  return {
    report: opened.report,
    sessions: opened.sessions,
    group,
    get state() {
      return state;
    },
    close() {
      closed ??= close();
      return closed;
    },
  };
}
