// The only place of the server that starts an actor. An actor that errors without an observer would take the process down;
// here each has one, so that a bug ends its actor and nothing else (SE3).
import { type Actor, type AnyActorLogic, createActor, type InputFrom } from 'xstate';
import type { Clock } from '../protocol/index.ts';

export interface ActorSettings<L extends AnyActorLogic> {
  id: string;
  input: InputFrom<L>;
  clock: Clock;
  /** Called before the actor starts: the place to listen to what it commands. */
  wire?: (actor: Actor<L>) => void;
  onBug: (bug: unknown) => void;
}

export function startActor<L extends AnyActorLogic>(logic: L, settings: ActorSettings<L>): Actor<L> {
  const { id, input, clock, wire, onBug } = settings;
  // biome-ignore lint/suspicious/noExplicitAny: xstate's conditional options type can't see that input is given
  const actor = createActor(logic, { id, input, clock: clock as any } as any) as Actor<L>;
  actor.subscribe({ error: onBug });
  wire?.(actor);
  return actor.start();
}
