// The main thread's side of the reader: questions by number, answers as they come. A damaged record is made known before
// its question is refused. Knows no query.
import { Worker } from 'node:worker_threads';
import { type Damage, DamagedRecord } from './port.ts';
import type { FromReader, ReadName, Reads, ThreadSettings, ToReader } from './thread-messages.ts';

export interface ReaderClient {
  ask<N extends ReadName>(name: N, ...input: Parameters<Reads[N]>): ReturnType<Reads[N]>;
  /** Its handle is closed when this resolves; the next question opens another. */
  release(): Promise<void>;
  close(): Promise<void>;
}

interface Asked {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** `mark` keeps that a session is damaged; it resolves when that is durable, or can't be. */
export function startReader(settings: ThreadSettings, mark: (damage: Damage) => Promise<void>): ReaderClient {
  const worker = new Worker(new URL('./reader-worker.ts', import.meta.url), {
    workerData: settings,
    execArgv: [],
  });
  const asked = new Map<number, Asked>();
  const releases: (() => void)[] = [];
  let next = 0;
  let gone: Error | null = null;
  let stopped: Promise<void> | null = null;
  const post = (message: ToReader): void => worker.postMessage(message);

  function abandon(error: Error): void {
    gone ??= error;
    for (const { reject } of asked.values()) reject(gone);
    asked.clear();
    for (const resolve of releases.splice(0)) resolve();
  }

  function take(no: number): Asked | undefined {
    const question = asked.get(no);
    asked.delete(no);
    return question;
  }

  async function damaged(no: number, damage: Damage): Promise<void> {
    const question = take(no);
    await mark(damage);
    question?.reject(new DamagedRecord(damage.session_id, damage.pos, damage.reason));
  }

  worker.on('message', (message: FromReader) => {
    if (message.kind === 'read') take(message.no)?.resolve(message.value);
    else if (message.kind === 'damaged') void damaged(message.no, message.damage);
    else if (message.kind === 'failed') take(message.no)?.reject(new Error(message.reason));
    else if (message.kind === 'released') releases.shift()?.();
  });
  worker.on('error', (error) => abandon(error instanceof Error ? error : new Error(String(error))));
  const exit = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      abandon(new Error('the log is closed'));
      resolve();
    });
  });

  return {
    ask(name, ...input) {
      if (gone) return Promise.reject(gone) as ReturnType<Reads[typeof name]>;
      return new Promise<unknown>((resolve, reject) => {
        asked.set(next, { resolve, reject });
        post({ kind: 'read', no: next, name, input });
        next += 1;
      }) as ReturnType<Reads[typeof name]>;
    },
    release() {
      if (gone) return Promise.resolve();
      return new Promise((resolve) => {
        releases.push(resolve);
        post({ kind: 'release' });
      });
    },
    close() {
      if (!stopped) post({ kind: 'close' });
      stopped ??= exit;
      return stopped;
    },
  };
}
