// The way of a run, as far as its log tells it: of a run that was over before receipts were kept, and of what was before
// another owner took it over. What leaves no record, a quiet spell or a try, is not guessed. Pure.
import type { PromptPart } from './messages.ts';
import { type RunState, TRANSITIONS_MAX, type Transition } from './runs.ts';
import { isTerminalEvent, outcomeOf } from './terminal.ts';
import type { LogRecord } from './transcript.ts';

export interface TimedRecord extends LogRecord {
  /** ms since 1970 */
  at: number;
}

export interface Way {
  /** The run's records in the order of its log: frames, `prompt_asked` and `prompt_settled`. */
  take(record: TimedRecord): void;
  /** oldest first, the newest TRANSITIONS_MAX */
  readonly steps: Transition[];
  /** steps before those */
  readonly dropped: number;
}

const reason = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Whether an owner wrote it that was not there before `epoch`. */
export const isOfEpoch = ({ event, data }: LogRecord, epoch: number): boolean =>
  (event === 'stream_started' || event === 'stale') && data.epoch >= epoch;

/** `admitted_at`: when its message was taken. */
export function createWay(admitted_at: number): Way {
  const steps: Transition[] = [];
  let dropped = 0;
  let open = 0;

  function go(at: number, path: string, run_state: RunState, why: string | null = null): void {
    steps.push({ at, path, run_state, why });
    if (steps.length <= TRANSITIONS_MAX) return;
    steps.shift();
    dropped += 1;
  }
  const state = (): RunState | undefined => steps.at(-1)?.run_state;
  go(admitted_at, 'active.admitted', 'starting');

  function asked(at: number): void {
    open += 1;
    if (state() === 'starting' || state() === 'running') go(at, 'active.waiting', 'waiting');
  }

  /** It waits from the first question that is open to the last; one that its run's end took along lets nothing go on. */
  function settled(at: number, how: unknown): void {
    open -= 1;
    if (open > 0 || how === 'cancelled' || state() !== 'waiting') return;
    // A rule answered it: nobody waited.
    if (steps.at(-1)?.at === at) steps.pop();
    else go(at, 'active.running', 'running');
  }

  return {
    steps,
    get dropped() {
      return dropped;
    },
    take({ at, event, data }) {
      if (event === 'prompt_asked') asked(at);
      else if (event === 'prompt_settled') settled(at, data.how);
      else if (event === 'stream_started') go(at, 'active.starting', 'starting', reason(data.agent));
      else if (event === 'stale') go(at, 'stale.recovering', 'stale', reason(data.reason));
      else if (event === 'resumed') go(at, 'active.running', 'running');
      else if (event === 'stream_end') go(at, 'settled', 'settled', reason(data.terminal_state));
      else if (isTerminalEvent(event))
        go(at, 'draining.closing', 'draining', reason(data.message) ?? outcomeOf(event, data));
      else if (event !== 'user_message' && state() === 'starting') go(at, 'active.running', 'running');
    },
  };
}

/** What an answer tells of its prompts, for a run whose log is gone: as its records would have. */
export function promptRecords(parts: { type: string }[]): TimedRecord[] {
  const ended = (parts as PromptPart[]).flatMap((part) =>
    part.type === 'prompt' && part.settled_at !== undefined ? [part] : [],
  );
  return ended
    .flatMap(({ asked_at, settled_at, how }) =>
      settled_at === undefined || settled_at <= asked_at
        ? []
        : [
            { at: settled_at, event: 'prompt_settled', data: { how } },
            { at: asked_at, event: 'prompt_asked', data: {} },
          ],
    )
    .sort((a, b) => a.at - b.at);
}
