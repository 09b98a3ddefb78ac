// For those who use the official viewer: the same actors, in its own words, by its own adapter. That one is slower than ours and
// keeps no order of causes (observer.ts says why), so it is there only where it is asked for. What it says is redacted as
// everything is; of a store it says nothing. Its own server is not used: that listens to the world and asks nobody.
import { createInspector, type StatelyInspectionEvent } from '@stately/inspect';
import type { AnyActor } from 'xstate';
import { redact } from '../protocol/redaction.ts';
import type { StatelyFeed } from './port.ts';

/** Events that are kept for a viewer that comes later; and the actors that it must know of to read them. */
const KEPT_EVENTS_MAX = 1_000;
const KEPT_ACTORS_MAX = 1_000;

export interface Stately extends StatelyFeed {
  watch(actor: AnyActor): void;
}

const redactedEvent = <E extends { type: string }>(event: E): E =>
  ({ ...redact(event).value, type: event.type }) as E;

export function createStately(): Stately {
  /** by the actor's own number */
  const actors = new Map<string, string>();
  const events: string[] = [];
  const followers = new Set<(json: string) => void>();

  function send(event: StatelyInspectionEvent): void {
    const json = JSON.stringify(event);
    if (event.type === '@xstate.actor') {
      actors.set(event.sessionId, json);
      const [oldest] = actors.keys();
      if (actors.size > KEPT_ACTORS_MAX && oldest !== undefined) actors.delete(oldest);
    } else {
      events.push(json);
      if (events.length > KEPT_EVENTS_MAX) events.shift();
    }
    for (const tell of followers) tell(json);
  }

  const adapter = createInspector(
    { send },
    { sanitizeEvent: redactedEvent, sanitizeContext: (context) => redact(context).value },
  );

  return {
    watch(actor) {
      adapter.inspect.next?.({ type: '@xstate.actor', actorRef: actor, rootId: actor.sessionId });
      actor.system.inspect(adapter.inspect);
      // Who is over is not shown to a viewer that comes later.
      const forget = () => void actors.delete(actor.sessionId);
      actor.subscribe({ complete: forget, error: forget });
    },
    kept: () => [...actors.values(), ...events],
    follow(tell) {
      const own = (json: string) => tell(json);
      followers.add(own);
      return () => void followers.delete(own);
    },
  };
}
