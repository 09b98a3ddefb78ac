// Notices on their way: one after the other for each device, a few devices at once, each tried a few times, all of it
// bounded. What is newer takes the place of what waits under the same tag. Nobody waits for it, and it fails nobody.
import type { Clock, Log, Notice, PushSubscriptionInput, Timer } from '../protocol/index.ts';
import type { Attempt, Verdict } from './attempt.ts';

/** Requests to push services under way at once. */
export const PUSHES_AT_ONCE_MAX = 8;
/** Notices that wait, of all devices; one more is dropped. */
export const PUSHES_WAITING_MAX = 1_000;
export const PUSH_TRIES_MAX = 3;
/** Before the next try, where the push service names no time (ms). */
export const PUSH_PAUSES_MS = [2_000, 10_000];
/** A push service that wants us to wait longer than this has not taken it. */
export const PUSH_PAUSE_MAX_SECONDS = 600;

export interface Parcel {
  owner: string;
  subscription: PushSubscriptionInput;
  notice: Notice;
  /** of use until then (ms) */
  until: number;
  tries_max?: number;
}

export type Fate = 'sent' | 'failed' | 'replaced';

interface Waiting extends Parcel {
  tries: number;
  tell(fate: Fate): void;
}

/** A device: what waits for it by tag, the oldest first. */
interface Lane {
  waiting: Map<string, Waiting>;
  isBusy: boolean;
  pause: Timer | null;
}

export interface DeliveryPorts {
  clock: Clock;
  log: Log;
  attempt: Attempt;
  /** The device took it, or did not. */
  pushed(endpoint: string, ok: boolean): Promise<void>;
  gone(owner: string, endpoint: string): Promise<void>;
}

export interface Delivery {
  /** Resolves with what became of it; never rejects. */
  send(parcel: Parcel): Promise<Fate>;
  close(): void;
}

export function createDelivery(ports: DeliveryPorts): Delivery {
  const { clock, log } = ports;
  const lanes = new Map<string, Lane>();
  const closing = new AbortController();
  let waiting = 0;
  let underWay = 0;

  function drop(lane: Lane, parcel: Waiting, fate: Fate): void {
    if (lane.waiting.get(parcel.notice.tag) === parcel) {
      lane.waiting.delete(parcel.notice.tag);
      waiting -= 1;
    }
    parcel.tell(fate);
  }

  function dropAll(lane: Lane): void {
    if (lane.pause !== null) clock.clearTimeout(lane.pause);
    lane.pause = null;
    for (const parcel of [...lane.waiting.values()]) drop(lane, parcel, 'failed');
  }

  /** What the log is told of a device is told when it can be; a notice does not wait for it. */
  const note = (work: Promise<void>) =>
    void work.catch((err) => log.debug({ err }, 'what became of a push could not be kept'));

  function pauseOf(verdict: Verdict, { tries, tries_max = PUSH_TRIES_MAX, until }: Waiting): number | null {
    if (verdict.kind !== 'later' || tries >= tries_max) return null;
    const ms = verdict.wait_seconds === null ? (PUSH_PAUSES_MS[tries - 1] ?? 0) : verdict.wait_seconds * 1000;
    return ms > PUSH_PAUSE_MAX_SECONDS * 1000 || clock.now() + ms > until ? null : ms;
  }

  function settle(endpoint: string, lane: Lane, parcel: Waiting, verdict: Verdict): void {
    const pause = pauseOf(verdict, parcel);
    if (pause !== null) {
      lane.pause = clock.setTimeout(() => {
        lane.pause = null;
        pump();
      }, pause);
      return;
    }
    drop(lane, parcel, verdict.kind === 'taken' ? 'sent' : 'failed');
    if (verdict.kind === 'gone') {
      dropAll(lane);
      note(ports.gone(parcel.owner, endpoint));
      return;
    }
    if ('why' in verdict) log.info({ host: new URL(endpoint).host, why: verdict.why }, 'a push failed');
    note(ports.pushed(endpoint, verdict.kind === 'taken'));
  }

  async function deliver(endpoint: string, lane: Lane, parcel: Waiting): Promise<void> {
    lane.isBusy = true;
    underWay += 1;
    parcel.tries += 1;
    const ttl_seconds = Math.max(0, Math.round((parcel.until - clock.now()) / 1000));
    const verdict = await ports.attempt({ ...parcel, ttl_seconds }, closing.signal);
    lane.isBusy = false;
    underWay -= 1;
    if (closing.signal.aborted) return;
    settle(endpoint, lane, parcel, verdict);
    pump();
  }

  function pump(): void {
    for (const [endpoint, lane] of lanes) {
      if (underWay >= PUSHES_AT_ONCE_MAX) return;
      if (lane.isBusy || lane.pause !== null) continue;
      const [first] = lane.waiting.values();
      if (first) {
        // To the end of the row: no device that is called often keeps the others waiting.
        lanes.delete(endpoint);
        lanes.set(endpoint, lane);
        void deliver(endpoint, lane, first);
      } else lanes.delete(endpoint);
    }
  }

  return {
    send(parcel) {
      const { endpoint } = parcel.subscription;
      const { tag } = parcel.notice;
      const lane = lanes.get(endpoint) ?? { waiting: new Map(), isBusy: false, pause: null };
      const older = lane.waiting.get(tag);
      if (older) drop(lane, older, 'replaced');
      if (closing.signal.aborted || waiting >= PUSHES_WAITING_MAX) return Promise.resolve('failed');
      return new Promise((tell) => {
        lanes.set(endpoint, lane);
        lane.waiting.set(tag, { ...parcel, tries: 0, tell });
        waiting += 1;
        pump();
      });
    },
    close() {
      closing.abort();
      for (const lane of lanes.values()) dropAll(lane);
      lanes.clear();
    },
  };
}
