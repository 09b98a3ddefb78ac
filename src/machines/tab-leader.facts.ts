// The words of the tab-leader machine: what it is told, what it commands, what it remembers. No behaviour.
import type { Timed } from './moment.ts';

export interface TabLeaderInput {
  /** a whole number from the page's own randomness; the wait before a take-over is drawn from it */
  seed: number;
  /** This browser lets tabs speak to each other and hold locks. Plain http on a LAN address does not. */
  shared: boolean;
  /** the highest term that this browser remembers; 0: none */
  term: number;
  hidden: boolean;
  at: number;
}

/** Every event carries `at`, ms since 1970. A granted lock's `term` is the highest that this browser remembers by then. */
export type TabLeaderEvent = { at: number } & (
  | { type: 'lock.granted'; term: number }
  /** It was held, and another tab has stolen it. */
  | { type: 'lock.lost' }
  /** This page may not use locks at all. */
  | { type: 'lock.refused' }
  /** Another tab leads; `hidden`: nobody looks at it. */
  | { type: 'beat.heard'; term: number; hidden: boolean }
  /** A tab asks whether anybody leads. */
  | { type: 'ping.heard' }
  | { type: 'page.hidden' }
  | { type: 'page.shown' }
  /** The page is about to stand still, or to go. */
  | { type: 'page.frozen' }
  /** It goes on, and what it had open may be gone. */
  | { type: 'page.resumed' }
  | { type: 'close' }
);

export type TabLeaderCommand =
  /** Wait for the lock, behind whoever waits already. Asked for twice is the same as once. */
  | { type: 'request.lock' }
  | { type: 'steal.lock' }
  /** Give the lock back, and wait for it no more. */
  | { type: 'release.lock' }
  | { type: 'beat'; term: number; hidden: boolean }
  | { type: 'ping' }
  /** Open the line, for every tab there is, and anew if it is open. */
  | { type: 'lead'; term: number }
  /** Close the line, if there is one, and tell whoever leads now what is watched here. */
  | { type: 'follow'; term: number }
  /** Close the line, and let nothing pile up: nobody is here. */
  | { type: 'rest' };

export interface TabLeaderContext extends Timed {
  seed: number;
  shared: boolean;
  hidden: boolean;
  /** the highest term that was seen; while this tab leads, its own */
  term: number;
  /** nobody looks at the tab that leads */
  leader_hidden: boolean;
  /** the wait that the present eagerness drew */
  wait_ms: number;
  since: number;
}
