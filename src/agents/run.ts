// A run's life: stop, kill, and one wait at a time that either can break off. It knows no agent and no frame's meaning.
import type { AgentEvent, Clock, FrameData, Log, Usage } from '../protocol/index.ts';
import type { AgentEnd, AgentOutput, AgentRun } from './port.ts';

/** Thrown inside a run when it was asked to stop. Never leaves this folder. */
export class Stopped extends Error {
  constructor() {
    super('the run was asked to stop');
    this.name = 'Stopped';
  }
}

/** What a run works with. It waits for one thing at a time, so one wait is all that has to be broken off. */
export interface RunScope {
  /** Fires at stop() and at kill(): for requests that can be given up. */
  signal: AbortSignal;
  /** The promise's value; throws Stopped as soon as the run is asked to stop. */
  wait<T>(promise: Promise<T>): Promise<T>;
  sleep(ms: number): Promise<void>;
  frame<E extends AgentEvent>(event: E, data: FrameData<E>): Promise<void>;
  /** Deaf to stop(): only kill() ends this wait. */
  untilKilled(): Promise<never>;
}

export interface RunBody {
  play(scope: RunScope): Promise<AgentEnd>;
  /** What was used so far, for a run that is stopped in the middle. */
  usage(): Usage | undefined;
}

export interface RunPorts {
  clock: Clock;
  log: Log;
}

export function startRun({ clock, log }: RunPorts, output: AgentOutput, body: RunBody): AgentRun {
  const control = new AbortController();
  let breakOff: ((stopped: Stopped) => void) | null = null;
  let deaf = false;

  const wait = <T>(promise: Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      breakOff = reject;
      promise.then(resolve, reject);
      if (control.signal.aborted && !deaf) reject(new Stopped());
    });

  async function sleep(ms: number): Promise<void> {
    let timer: unknown;
    try {
      await wait(
        new Promise<void>((resolve) => {
          timer = clock.setTimeout(resolve, ms);
        }),
      );
    } finally {
      clock.clearTimeout(timer);
    }
  }

  const scope: RunScope = {
    signal: control.signal,
    wait,
    sleep,
    frame: (event, data) => {
      if (control.signal.aborted) throw new Stopped();
      return wait(output.frame(event, data));
    },
    untilKilled: () => {
      deaf = true;
      return wait(new Promise<never>(() => {}));
    },
  };

  // A turn later: who calls run() holds the AgentRun before the first frame arrives.
  const ended = Promise.resolve()
    .then(() => {
      control.signal.throwIfAborted();
      return body.play(scope);
    })
    .catch((error: unknown): AgentEnd => {
      if (control.signal.aborted) return { kind: 'stopped', usage: body.usage() };
      log.error({ stack: stackOf(error) }, 'an agent threw: this is a bug');
      return { kind: 'failed', type: 'agent_bug', message: 'The agent broke.', usage: body.usage() };
    });

  return {
    ended,
    stop() {
      control.abort();
      if (!deaf) breakOff?.(new Stopped());
    },
    kill() {
      deaf = false;
      control.abort();
      breakOff?.(new Stopped());
    },
  };
}

// As text: error objects of other people's carry requests and headers.
const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
