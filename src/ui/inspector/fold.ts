// How every actor stands after some entries of an inspection. Pure: a world in, an entry in, the next world out of it.
import type { Entry, InspectedActor } from '../../protocol/inspection.ts';

export interface ActorNow {
  readonly id: string;
  readonly machine: string;
  readonly parent: string | null;
  readonly state: string;
  readonly context: Readonly<Record<string, unknown>>;
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  /** of the entry that made it so */
  readonly n: number;
  readonly at: number;
}

/** Actors by id, in the order in which they began. */
export type World = Map<string, ActorNow>;

/** Actors that are over and still known; more are forgotten, those first that began first. */
const OVER_ACTORS_MAX = 300;

const actorNow = ({ actor, machine, parent, state, context, n, at }: InspectedActor): ActorNow => {
  return { id: actor, machine, parent, state, context, status: 'active', n, at };
};

export const worldOf = (actors: readonly InspectedActor[]): World =>
  new Map(actors.map((one) => [one.actor, actorNow(one)]));

/** An actor that is only heard of in the middle: nothing is known of it but what its entries tell. */
const stranger = ({ actor, n, at }: Entry): ActorNow => ({
  id: actor,
  machine: actor.slice(actor.indexOf('/') + 1).split(':')[0] ?? actor,
  parent: null,
  state: '',
  context: {},
  status: 'active',
  n,
  at,
});

function forget(world: World): void {
  let over = 0;
  for (const { status } of world.values()) if (status !== 'active') over += 1;
  for (const [id, { status }] of world) {
    if (over <= OVER_ACTORS_MAX) return;
    if (status === 'active') continue;
    world.delete(id);
    over -= 1;
  }
}

/** Changes `world` to what it is after `entry`. Those of `world` that are not concerned stay the same objects. */
export function apply(world: World, entry: Entry): void {
  const { actor: id, n, at } = entry;
  if (entry.kind === 'actor') {
    // An id may be borne again: the new one is drawn where it began.
    world.delete(id);
    world.set(id, actorNow(entry));
    return;
  }
  const before = world.get(id) ?? stranger(entry);
  if (entry.kind === 'step') {
    const context = { ...before.context, ...entry.context };
    world.set(id, { ...before, state: entry.state, context, status: entry.status, n, at });
  } else if (entry.kind === 'stopped') {
    const isOver = before.status !== 'active';
    world.set(id, isOver ? before : { ...before, status: entry.why, n, at });
    forget(world);
  } else if (!world.has(id)) world.set(id, before);
}
