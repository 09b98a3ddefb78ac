// The only place of the server that makes an actor. An actor that errors without an observer would take the process down;
// here each has one, so that a bug ends its actor and nothing else (SE3). Whoever asks starts it, once it is wired.
import { type Actor, type AnyActorLogic, createActor, type InputFrom } from 'xstate';
import type { Observer } from '../machines/observer.ts';
import type { Clock } from '../protocol/index.ts';

export interface ActorSettings<L extends AnyActorLogic> {
  id: string;
  input: InputFrom<L>;
  clock: Clock;
  /** Watches it from its birth; absent: nobody does, and nothing is spent on it. */
  inspect: Observer | undefined;
  onBug: (bug: unknown) => void;
}

export function prepareActor<L extends AnyActorLogic>(logic: L, settings: ActorSettings<L>): Actor<L> {
  const { onBug, inspect, ...options } = settings;
  // biome-ignore lint/suspicious/noExplicitAny: xstate's conditional options type can't see that input is given
  const actor = createActor(logic, options as any) as Actor<L>;
  inspect?.watch(actor, options.input as object, options.id);
  actor.subscribe({ error: onBug });
  return actor;
}
