// A process of the server in a simulated world: the real sessions, routes, hub and readers over a simulated disk and network.
// What is left out is Koa itself, the page, login, notices and the sockets. It can be killed, told to end, and stand still.
import { EventEmitter } from 'node:events';
import type { Catalog } from '../../src/agents/port.ts';
import { BODY_PACE } from '../../src/http/body.ts';
import { answerFailure, type Parts } from '../../src/http/context.ts';
import { routeBoard } from '../../src/http/routes/board.ts';
import { routeChat } from '../../src/http/routes/chat.ts';
import { routeFeeds } from '../../src/http/routes/feeds.ts';
import { routeLive } from '../../src/http/routes/live.ts';
import { routePrompts } from '../../src/http/routes/prompts.ts';
import { routeSessions } from '../../src/http/routes/sessions.ts';
import { createSseBytes } from '../../src/http/sse-bytes.ts';
import { createSseHub, type SseHub } from '../../src/http/sse-hub.ts';
import type { Journal } from '../../src/journal/port.ts';
import {
  type Clock,
  HEARTBEAT_MS,
  type Log,
  notFound,
  STREAM_MAX_SECONDS,
} from '../../src/protocol/index.ts';
import { createSessions, type Sessions } from '../../src/sessions/sessions.ts';
import type { Chance } from './chance.ts';
import type { Scheduler, SimNode } from './clock.ts';
import type { Server, SimResponse, Wire } from './network.ts';

export interface Process extends Server {
  readonly sessions: Sessions;
  readonly hub: SseHub;
  readonly isReady: boolean;
  /** SIGTERM. Resolves when it would have ended. */
  end(): Promise<void>;
}

export interface ProcessPorts {
  scheduler: Scheduler;
  chance: Chance;
  node: SimNode;
  journal: Journal;
  catalog: Catalog;
  log: Log;
  retry_lifetime_ms: number | null;
}

/** No attachment is sent in these worlds. */
const NO_FILES = {
  keep: () => Promise.reject(new Error('no files')),
  read: () => Promise.resolve(null),
  remove: () => Promise.resolve(),
  size: () => Promise.resolve(0),
};

type Route = (ctx: never) => unknown;

/** The routes by method and pattern, as the router would find them. */
function collectRoutes(parts: Parts) {
  const routes: { method: string; parts: string[]; route: Route }[] = [];
  const add = (method: string) => (path: string, route: Route) =>
    void routes.push({ method, parts: path.split('/'), route });
  const router = { get: add('GET'), post: add('POST'), patch: add('PATCH'), delete: add('DELETE') } as never;
  routeSessions(router, parts);
  routeChat(router, parts);
  routeFeeds(router, parts);
  routeBoard(router, parts);
  routeLive(router, parts);
  routePrompts(router, parts);
  return (method: string, path: string): { route: Route; params: Record<string, string> } | null => {
    const given = path.split('/');
    for (const one of routes) {
      if (one.method !== method || one.parts.length !== given.length) continue;
      const params: Record<string, string> = {};
      const isSame = one.parts.every((part, at) => {
        if (!part.startsWith(':')) return part === given[at];
        params[part.slice(1)] = decodeURIComponent(given[at]!);
        return true;
      });
      if (isSame) return { route: one.route, params };
    }
    return null;
  };
}

function queryOf(text: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const known = query[key];
    query[key] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
  }
  return query;
}

/** What the routes read of a request. */
function requestOf({ headers, body }: Wire) {
  const bytes = body === null ? null : Buffer.from(body);
  const announced = bytes
    ? { 'content-length': String(bytes.length), 'content-type': 'application/json' }
    : ({} as Record<string, string>);
  const given = { headers: { ...headers, ...announced }, complete: true, destroyed: false };
  const request = Object.assign(new EventEmitter(), given, {
    socket: { remoteAddress: '127.0.0.1', remotePort: 1 },
  });
  // It is there, whole, as soon as somebody reads it.
  request.once('newListener', () =>
    queueMicrotask(() => {
      if (bytes) request.emit('data', bytes);
      request.emit('end');
    }),
  );
  return request;
}

function contextOf(wire: Wire, params: Record<string, string>, response: SimResponse, clock: Clock) {
  const [path = '', query = ''] = wire.path.split('?');
  return {
    method: wire.method,
    path,
    query: queryOf(query),
    params,
    state: {
      principal: { owner: wire.headers.owner ?? 'owner', login: null },
      pace: { ...BODY_PACE, clock },
    },
    req: requestOf(wire),
    res: response,
    respond: true as boolean,
    status: 200,
    body: undefined as unknown,
    get: (name: string) => wire.headers[name] ?? '',
    set() {},
  };
}

export function createProcess(ports: ProcessPorts): Process {
  const { scheduler, chance, node, journal, catalog, log } = ports;
  const clock = scheduler.clockOf(node);
  const random = chance.fork();
  const sessions = createSessions({
    journal,
    files: NO_FILES,
    catalog,
    clock,
    random,
    log,
    timeout_seconds: { clarify: 0, approval: 0 },
  });
  const lifetime_ms = ports.retry_lifetime_ms ?? STREAM_MAX_SECONDS * 1_000;
  const hub = createSseHub({ heartbeat_ms: HEARTBEAT_MS, lifetime_ms, clock, random });
  const bytes = createSseBytes();
  const parts = { sessions, journal, catalog, clock, log, hub, bytes } as unknown as Parts;
  const find = collectRoutes(parts);
  const under_way = new Set<Promise<void>>();
  let isEnding = false;
  let isReady = false;
  const recovered = sessions.recover().then(() => {
    isReady = true;
  });

  async function answer(wire: Wire, response: SimResponse): Promise<void> {
    await recovered;
    const found = find(wire.method, wire.path.split('?')[0]!);
    const ctx = contextOf(wire, found?.params ?? {}, response, clock);
    try {
      if (!found) throw notFound('route');
      await found.route(ctx as never);
    } catch (failure) {
      answerFailure(ctx as never, failure, log);
    }
    if (ctx.respond) response.finish(ctx.status, ctx.body === undefined ? '' : JSON.stringify(ctx.body));
  }

  return {
    node,
    sessions,
    hub,
    get isReady() {
      return isReady;
    },
    accept(wire, response) {
      if (isEnding) return response.destroy();
      const answered = answer(wire, response).finally(() => under_way.delete(answered));
      under_way.add(answered);
    },
    async end() {
      sessions.refuseStarts();
      hub.endAll('shutdown');
      await sessions.close();
      isEnding = true;
      await Promise.all(under_way);
      await journal.close();
    },
  };
}
