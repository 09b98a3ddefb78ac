// A tab without a session in its address that was told to follow: it shows the session whose run began last. Who is busy there
// is never interrupted: what it would have shown is announced, and shown when the tab is free again. Knows no session.
import { tabStorage } from './kept.ts';

const KEY = 'follow';

export const isFollowing = (): boolean => tabStorage.kept(KEY) !== null;

export interface Follower {
  isOn(): boolean;
  /** The session that this tab shows without one in its address; null: none yet. */
  session_id(): string | null;
  turn(isOn: boolean): void;
  /** A run began in this session, or it is the newest of all at the start. */
  began(session_id: string): void;
  /** Nobody writes here any more. */
  freed(): void;
}

export interface FollowPorts {
  isBusy(): boolean;
  /** What is shown is another session now. */
  moved(): void;
  /** It stays where it is, though a run began there. */
  stayed(session_id: string): void;
}

export function createFollower({ isBusy, moved, stayed }: FollowPorts): Follower {
  let on = isFollowing();
  let newest: string | null = null;
  let shown: string | null = null;
  const freed = (): void => {
    if (shown === newest || isBusy()) return;
    shown = newest;
    if (on) moved();
  };
  return {
    isOn: () => on,
    session_id: () => (on ? shown : null),
    turn(isOn) {
      on = isOn;
      tabStorage.keep(KEY, isOn ? 'on' : null);
      shown = newest;
      moved();
    },
    began(session_id) {
      if (newest === session_id) return;
      newest = session_id;
      freed();
      if (on && shown !== newest) stayed(session_id);
    },
    freed,
  };
}
