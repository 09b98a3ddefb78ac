// Paths that do every act in every state, generated: breadth first over the scene, from wherever a path stands to the
// nearest thing that no path has done yet. Knows no machine.
import { type Act, isWorthwhile } from './acts.ts';
import type { Scene } from './scene.ts';

export interface Land {
  begin(): Scene;
  acts: Act[];
  /** what of a scene matters: two with the same key are one place */
  key(scene: Scene): string;
  /** what is to be done once, and what of it this act does */
  goals(before: Scene, act: Act, after: Scene): string[];
  places_max: number;
  steps_max: number;
}

interface Edge {
  act: Act;
  to: number;
  goals: string[];
}

/** Every place that can be reached, and what leads from one to another. The first is where everything begins. */
function explore(land: Land): Edge[][] {
  const places = new Map<string, number>();
  const edges: Edge[][] = [];
  const scenes: Scene[] = [];
  const arrive = (scene: Scene): number => {
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
      if (!act.may(before) || !isWorthwhile(before, act)) continue;
      const after = before.copy();
      act.tell(after);
      edges[at]!.push({ act, to: arrive(after), goals: land.goals(before, act, after) });
    }
  return edges;
}

/** The cheapest way from a place to a goal that is open; null: there is none. */
function nearest(edges: Edge[][], from: number, open: ReadonlySet<string>): Edge[] | null {
  const best = new Map<number, { cost: number; edge: Edge; by: number }>();
  const costs = new Map([[from, 0]]);
  const done = new Set<number>();
  const queue: number[][] = [[from]];
  const wayTo = (place: number): Edge[] => {
    const way: Edge[] = [];
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

/** Paths from the beginning, in which every goal that can be reached is done at least once. */
export function tours(land: Land): { paths: Act[][]; places: number; goals: number } {
  const edges = explore(land);
  const open = new Set(edges.flat().flatMap(({ goals }) => goals));
  const goals = open.size;
  const paths: Act[][] = [];
  while (open.size > 0) {
    const path: Act[] = [];
    let at = 0;
    while (path.length < land.steps_max) {
      const way = nearest(edges, at, open);
      if (way === null) break;
      for (const { act, to, goals } of way) {
        path.push(act);
        for (const goal of goals) open.delete(goal);
        at = to;
      }
    }
    if (path.length === 0) throw new Error(`no way to ${[...open].join(', ')}`);
    paths.push(path);
  }
  return { paths, places: edges.length, goals };
}
