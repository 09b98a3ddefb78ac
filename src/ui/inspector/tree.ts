// Actors as a tree: each below the one that it belongs to; those of a tab below the tab. Pure.
import type { ActorNow, World } from './fold.ts';

export interface TreeRow {
  id: string;
  depth: number;
  /** null: a tab, which is no actor */
  actor: ActorNow | null;
}

export interface ActorFilter {
  text: string;
  /** null: any */
  machine: string | null;
  /** absent: all of them */
  among?: ReadonlySet<string>;
}

/** Whether something holds each of the words that are asked for. */
export function matcherOf(asked: string): (text: string) => boolean {
  const words = asked.toLowerCase().split(/\s+/);
  return (text) => {
    const lower = text.toLowerCase();
    return words.every((word) => lower.includes(word));
  };
}

const tabOf = (id: string): string | null => (id.includes('/') ? id.slice(0, id.indexOf('/')) : null);

/** Those that match, and what is around them. */
export function treeOf(world: World, { text, machine, among }: ActorFilter): TreeRow[] {
  const inner = new Map<string | null, string[]>();
  const put = (outer: string | null, id: string): void => {
    const list = inner.get(outer);
    if (list) list.push(id);
    else inner.set(outer, [id]);
  };
  const tabs = new Set<string>();
  for (const { id, parent } of world.values()) {
    const tab = tabOf(id);
    if (tab !== null && !tabs.has(tab)) put(null, tab);
    if (tab !== null) tabs.add(tab);
    // What a tab shows of a session stays with the tab.
    put(parent !== null && world.has(parent) && tabOf(parent) === tab ? parent : tab, id);
  }
  const isCalled = matcherOf(text);
  const rows: TreeRow[] = [];
  const visit = (id: string, depth: number): boolean => {
    const actor = world.get(id) ?? null;
    const at = rows.push({ id, depth, actor }) - 1;
    const isMeant =
      actor !== null &&
      (machine === null || actor.machine === machine) &&
      (among === undefined || among.has(id)) &&
      isCalled(`${actor.machine} ${id} ${actor.state}`);
    const isAround = (inner.get(id) ?? []).map((child) => visit(child, depth + 1)).includes(true);
    if (!isMeant && !isAround) rows.length = at;
    return isMeant || isAround;
  };
  for (const id of inner.get(null) ?? []) visit(id, 0);
  return rows;
}

/** Whom a word means: those who are called so; else, where it is an event's, those whom such an event concerns. */
export function foundIn(world: World, filter: ActorFilter, owners: () => ReadonlySet<string>): TreeRow[] {
  const called = treeOf(world, filter);
  if (called.length > 0 || filter.text === '') return called;
  return treeOf(world, { ...filter, text: '', among: owners() });
}
