// What the tab that leads says to every tab, itself included, in one order; and what a tab asks of it. Shapes only.
import type { LineCommand, LineState } from '../../machines/line.machine.ts';

/** What one tab wants of the line, and from where. */
export interface Ask {
  /** 1, 2, 3 …: grows whenever the tab takes nothing more of the source there is, and waits for one that knows of this */
  n: number;
  /** session_id → the last `pos` that is shown here */
  sessions: Record<string, number>;
  /** null: none wanted; `1`: from a snapshot on; else `<boot>:<n>`, what was taken in */
  board: string | null;
  seen: boolean;
  /** wants to be called although nobody looks */
  notices: boolean;
}

/** What the notice shows. */
export interface LineView {
  state: LineState;
  since: number;
  try?: number;
  /** the connection was there and is gone */
  lost: boolean;
}

/** What became of the connection, for every attachment to know. */
export type LineFact = Extract<LineCommand, { at: number }>;

/** An event of the source, as it came. */
export interface Heard {
  is: 'event';
  /** whose it is; null: everybody's, such as a heartbeat */
  of: { session_id: string } | 'board' | null;
  event: string;
  /** of a record */
  pos: number | null;
  data: string;
}

export type Said =
  | Heard
  /** A source has opened. `covers`: the ask of each tab that it answers; 0: known, but there was no room. */
  | { is: 'source'; covers: Record<string, number>; from: Record<string, number> }
  | { is: 'fact'; fact: LineFact }
  /** LN4: nothing is pushed; what is on screen is to be asked for. */
  | { is: 'poll' }
  /** The server asks who this is. */
  | { is: 'locked' }
  | { is: 'state'; view: Omit<LineView, 'lost'> };
