// What must hold where everything ends: Q1–Q7 over the states of an end component, that is, once faults have stopped and
// whatever must happen some time has happened. Q6 speaks of the session's own word; the board is no part of this model.
import { isOpen } from '../../src/machines/prompt-feed.cards.ts';
import { ROLES } from './backend.ts';
import { activeOf, epochOf, has, isSettled, pendingOf, STREAMS, streamId } from './log.ts';
import type { World } from './world.ts';

type Claims = Record<string, (world: World, server: number, net: number, page: number) => boolean>;

export const endClaims: Claims = {
  'Q1 every run is settled': ({ server }, at) => {
    const { log } = server.places.at(at);
    return STREAMS.every((stream) => epochOf(log, stream) === 0 || isSettled(log, stream));
  },

  'Q2 the page is at the head': ({ server, net, tab }, at, via, to) => {
    const { log, heard } = server.places.at(at);
    const { cursor, isLoading } = tab.places.at(to);
    const { isOpen: isConnected, flight } = net.at(via);
    const isThere = cursor === log.entries.length && heard === cursor;
    return isConnected && flight.length === 0 && !isLoading && isThere;
  },

  'Q3 what is pending is shown, and what is shown is pending': ({ house, server, tab }, at, _, to) => {
    const { log } = server.places.at(at);
    const cards = house.feed.at(tab.places.at(to).feed).context.cards.filter(isOpen);
    return (
      cards.map((card) => card.prompt_id).join() === pendingOf(log, log.entries.length).slice(0, 1).join()
    );
  },

  'Q4 no agent runs': ({ server }, at) =>
    ROLES.every(
      (role) => !['called', 'running', 'dying'].includes(server.places.at(at).owners[role]?.agent ?? 'none'),
    ),

  'Q5 the server is up, and nobody owns what is over': ({ house, server }, at) => {
    const { up, owners } = server.places.at(at);
    return (
      up &&
      owners.lost === null &&
      ROLES.every((role) => !owners[role] || house.stream.at(owners[role].actor).isOver)
    );
  },

  'Q6 the session says what the log says': ({ house, server }, at) => {
    const { log, session } = server.places.at(at);
    const { path, context } = house.session.at(session);
    return path.startsWith('idle') && activeOf(log) === 0 && context.active_stream_id === null && !log.queued;
  },

  'Q7 nothing is left in draining or stale': ({ house, server, tab }, at, _, to) => {
    const { queue } = server.places.at(at);
    const { attached, owner } = tab.places.at(to);
    return (
      house.queue.at(queue).path === 'active.empty' && attached.every((actor) => actor === 0) && owner === 0
    );
  },

  'AT3 no card of a dead run is on screen': ({ house, server, tab }, at, _, to) => {
    const { log } = server.places.at(at);
    const dead = STREAMS.filter((stream) => has(log, stream, 'end')).map(streamId);
    const { cards } = house.feed.at(tab.places.at(to).feed).context;
    return !cards.some((card) => isOpen(card) && dead.includes(card.entry.stream_id));
  },
};

const claims = Object.entries(endClaims);

export const brokenEnd = (world: World, server: number, net: number, page: number): string[] =>
  claims.filter(([, holds]) => !holds(world, server, net, page)).map(([name]) => name);
