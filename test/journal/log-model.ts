// The log as a few lists: what it must answer, and what it must hold. Knows no disk, no group, no failure.
import { isTerminalEvent, type Outcome, type TerminalEvent } from '../../src/protocol/index.ts';

interface ModelStream {
  session: string;
  epoch: number;
  started: boolean;
  starts: number;
  frames: string[];
  outcome: Outcome | null;
  settled: boolean;
}

interface ModelSession {
  /** event, and for a frame its stream and seq */
  log: [string, string | null, number | null][];
  active: string | null;
  /** messages by the name that they were submitted under: those that wait, and those that ran */
  queue: string[];
  ran: Set<string>;
  paused: boolean;
  submitted: Map<string, { text: string; kind: 'started' | 'queued' }>;
  messages: number;
}

const OUTCOME_OF: Record<TerminalEvent, Outcome> = {
  done: 'completed',
  cancel: 'cancelled',
  apperror: 'interrupted',
};

export type Step =
  | { do: 'admit'; session: string; run: string; key: string | null; text: string; queue: boolean }
  | { do: 'follow'; session: string; run: string }
  | { do: 'append'; run: string; behind: number; event: string }
  | { do: 'terminal'; run: string; behind: number; event: TerminalEvent }
  | { do: 'settle'; run: string; behind: number; otherwise: boolean }
  | { do: 'take_over'; run: string }
  | { do: 'pause'; session: string; paused: boolean }
  | { do: 'withdraw'; session: string; run: string }
  | { do: 'delete'; session: string };

export class LogModel {
  readonly sessions = new Map<string, ModelSession>();
  readonly streams = new Map<string, ModelStream>();

  create(session: string): void {
    this.sessions.set(session, {
      log: [],
      active: null,
      queue: [],
      ran: new Set(),
      paused: false,
      submitted: new Map(),
      messages: 0,
    });
  }

  /** The epoch that a writer `behind` changes of owner behind would use. */
  epochOf(run: string, behind: number): number {
    return (this.streams.get(run)?.epoch ?? 1) - behind;
  }

  private frame(run: string, stream: ModelStream, event: string): void {
    stream.frames.push(event);
    this.sessions.get(stream.session)?.log.push([event, run, stream.frames.length]);
  }

  private start(name: string, session: ModelSession, run: string): void {
    const life = { epoch: 1, started: false, starts: 1, frames: [], outcome: null, settled: false };
    this.streams.set(run, { session: name, ...life });
    session.active = run;
    session.messages += 2;
    session.log.push(['user_message', null, null]);
  }

  /** The kind of the answer. */
  step(step: Step): string {
    switch (step.do) {
      case 'admit':
        return this.admit(step);
      case 'follow':
        return this.follow(step);
      case 'append':
        return this.append(step);
      case 'terminal':
        return this.terminal(step);
      case 'settle':
        return this.settle(step);
      case 'take_over':
        return this.takeOver(step.run);
      default:
        return this.change(step);
    }
  }

  private admit(step: Extract<Step, { do: 'admit' }>): string {
    const session = this.sessions.get(step.session);
    if (!session) return 'not_found';
    const before = step.key === null ? undefined : session.submitted.get(step.key);
    if (before) return before.text === step.text ? 'repeated' : 'mismatch';
    const waits = session.active !== null || (session.queue.length > 0 && !session.paused);
    if (waits && step.queue) {
      session.queue.push(step.run);
      session.log.push(['message_queued', null, null]);
      if (step.key !== null) session.submitted.set(step.key, { text: step.text, kind: 'queued' });
      return 'queued';
    }
    if (session.active !== null) return 'busy';
    this.start(step.session, session, step.run);
    session.ran.add(step.run);
    if (step.key !== null) session.submitted.set(step.key, { text: step.text, kind: 'started' });
    return 'started';
  }

  private follow(step: Extract<Step, { do: 'follow' }>): string {
    const session = this.sessions.get(step.session);
    if (!session) return 'not_found';
    if (session.active !== null) return 'busy';
    if (session.paused || session.queue.length === 0) return 'none';
    session.ran.add(session.queue.shift() ?? '');
    this.start(step.session, session, step.run);
    return 'started';
  }

  private append(step: Extract<Step, { do: 'append' }>): string {
    const stream = this.streams.get(step.run);
    if (!stream || step.behind > 0 || stream.settled) return 'fenced';
    if (stream.outcome !== null && !['metering', 'title', 'title_status'].includes(step.event))
      return 'fenced';
    if (step.event === 'stream_started') stream.started = true;
    this.frame(step.run, stream, step.event);
    return 'committed';
  }

  private terminal(step: Extract<Step, { do: 'terminal' }>): string {
    const stream = this.streams.get(step.run);
    if (!stream || step.behind > 0) return 'fenced';
    if (stream.outcome !== null) return 'lost';
    stream.outcome = OUTCOME_OF[step.event];
    this.frame(step.run, stream, step.event);
    return 'won';
  }

  private settle(step: Extract<Step, { do: 'settle' }>): string {
    const stream = this.streams.get(step.run);
    if (!stream || step.behind > 0) return 'fenced';
    if (stream.settled) return 'already';
    if (stream.outcome === null && !step.otherwise) return 'no_terminal';
    if (stream.outcome === null) this.terminal({ ...step, do: 'terminal', event: 'apperror' });
    this.frame(step.run, stream, 'stream_end');
    stream.settled = true;
    const session = this.sessions.get(stream.session);
    session?.log.push(['session_updated', null, null]);
    if (session) session.active = null;
    return 'settled';
  }

  private takeOver(run: string): string {
    const stream = this.streams.get(run);
    if (!stream) return 'not_found';
    if (stream.settled) return 'settled';
    stream.epoch += 1;
    if (!stream.started) stream.starts += 1;
    else if (stream.outcome === null) this.frame(run, stream, 'stale');
    return 'taken';
  }

  private change(step: Extract<Step, { do: 'pause' | 'withdraw' | 'delete' }>): string {
    const session = this.sessions.get(step.session);
    if (!session) return 'not_found';
    if (step.do === 'pause') {
      session.paused = step.paused;
      session.log.push(['session_updated', null, null]);
      return 'patched';
    }
    if (step.do === 'withdraw') {
      if (session.ran.has(step.run)) return 'message_started';
      if (!session.queue.includes(step.run)) return 'not_found';
      session.queue = session.queue.filter((run) => run !== step.run);
      session.log.push(['message_withdrawn', null, null]);
      return 'changed';
    }
    if (session.active !== null) return 'running';
    this.sessions.delete(step.session);
    for (const [run, stream] of this.streams) if (stream.session === step.session) this.streams.delete(run);
    return 'deleted';
  }

  /** What must hold of any log, whatever was asked of it: ST1, SE1, P1. */
  check(): void {
    for (const [run, { frames, outcome, settled }] of this.streams) {
      const ends = frames.filter((event) => isTerminalEvent(event)).length;
      if (ends !== (outcome === null ? 0 : 1)) throw new Error(`ST1: ${run} has ${ends} terminals`);
      if (settled !== (frames.at(-1) === 'stream_end'))
        throw new Error(`ST1: ${run} ends with ${frames.at(-1)}`);
    }
  }
}
