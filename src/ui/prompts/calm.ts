// What was pressed is what was shown (CQ11): a card, or a Stop, that has just come under the pointer takes no press that was
// meant for the one before it. This keeps where each stands, and since when. Knows no document and no clock.

/**
 * CQ11: how long a card stands still, after it has come or moved, before it can be answered by pointer or by keys, and before
 * a run on the board can be stopped. Longer than what a person's double click takes.
 */
export const ARMED_AFTER_MS = 600;
/** A press still hits what it was meant for. */
const MOVED_MIN_PX = 4;

/** Where something is on screen, in px. */
export interface Place {
  left: number;
  top: number;
  bottom: number;
}

interface Stance {
  place: Place;
  since: number;
}

const isFar = (one: number, other: number): boolean => Math.abs(one - other) >= MOVED_MIN_PX;

function hasMoved(from: Place, to: Place, isWritten: boolean): boolean {
  const [left, top, bottom] = [
    isFar(from.left, to.left),
    isFar(from.top, to.top),
    isFar(from.bottom, to.bottom),
  ];
  // Who writes on a card makes it grow from one of its edges: nothing slides under the pointer of somebody else's mind.
  return left || (isWritten ? top && bottom : top || bottom);
}

export function createStances<Thing>() {
  const stances = new Map<Thing, Stance>();
  /** When it can be pressed; null: it is not known. */
  const armedAt = (thing: Thing): number | null => {
    const stance = stances.get(thing);
    return stance ? stance.since + ARMED_AFTER_MS : null;
  };
  return {
    things: (): Thing[] => [...stances.keys()],
    has: (thing: Thing): boolean => stances.has(thing),
    /** It is there now. `isWritten`: somebody writes on it. */
    seen(thing: Thing, place: Place, { at, isWritten }: { at: number; isWritten: boolean }): void {
      const before = stances.get(thing);
      const since = before && !hasMoved(before.place, place, isWritten) ? before.since : at;
      // What creeps is compared with where it stood, not with its last step.
      if (since === before?.since && !isWritten) return;
      stances.set(thing, { place, since });
    },
    /** A person scrolled: what is under the pointer is what they see coming. */
    scrolled(thing: Thing, place: Place): void {
      const before = stances.get(thing);
      if (before) before.place = place;
    },
    gone: (thing: Thing) => stances.delete(thing),
    /** `at`: when the press began. */
    isArmed(thing: Thing, at: number): boolean {
      const from = armedAt(thing);
      return from !== null && at >= from;
    },
    /** When the next of them can be pressed; null: all can. */
    nextArmed(now: number): number | null {
      const due = [...stances.keys()].flatMap((thing) => armedAt(thing) ?? []).filter((at) => at > now);
      return due.length === 0 ? null : Math.min(...due);
    },
  };
}
