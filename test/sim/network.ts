// The network between clients and the server: requests that are slow, lost or doubled, and responses whose bytes come late, in
// pieces, or not at all. Each end hears of a cut by itself. Knows no route and no event.
import type { Chance } from './chance.ts';
import type { Scheduler, SimNode } from './clock.ts';
import { createPipe, type Pipe, type Taker } from './pipe.ts';
import type { Violate } from './truth.ts';

export interface Wire {
  method: string;
  /** with its query */
  path: string;
  headers: Record<string, string>;
  body: string | null;
}

/** The client's end. */
export interface Receiver {
  node: SimNode;
  /** The head of a stream has come. */
  opened(): void;
  bytes(bytes: Buffer): void;
  answered(status: number, body: string): void;
  /** No more will come: it was ended, cut, or never got there. */
  closed(): void;
}

export interface NetworkWeather {
  /** the slowest that a piece may be, in ms */
  latency_ms: number;
  /** share of requests that never arrive, and of answers that never do; of requests that arrive twice */
  lost: number;
  doubled: number;
  /** share of pieces after which the connection is cut; share of pieces that are cut in two */
  cut: number;
  split: number;
}

export interface Server {
  readonly node: SimNode;
  accept(wire: Wire, response: SimResponse): void;
}

/** What a process needs of a response beside what `openSse` does. */
export interface SimResponse {
  finish(status: number, body: string): void;
  destroy(): void;
}

export interface Connection {
  /** The client leaves; the server hears of it a little later. */
  close(): void;
  /** The client takes nothing for now. */
  stall(isStalled: boolean): void;
  /** Somebody in between drops it: both ends hear of it, each in its time. */
  cut(): void;
}

export interface Network {
  readonly weather: NetworkWeather;
  connect(wire: Wire, receiver: Receiver): Connection;
  /** A process is gone: whoever was connected to it. */
  dropAll(of: SimNode): void;
}

export interface NetworkPorts {
  scheduler: Scheduler;
  chance: Chance;
  /** null: nobody listens */
  server(): Server | null;
  trace(what: string, more: object): void;
  violate: Violate;
  /** told of every piece that a client takes */
  passed(bytes: number): void;
}

/** How long a request that is lost on its way is waited for. */
const LOST_MS = 2_000;

export function createNetwork(ports: NetworkPorts): Network {
  const { scheduler, chance } = ports;
  const weather: NetworkWeather = { latency_ms: 5, lost: 0, doubled: 0, cut: 0, split: 0 };
  const held = new Set<{ server: SimNode; drop(): void }>();
  const latency = () => chance.between(1, weather.latency_ms);

  function connect(wire: Wire, receiver: Receiver): Connection {
    ports.trace('request', { method: wire.method, path: wire.path, from: receiver.node.name });
    let isOver = false;
    let isStalled = false;
    let pipe: Pipe | null = null;
    const soon = (run: () => void) =>
      void scheduler.at(receiver.node, latency(), () => {
        if (!isOver) run();
      });
    const taker: Taker = {
      soon,
      opened: receiver.opened,
      bytes(bytes) {
        ports.trace('bytes', { path: wire.path, bytes: bytes.length });
        ports.passed(bytes.length);
        receiver.bytes(bytes);
      },
      answered(status, body) {
        ports.trace('answer', { path: wire.path, status });
        isOver = true;
        receiver.answered(status, body);
      },
      fail: () => soon(taker.end),
      end() {
        if (isOver) return;
        isOver = true;
        receiver.closed();
      },
      cut: () => connection.cut(),
      takes: () => !isStalled,
    };

    /** `isFirst`: the client hears what comes of it. */
    function arrive(isFirst: boolean): void {
      const server = ports.server();
      if (!server) {
        if (isFirst) taker.fail();
        return;
      }
      const { node } = server;
      const entry = { server: node, drop: () => (pipe ? pipe.drop() : taker.fail()) };
      if (isFirst) held.add(entry);
      scheduler.at(node, 0, () => {
        if (isOver && isFirst) return void held.delete(entry);
        const closed = () => void held.delete(entry);
        const opened = createPipe({
          scheduler,
          chance,
          node,
          latency,
          weather,
          taker: isFirst ? taker : null,
          closed,
          overfull: (bytes) => ports.violate('P10', `${bytes} bytes of ${wire.path} are unsent`),
        });
        if (isFirst) pipe = opened;
        server.accept(wire, opened.response as SimResponse);
      });
    }

    const connection: Connection = {
      close() {
        if (isOver) return;
        isOver = true;
        pipe?.closeSoon();
      },
      stall(now) {
        isStalled = now;
        if (!now) pipe?.send();
      },
      cut() {
        if (isOver || pipe?.isCut) return;
        if (!pipe) {
          taker.fail();
          return;
        }
        pipe.drop();
        pipe.closeSoon();
      },
    };
    if (chance.is(weather.lost)) scheduler.at(receiver.node, chance.between(50, LOST_MS), taker.end);
    else {
      scheduler.at(receiver.node, latency(), () => arrive(true));
      if (wire.method !== 'GET' && chance.is(weather.doubled))
        scheduler.at(receiver.node, latency() + chance.between(0, 200), () => arrive(false));
    }
    return connection;
  }

  return {
    weather,
    connect,
    dropAll(of) {
      for (const entry of [...held]) {
        if (entry.server !== of) continue;
        held.delete(entry);
        entry.drop();
      }
    },
  };
}
