// A run's life: stop, kill, and waits that either can break off. It knows no agent and no frame's meaning.
import type {
  AgentEvent,
  ApprovalAnswer,
  ApprovalAsk,
  ClarifyAnswer,
  ClarifyAsk,
  Clock,
  FrameData,
  Log,
  PromptEnd,
  Usage,
} from '../protocol/index.ts';
import type { AgentEnd, AgentOutput, AgentRun } from './port.ts';

/** Thrown inside a run when it was asked to stop. Never leaves this folder. */
export class Stopped extends Error {
  constructor() {
    super('the run was asked to stop');
    this.name = 'Stopped';
  }
}

/** What a run works with. Whatever it waits for here is broken off when it is asked to stop. */
export interface RunScope {
  /** Fires at stop() and at kill(): for requests that can be given up. */
  signal: AbortSignal;
  /** Fires at kill() alone: for processes that were asked to go and are still there. */
  killed: AbortSignal;
  /** The promise's value; throws Stopped as soon as the run is asked to stop. */
  wait<T>(promise: Promise<T>): Promise<T>;
  sleep(ms: number): Promise<void>;
  frame<E extends AgentEvent>(event: E, data: FrameData<E>): Promise<void>;
  clarify(ask: ClarifyAsk): Promise<PromptEnd<ClarifyAnswer>>;
  approve(ask: ApprovalAsk): Promise<PromptEnd<ApprovalAnswer>>;
  /** A sign of life without a frame. */
  alive(): void;
  /** P11: the run does not end before `gone` resolves, however it ends: a process. */
  outlast(gone: Promise<unknown>): void;
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
  const killing = new AbortController();
  /** A tool's run is waited for while it waits for its own frames: there may be more than one. */
  const waits = new Set<(stopped: Stopped) => void>();
  const lasting: Promise<unknown>[] = [];
  let deaf = false;

  const wait = <T>(promise: Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      waits.add(reject);
      promise.then(
        (value) => {
          waits.delete(reject);
          resolve(value);
        },
        (error) => {
          waits.delete(reject);
          reject(error);
        },
      );
      if (control.signal.aborted && !deaf) reject(new Stopped());
    });

  function breakOff(): void {
    for (const reject of waits) reject(new Stopped());
    waits.clear();
  }

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

  const goOn = () => {
    if (control.signal.aborted) throw new Stopped();
  };

  const scope: RunScope = {
    signal: control.signal,
    killed: killing.signal,
    wait,
    sleep,
    frame(event, data) {
      goOn();
      return wait(output.frame(event, data));
    },
    clarify(ask) {
      goOn();
      return wait(output.clarify(ask));
    },
    approve(ask) {
      goOn();
      return wait(output.approve(ask));
    },
    alive: () => output.alive(),
    outlast: (gone) => void lasting.push(gone),
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
    })
    .finally(() => Promise.allSettled(lasting));

  return {
    ended,
    stop() {
      control.abort();
      if (!deaf) breakOff();
    },
    kill() {
      deaf = false;
      control.abort();
      killing.abort();
      breakOff();
    },
  };
}

// As text: error objects of other people's carry requests and headers.
const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
