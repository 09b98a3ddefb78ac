// How an actor is called: what it is, and the end of its id. Pure.
import { enInspector } from '../text/en-inspector.ts';
import type { ActorNow } from './fold.ts';
import { laneOf } from './lanes.ts';

const ID_CHARS = 6;

const lastPart = (id: string): string => id.slice(Math.max(id.lastIndexOf(':'), id.lastIndexOf('/')) + 1);

/** Such as `x4Kq9Z`; empty: there is one of them where it belongs */
export function shortId({ id, machine }: ActorNow): string {
  const isOne =
    !id.includes(':') || machine === 'board' || machine === 'prompt-queue' || machine === 'prompt-feed';
  return isOne ? '' : lastPart(id).slice(-ID_CHARS);
}

export function roleOf({ id, machine }: ActorNow): string {
  const role = enInspector.role(laneOf(id, machine));
  const [, kind] = id.split(':');
  return machine === 'prompt-feed' && kind ? enInspector.cards(kind) : role;
}

export const nameOf = (actor: ActorNow): string => `${roleOf(actor)} ${shortId(actor)}`.trim();

/** What is said of its state beside its name. */
export function stateWords({ machine, state, context, status }: ActorNow): string {
  if (machine === 'board') return enInspector.tasks(Number(context.tasks ?? 0));
  if (machine === 'prompt-queue' && state.startsWith('active.asking') && Array.isArray(context.entries))
    return enInspector.asking(context.entries.length);
  if (machine === 'stream' && state === 'settled' && typeof context.terminal === 'string')
    return context.terminal;
  if (status === 'stopped' || status === 'error') return status;
  return state;
}
