// The server's end of a connection: what a response and its socket are to `openSse` and to the routes, over a simulated wire.
// Bytes go one piece at a time and never pass each other. Knows no client but as who takes pieces.
import { SSE_UNSENT_BYTES_MAX } from '../../src/protocol/index.ts';
import type { Chance } from './chance.ts';
import type { Scheduler, SimNode, Task } from './clock.ts';

/** The other end, as far as bytes go. */
export interface Taker {
  /** In a while, unless it is over. */
  soon(run: () => void): void;
  opened(): void;
  bytes(bytes: Buffer): void;
  answered(status: number, body: string): void;
  /** Hears that no more comes, in a while. */
  fail(): void;
  /** No more comes: now. */
  end(): void;
  /** Somebody in between drops it. */
  cut(): void;
  /** false: nothing is taken at the moment */
  takes(): boolean;
}

export interface PipePorts {
  scheduler: Scheduler;
  chance: Chance;
  node: SimNode;
  /** null: nobody hears what comes of a request that was doubled on its way */
  taker: Taker | null;
  latency(): number;
  weather: { lost: number; cut: number; split: number };
  closed(): void;
  /** P10: more is unsent than ever may be. */
  overfull(bytes: number): void;
}

export interface Pipe {
  /** as `ServerResponse` */
  readonly response: object;
  /** The peer takes again, or has something to take. */
  send(): void;
  /** Its process hears of the end in a while. */
  closeSoon(): void;
  readonly isCut: boolean;
  drop(): void;
}

/** What may be unsent, and what one write may hold beside it: a snapshot, or an event that is larger than any piece. */
const ONE_WRITE_BYTES = 512 * 1024;
const UNSENT_BYTES_MAX = SSE_UNSENT_BYTES_MAX + ONE_WRITE_BYTES;
/** What a real socket takes before it says that it is behind. */
const HIGH_WATER_BYTES = 16 * 1024;
/** How much likelier a cut is behind half a piece. */
const SPLIT_CUTS = 6;

type Listener = () => void;

function emitter() {
  const listeners = new Map<string, Listener[]>();
  return {
    on: (name: string, listener: Listener) =>
      void listeners.set(name, [...(listeners.get(name) ?? []), listener]),
    removeListener: (name: string, listener: Listener) =>
      void listeners.set(
        name,
        (listeners.get(name) ?? []).filter((one) => one !== listener),
      ),
    emit(name: string) {
      for (const listener of listeners.get(name) ?? []) listener();
    },
  };
}

export function createPipe(ports: PipePorts): Pipe {
  const { scheduler, chance, node, taker, latency, weather } = ports;
  const events = emitter();
  const socketEvents = emitter();
  let buffer: Buffer[] = [];
  let unsent = 0;
  let isBehind = false;
  let isEnded = false;
  let isClosed = false;
  let isCut = false;
  let isSending = false;
  let hasHead = false;
  let silent_ms = 0;
  let silence: Task | null = null;

  function close(): void {
    if (isClosed) return;
    isClosed = true;
    ports.closed();
    if (silence) scheduler.cancel(silence);
    events.emit('close');
    socketEvents.emit('close');
  }
  const closeSoon = () => void scheduler.at(node, latency(), close);

  /** A peer that has something to take and takes nothing is told of by the socket. */
  function watch(): void {
    if (silence) scheduler.cancel(silence);
    silence = null;
    if (silent_ms === 0 || isClosed) return;
    silence = scheduler.at(node, silent_ms, () => {
      silence = null;
      if (!isClosed) events.emit('timeout');
    });
  }

  function send(): void {
    if (isSending || isCut || !taker?.takes()) return;
    if (buffer.length === 0 && !isEnded && !hasHead) return;
    isSending = true;
    taker.soon(() => {
      isSending = false;
      if (!isCut && taker.takes()) deliver(taker);
    });
  }

  /** Half of what waits, or all. */
  function piece(): { bytes: Buffer; isSplit: boolean } {
    const all = buffer.length === 1 ? buffer[0]! : Buffer.concat(buffer);
    const isSplit = all.length > 1 && chance.is(weather.split);
    const size = isSplit ? chance.between(1, all.length - 1) : all.length;
    buffer = size < all.length ? [all.subarray(size)] : [];
    unsent -= size;
    return { bytes: all.subarray(0, size), isSplit };
  }

  function deliver(to: Taker): void {
    if (hasHead) to.opened();
    hasHead = false;
    const { bytes, isSplit } = piece();
    if (isBehind && unsent === 0) {
      isBehind = false;
      scheduler.at(node, 0, () => !isClosed && socketEvents.emit('drain'));
    }
    if (bytes.length > 0) {
      watch();
      to.bytes(bytes);
    }
    // In the middle of something is where it hurts.
    if (chance.is(isSplit ? weather.cut * SPLIT_CUTS : weather.cut)) to.cut();
    else if (isEnded && buffer.length === 0) {
      closeSoon();
      to.end();
    } else send();
  }

  function write(bytes: Buffer | string): void {
    if (isClosed || isEnded) return;
    const added = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    unsent += added.length;
    if (unsent > UNSENT_BYTES_MAX) ports.overfull(unsent);
    isBehind ||= unsent > HIGH_WATER_BYTES;
    buffer.push(added);
    send();
  }

  function drop(): void {
    isCut = true;
    taker?.fail();
  }

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
      if (!taker) closeSoon();
    },
    destroy() {
      drop();
      closeSoon();
    },
    finish(status: number, body: string) {
      if (!taker || isClosed) return;
      isClosed = true;
      ports.closed();
      if (chance.is(weather.lost)) taker.fail();
      else taker.soon(() => taker.answered(status, body));
    },
  };
  return {
    response,
    send,
    closeSoon,
    drop,
    get isCut() {
      return isCut;
    },
  };
}
