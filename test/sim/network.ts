// The network between clients and the server: requests that are slow, lost or doubled, and responses whose bytes come late, in
// pieces, or not at all. Each end hears of a cut by itself. Knows no route and no event.
import type { Chance } from './chance.ts';
import type { Scheduler, SimNode } from './clock.ts';

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
  /** share of requests that never arrive, of answers that never do, and of requests that arrive twice */
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

type Listener = (...given: never[]) => void;

function emitter() {
  const listeners = new Map<string, Listener[]>();
  return {
    on(name: string, listener: Listener) {
      const of = listeners.get(name) ?? [];
      listeners.set(name, [...of, listener]);
    },
    removeListener(name: string, listener: Listener) {
      listeners.set(
        name,
        (listeners.get(name) ?? []).filter((one) => one !== listener),
      );
    },
    emit(name: string) {
      for (const listener of listeners.get(name) ?? []) (listener as () => void)();
    },
  };
}

/** What `openSse` needs of a response and its socket, and what a route says of an answer. */
export interface SimResponse {
  readonly headersSent: boolean;
  /** bytes that the peer has not taken */
  readonly writableLength: number;
  /** the most that it ever was */
  readonly most: number;
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
  readonly open: number;
}

/** How much likelier a cut is behind half a piece. */
const SPLIT_CUTS = 6;
/** What a real socket takes before it says that it is behind. */
const HIGH_WATER_BYTES = 16 * 1024;

export function createNetwork(ports: {
  scheduler: Scheduler;
  chance: Chance;
  /** null: nobody listens */
  server(): Server | null;
  trace(what: string, more: object): void;
  /** told of every piece that a client takes */
  passed(bytes: number): void;
}): Network {
  const { scheduler, chance } = ports;
  const weather: NetworkWeather = { latency_ms: 5, lost: 0, doubled: 0, cut: 0, split: 0 };
  const connections = new Set<{ server: SimNode; drop(): void }>();
  const latency = () => chance.between(1, weather.latency_ms);

  function connect(wire: Wire, receiver: Receiver): Connection {
    ports.trace('request', { method: wire.method, path: wire.path, from: receiver.node.name });
    let isOver = false;
    let isCut = false;
    let isStalled = false;
    let deliver: (() => void) | null = null;
    let hangUp = () => {};
    const toClient = (ms: number, run: () => void) =>
      scheduler.at(receiver.node, ms, () => {
        if (!isOver) run();
      });
    const end = () => {
      if (isOver) return;
      isOver = true;
      receiver.closed();
    };
    const fail = () => void toClient(latency(), end);

    function arrive(isFirst: boolean): void {
      const server = ports.server();
      if (!server) return isFirst ? fail() : undefined;
      const entry = { server: server.node, drop: fail };
      if (isFirst) connections.add(entry);
      scheduler.at(server.node, 0, () => {
        connections.delete(entry);
        if (isOver && isFirst) return;
        server.accept(wire, open(server, isFirst) as never);
      });
    }

    function open(server: Server, isHeard: boolean) {
      const { node } = server;
      const events = emitter();
      const socketEvents = emitter();
      let buffer: Buffer[] = [];
      let unsent = 0;
      let most = 0;
      let isFull = false;
      let isEnded = false;
      let isClosed = false;
      let isSending = false;
      let hasHead = false;
      let silent_ms = 0;
      let silence: ReturnType<Scheduler['at']> | null = null;
      const entry = { server: node, drop: () => {} };
      if (isHeard) connections.add(entry);

      const close = () => {
        if (isClosed) return;
        isClosed = true;
        connections.delete(entry);
        if (silence) scheduler.cancel(silence);
        events.emit('close');
        socketEvents.emit('close');
      };
      const closeSoon = () => void scheduler.at(node, latency(), close);
      entry.drop = () => {
        connections.delete(entry);
        isCut = true;
        fail();
      };
      if (isHeard) hangUp = closeSoon;

      const watch = () => {
        if (silence) scheduler.cancel(silence);
        if (silent_ms > 0 && !isClosed)
          silence = scheduler.at(node, silent_ms, () => {
            silence = null;
            if (!isClosed) events.emit('timeout');
          });
      };

      /** One piece on its way at a time: bytes never pass each other. */
      const send = (): void => {
        if (isSending || isStalled || isCut || !isHeard) return;
        if (buffer.length === 0 && !isEnded && !hasHead) return;
        isSending = true;
        toClient(latency(), () => {
          isSending = false;
          if (isCut || isStalled) return;
          if (hasHead) receiver.opened();
          hasHead = false;
          const all = buffer.length === 1 ? buffer[0]! : Buffer.concat(buffer);
          const isSplit = all.length > 1 && chance.is(weather.split);
          const size = isSplit ? chance.between(1, all.length - 1) : all.length;
          buffer = size < all.length ? [all.subarray(size)] : [];
          unsent -= size;
          ports.passed(size);
          if (isFull && unsent === 0) {
            isFull = false;
            scheduler.at(node, 0, () => !isClosed && socketEvents.emit('drain'));
          }
          if (silent_ms > 0 && !isClosed && size > 0) watch();
          if (size > 0) {
            ports.trace('bytes', { path: wire.path, bytes: size });
            receiver.bytes(all.subarray(0, size));
          }
          // In the middle of something is where it hurts.
          if (chance.is(isSplit ? weather.cut * SPLIT_CUTS : weather.cut)) return void connection.cut();
          if (isEnded && buffer.length === 0) {
            closeSoon();
            return end();
          }
          send();
        });
      };
      deliver = send;

      const write = (bytes: Buffer | string) => {
        if (isClosed || isEnded) return;
        const piece = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
        unsent += piece.length;
        most = Math.max(most, unsent);
        if (unsent > HIGH_WATER_BYTES) isFull = true;
        buffer.push(piece);
        send();
      };
      const socket = {
        ...socketEvents,
        destroyed: false,
        setTimeout(ms: number) {
          silent_ms = ms;
          watch();
        },
        setKeepAlive() {},
        setNoDelay() {},
        write,
        get writableLength() {
          return unsent;
        },
      };
      const response = {
        ...events,
        req: { socket },
        socket,
        chunkedEncoding: false,
        headersSent: false,
        get closed() {
          return isClosed;
        },
        get writableLength() {
          return unsent;
        },
        get most() {
          return most;
        },
        writeHead() {
          response.headersSent = true;
          hasHead = true;
          send();
        },
        flushHeaders() {},
        write,
        end(bytes?: string) {
          if (bytes) write(bytes);
          isEnded = true;
          send();
          if (!isHeard) closeSoon();
        },
        destroy() {
          isCut = true;
          fail();
          closeSoon();
        },
        finish(status: number, body: string) {
          if (!isHeard || isClosed) return;
          isClosed = true;
          connections.delete(entry);
          if (chance.is(weather.lost)) return fail();
          toClient(latency(), () => {
            isOver = true;
            ports.trace('answer', { path: wire.path, status });
            receiver.answered(status, body);
          });
        },
      };
      return response;
    }

    const connection: Connection = {
      close() {
        if (isOver) return;
        isOver = true;
        isCut = true;
        hangUp();
      },
      stall(now) {
        isStalled = now;
        if (!now) deliver?.();
      },
      cut() {
        if (isOver || isCut) return;
        isCut = true;
        fail();
        hangUp();
      },
    };
    if (chance.is(weather.lost)) scheduler.at(receiver.node, chance.between(50, 2_000), end);
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
      for (const connection of [...connections]) if (connection.server === of) connection.drop();
    },
    get open() {
      return connections.size;
    },
  };
}
