// All open SSE connections: heartbeats, lifetimes, who is let go and why. It knows no log.
import type { ServerResponse } from 'node:http';
import {
  type Clock,
  encodeEvent,
  encodeHeartbeat,
  encodeRetry,
  type Random,
  Rejection,
  SSE_CONNECTIONS_MAX,
  SSE_READER_SILENT_MS,
  SSE_RETRY_MAX_MS,
  SSE_RETRY_MIN_MS,
} from '../protocol/index.ts';
import { openSse, type SseConnection } from './sse-connection.ts';

export interface SseSettings {
  heartbeat_ms: number;
  lifetime_ms: number;
  /** a reader that takes nothing for this long is destroyed */
  silent_ms?: number;
  /** Whether a login still counts; absent: none is ever revoked. */
  knows?(login: string): boolean;
  clock: Clock;
  random: Random;
}

export type EndReason = 'lifetime' | 'shutdown' | 'unauthorized' | 'deleted';

export interface SseHub {
  /** Opens a stream with its first bytes. `login`: whose revocation ends it. @throws Rejection too_many, shutting_down, unauthorized */
  open(response: ServerResponse, login: string | null, onClosed: () => void): SseConnection;
  endAll(reason: EndReason): void;
  endOf(login: string): void;
  readonly size: number;
  /** Bytes that all peers together have not taken yet. */
  readonly unsent: number;
}

export const encodeEnd = (reason: EndReason): string => encodeEvent('end', JSON.stringify({ reason }));

export function createSseHub(settings: SseSettings): SseHub {
  const { clock, random, heartbeat_ms, lifetime_ms, silent_ms = SSE_READER_SILENT_MS } = settings;
  const open = new Map<SseConnection, string | null>();
  let isClosing = false;

  function keepAlive(connection: SseConnection): () => void {
    let beat = clock.setTimeout(function tick() {
      // One who has bytes to take in learns nothing from another beat, and every write would count as a sign of its life.
      if (connection.unsent === 0) connection.write(encodeHeartbeat(clock.now()));
      beat = clock.setTimeout(tick, heartbeat_ms);
    }, heartbeat_ms);
    const life = clock.setTimeout(() => connection.end(encodeEnd('lifetime')), lifetime_ms);
    return () => {
      clock.clearTimeout(beat);
      clock.clearTimeout(life);
    };
  }

  return {
    open(response, login, onClosed) {
      if (isClosing) throw new Rejection('shutting_down', 'The server is shutting down.');
      // Revoked while this stream was made ready: nobody would end it any more.
      if (login !== null && settings.knows?.(login) === false)
        throw new Rejection('unauthorized', 'This login is over.');
      if (open.size >= SSE_CONNECTIONS_MAX)
        throw new Rejection('too_many', `At most ${SSE_CONNECTIONS_MAX} streams can be open.`, {
          retry_after_seconds: 5,
        });
      const connection = openSse(response, silent_ms, () => {
        stop();
        open.delete(connection);
        onClosed();
      });
      const stop = keepAlive(connection);
      open.set(connection, login);
      // Jitter: after a restart no two tabs come back in the same moment.
      connection.write(
        encodeRetry(SSE_RETRY_MIN_MS + random.fraction() * (SSE_RETRY_MAX_MS - SSE_RETRY_MIN_MS)),
      );
      return connection;
    },
    endAll(reason) {
      isClosing ||= reason === 'shutdown';
      for (const connection of open.keys()) connection.end(encodeEnd(reason));
    },
    endOf(login) {
      for (const [connection, of] of open) if (of === login) connection.end(encodeEnd('unauthorized'));
    },
    get size() {
      return open.size;
    },
    get unsent() {
      let bytes = 0;
      for (const connection of open.keys()) bytes += connection.unsent;
      return bytes;
    },
  };
}
