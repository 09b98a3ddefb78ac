// One try to hand a notice to a push service, and what came of it in one word. Knows no queue and no second try.
import type { Log } from '../protocol/index.ts';
import type { PushKeys } from './keys.ts';
import { type Posted, type PostPorts, post, Unreachable } from './post.ts';
import { type Seal, type Sealed, seal } from './sealing.ts';

/** `gone`: the device has unsubscribed. `refused`: the same again would fail again. `later`: not now. */
export type Verdict =
  | { kind: 'taken' }
  | { kind: 'gone' }
  | { kind: 'refused'; why: string }
  | { kind: 'later'; why: string; wait_seconds: number | null };

/** Source: RFC 8030 §5, §7.3, §8.4. */
export function verdictOf({ status, retry_after_seconds }: Posted): Verdict {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  if (status === 404 || status === 410) return { kind: 'gone' };
  const why = `answered ${status}`;
  if (status === 429 || status >= 500) return { kind: 'later', why, wait_seconds: retry_after_seconds };
  return { kind: 'refused', why };
}

export interface AttemptPorts extends PostPorts {
  keys: PushKeys;
  /** whom a push service may write to */
  subject: string;
  log: Log;
}

export type Attempt = (push: Seal, signal: AbortSignal) => Promise<Verdict>;

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export function createAttempt(ports: AttemptPorts): Attempt {
  return async (push, signal) => {
    let sealed: Sealed;
    try {
      sealed = seal(push, ports.keys, ports.subject);
    } catch (error) {
      // The device's keys came from a client: what is no point of the curve shows only here.
      return { kind: 'refused', why: sentenceOf(error) };
    }
    try {
      return verdictOf(await post({ ...sealed, signal }, ports));
    } catch (error) {
      const why = sentenceOf(error);
      if (error instanceof Unreachable) return { kind: 'refused', why };
      ports.log.debug({ err: error }, 'a push service could not be asked');
      return { kind: 'later', why, wait_seconds: null };
    }
  };
}
