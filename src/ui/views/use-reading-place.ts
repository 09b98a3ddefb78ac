// Where somebody was reading a session when they left it: its transcript stands there again when they come back. Who was at its
// end is at its end. Kept as long as the page lives; knows nothing of what is read.
import { type RefObject, useLayoutEffect, useRef } from 'react';

/** Nearer to the end than this counts as there (px). */
export const END_SLACK_PX = 48;
/** The places of so many sessions are kept: those that were left last. */
const PLACES_MAX = 200;
/** What comes into sight is laid out then, and is not as high as was thought: the place is held so many frames. */
const HOLD_FRAMES = 3;
const BLOCKS = 'p, li, pre, h1, h2, h3, h4, h5, h6, tr, summary';

interface Place {
  /** the message of a person, or the stream of an answer */
  turn: string;
  /** which block of the turn is the first in sight */
  block: number;
  /** its upper edge, from that of the log (px) */
  offset: number;
}

/** session_id → where it was left */
const places = new Map<string, Place>();

const turnsOf = (log: HTMLElement): HTMLElement[] => [...log.querySelectorAll<HTMLElement>('[data-turn]')];
const nameOf = ({ dataset }: HTMLElement): string => dataset.messageId ?? dataset.streamId ?? '';

/** The first of them, in the order of the page, that ends below `top`. Looks at few: each look may cost a layout. */
function firstBelow(elements: Element[], top: number): number {
  let [low, high] = [0, elements.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (elements[middle]!.getBoundingClientRect().bottom > top) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** null: at the end, or nothing is there */
function placeOf(log: HTMLElement): Place | null {
  if (log.scrollTop >= -END_SLACK_PX) return null;
  const { top } = log.getBoundingClientRect();
  const turns = turnsOf(log);
  const turn = turns[firstBelow(turns, top)];
  if (!turn) return null;
  const blocks = [...turn.querySelectorAll(BLOCKS)];
  const block = firstBelow(blocks, top);
  const offset = (blocks[block] ?? turn).getBoundingClientRect().top - top;
  return { turn: nameOf(turn), block, offset };
}

/** False: what was read is not here. */
function stand(log: HTMLElement, { turn: name, block, offset }: Place): boolean {
  const turn = turnsOf(log).find((one) => nameOf(one) === name);
  if (!turn) return false;
  const first = turn.querySelectorAll(BLOCKS)[block] ?? turn;
  log.scrollTop += first.getBoundingClientRect().top - log.getBoundingClientRect().top - offset;
  return true;
}

function keepPlace(session_id: string, place: Place | null): void {
  places.delete(session_id);
  if (place) places.set(session_id, place);
  const [oldest] = places.keys();
  if (places.size > PLACES_MAX && oldest !== undefined) places.delete(oldest);
}

export interface Reading {
  session_id: string;
  /** changes with what there is to read */
  messages: readonly unknown[];
  has_more: boolean;
  loadEarlier(): Promise<void>;
}

export function useReadingPlace(log: RefObject<HTMLElement | null>, reading: Reading): void {
  const { session_id, messages, has_more, loadEarlier } = reading;
  const wanted = useRef(places.get(session_id) ?? null);
  const held = useRef(0);
  useLayoutEffect(() => {
    const [root, place] = [log.current, wanted.current];
    if (!root || !place || messages.length === 0) return;
    if (!stand(root, place)) {
      // Further up than the page that was loaded, or gone.
      if (has_more) loadEarlier().catch(() => undefined);
      else wanted.current = null;
      return;
    }
    wanted.current = null;
    const hold = (frames: number): void => {
      stand(root, place);
      if (frames > 1) held.current = requestAnimationFrame(() => hold(frames - 1));
    };
    held.current = requestAnimationFrame(() => hold(HOLD_FRAMES));
  }, [log, messages, has_more, loadEarlier]);
  useLayoutEffect(() => {
    const root = log.current;
    return () => {
      cancelAnimationFrame(held.current);
      // One that was not found yet is still where they want to be.
      if (root && wanted.current === null) keepPlace(session_id, placeOf(root));
    };
  }, [log, session_id]);
}
