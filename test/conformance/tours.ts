// Paths that do every act in every state, generated: breadth first over the scene, from wherever a path stands to the
// nearest thing that no path has done yet. Knows no machine.

import type { Kept } from './kept.ts';

interface Copied<S> {
  copy(): S;
}

export interface Doable<S> {
  may(scene: S): boolean;
  tell(scene: S): void;
  /** how many other acts it takes as long as */
  cost?: number;
}

export interface Land<S extends Copied<S>, A extends Doable<S>> {
  begin(): S;
  acts: A[];
  /** Whether it is of use there: what may be done, but tells nothing new, is left out. */
  isWorthwhile(scene: S, act: A): boolean;
  /** what of a scene matters: two with the same key are one place */
  key(scene: S): string;
  /** what is to be done once, and what of it this act does */
  goals(before: S, act: A, after: S): string[];
  places_max: number;
  steps_max: number;
}

interface Edge<A> {
  act: A;
  to: number;
  goals: string[];
}

/** Every place that can be reached, and what leads from one to another. The first is where everything begins. */
function explore<S extends Copied<S>, A extends Doable<S>>(land: Land<S, A>): Edge<A>[][] {
  const places = new Map<string, number>();
  const edges: Edge<A>[][] = [];
  const scenes: S[] = [];
  const arrive = (scene: S): number => {
    const key = land.key(scene);
    const known = places.get(key);
    if (known !== undefined) return known;
    if (places.size >= land.places_max) throw new Error(`more than ${land.places_max} places; last: ${key}`);
    places.set(key, scenes.length);
    edges.push([]);
    return scenes.push(scene) - 1;
  };
  arrive(land.begin());
  for (let at = 0; at < scenes.length; at++)
    for (const act of land.acts) {
      const before = scenes[at]!;
      if (!act.may(before) || !land.isWorthwhile(before, act)) continue;
      const after = before.copy();
      act.tell(after);
      edges[at]!.push({ act, to: arrive(after), goals: land.goals(before, act, after) });
    }
  return edges;
}

/** The cheapest way from a place to a goal that is open; null: there is none. */
function nearest<A extends { cost?: number }>(
  edges: Edge<A>[][],
  from: number,
  open: ReadonlySet<string>,
): Edge<A>[] | null {
  const best = new Map<number, { cost: number; edge: Edge<A>; by: number }>();
  const costs = new Map([[from, 0]]);
  const done = new Set<number>();
  const queue: number[][] = [[from]];
  const wayTo = (place: number): Edge<A>[] => {
    const way: Edge<A>[] = [];
    for (let at = place; at !== from; at = best.get(at)!.by) way.unshift(best.get(at)!.edge);
    return way;
  };
  for (let cost = 0; cost < queue.length; cost++)
    for (const at of queue[cost] ?? []) {
      if (done.has(at)) continue;
      done.add(at);
      for (const edge of edges[at]!) {
        if (edge.goals.some((goal) => open.has(goal))) return [...wayTo(at), edge];
        const next = cost + (edge.act.cost ?? 1);
        if (next >= (costs.get(edge.to) ?? Infinity)) continue;
        costs.set(edge.to, next);
        best.set(edge.to, { cost: next, edge, by: at });
        queue[next] ??= [];
        queue[next].push(edge.to);
      }
    }
  return null;
}

/** A place stands for several scenes; where the one on the way is another, its goal is gone for once more, so many times. */
const TRIES_MAX = 3;

/** Paths from the beginning, in which every goal that can be reached is done at least once. */
function tours<S extends Copied<S>, A extends Doable<S>>(land: Land<S, A>, edges: Edge<A>[][]): A[][] {
  const open = new Set(edges.flat().flatMap(({ goals }) => goals));
  const tries = new Map<string, number>();
  const paths: A[][] = [];

  /** Goes that way from a scene. Where it ends; null: not where it was meant to. */
  function go(way: Edge<A>[], from: S, path: A[]): S | null {
    let scene = from;
    for (const { act } of way) {
      if (!act.may(scene)) return null;
      const after = scene.copy();
      act.tell(after);
      path.push(act);
      for (const goal of land.goals(scene, act, after)) open.delete(goal);
      scene = after;
    }
    return scene;
  }

  /** What a way was for is given up where it was gone too often. */
  function tried({ goals }: Edge<A>): boolean {
    const missed = goals.filter((goal) => open.has(goal));
    for (const goal of missed) {
      tries.set(goal, (tries.get(goal) ?? 0) + 1);
      if (tries.get(goal)! >= TRIES_MAX) open.delete(goal);
    }
    return missed.length === 0;
  }

  while (open.size > 0) {
    const path: A[] = [];
    let at = 0;
    let scene: S | null = land.begin();
    while (scene && path.length < land.steps_max) {
      const way = nearest(edges, at, open);
      if (way === null) break;
      scene = go(way, scene, path);
      at = way.at(-1)!.to;
      if (!tried(way.at(-1)!)) break;
    }
    if (path.length === 0) throw new Error(`no way to ${[...open].join(', ')}`);
    paths.push(path);
  }
  return paths;
}

/** Of what happened, as `Life` tells it: the transition, wherever from and to. Of what was done: nothing. */
const transitionsIn = (goal: string): string[] => {
  const [, transition] = /^[^:]*: (born .*|.* #\d+|always in .*)(?: to [^ ]*)?$/.exec(goal) ?? [];
  return transition === undefined ? [] : [transition];
};

/** Paths for all goals, and fewer for the transitions among them. */
export function makePaths<S extends Copied<S>, A extends Doable<S>>(land: Land<S, A>): Kept<A> {
  const edges = explore(land);
  const brief: Land<S, A> = { ...land, goals: (...step) => land.goals(...step).flatMap(transitionsIn) };
  const briefly = edges.map((of) =>
    of.map((edge) => ({ ...edge, goals: edge.goals.flatMap(transitionsIn) })),
  );
  return { cover: tours(brief, briefly), whole: tours(land, edges) };
}
