// How long a request may keep us waiting, and for what. One timer at a time; it knows no request.
import type { Clock, Timer } from '../../protocol/index.ts';
import type { FailureType } from './failures.ts';

export const CONNECT_MS_MAX = 15_000;
export const FIRST_TOKEN_MS_MAX = 120_000;
export const SILENCE_MS_MAX = 120_000;

export type TimeoutType = Extract<FailureType, `${string}_timeout`>;

const WAITS_MS: Record<TimeoutType, number> = {
  connect_timeout: CONNECT_MS_MAX,
  first_token_timeout: FIRST_TOKEN_MS_MAX,
  silence_timeout: SILENCE_MS_MAX,
};

export interface Deadline {
  /** Waits for what `type` names, from now on, instead of whatever was waited for. */
  wait(type: TimeoutType): void;
  clear(): void;
  /** Nothing is waited for any more, whoever asks. */
  close(): void;
  /** what was waited for in vain */
  expired(): TimeoutType | null;
}

export function createDeadline(clock: Clock, onExpired: () => void): Deadline {
  let timer: Timer | null = null;
  let expired: TimeoutType | null = null;
  let isClosed = false;
  const clear = () => {
    if (timer !== null) clock.clearTimeout(timer);
    timer = null;
  };
  return {
    wait(type) {
      clear();
      if (isClosed) return;
      timer = clock.setTimeout(() => {
        timer = null;
        expired = type;
        isClosed = true;
        onExpired();
      }, WAITS_MS[type]);
    },
    clear,
    close() {
      isClosed = true;
      clear();
    },
    expired: () => expired,
  };
}
