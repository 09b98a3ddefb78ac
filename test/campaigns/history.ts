// What clients really received, written down as it came: which connection asked for which feed from which cursor, each
// event with its bytes and its time, and what a command was promised. It judges nothing: history-check.ts does.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, Reader, SseEvent } from '../support/client.ts';
import { checkHistory, type Verdict } from './history-check.ts';

export type Entry =
  | {
      what: 'asked';
      at: number;
      connection: number;
      /** whose connection it is: a client that comes back keeps its name */
      reader: string;
      kind: 'stream' | 'session';
      /** a stream_id or a session_id */
      feed: string;
      /** null: from the beginning */
      cursor: string | null;
    }
  | { what: 'given'; at: number; connection: number; id: string | null; event: string; data: string }
  /** A 200 of a start, or of something that settles its run: how it must end, where that was said. */
  | { what: 'promised'; at: number; stream_id: string; outcome: string | null };

/** One client that follows one feed to the end of a run, over any number of connections. */
export interface Follower {
  /** the id of the newest record that it was given; null: none yet */
  readonly cursor: string | null;
  readonly isAtEnd: boolean;
  /** Connects from where it stands. */
  attach(client: Client): Promise<Reader>;
}

export interface History {
  readonly entries: readonly Entry[];
  /** records that were given to anybody so far */
  readonly frames: number;
  /** On the run's own feed. */
  follower(stream_id: string, reader?: string): Follower;
  /** A page: on its session's feed and the board, over one connection. */
  page(session_id: string, reader: string): Follower;
  promised(stream_id: string, outcome?: string): void;
  /** @throws with the first violations; the history is in a file by then */
  judge(name: string): Verdict;
}

const WORDS_MAX = 5;

export function createHistory(): History {
  const entries: Entry[] = [];
  let connections = 0;
  let frames = 0;

  function follow(kind: 'stream' | 'session', feed: string, reader: string): Follower {
    let cursor: string | null = null;
    let isAtEnd = false;
    return {
      get cursor() {
        return cursor;
      },
      get isAtEnd() {
        return isAtEnd;
      },
      attach(client) {
        connections += 1;
        const connection = connections;
        entries.push({ what: 'asked', at: Date.now(), connection, reader, kind, feed, cursor });
        const hear = ({ id = null, event, data }: Omit<SseEvent, 'id'> & { id?: string | null }) => {
          entries.push({ what: 'given', at: Date.now(), connection, id, event, data });
          if (id === null) return;
          frames += 1;
          cursor = id;
          isAtEnd ||= event === 'stream_end';
        };
        // A page says its cursors in the address.
        if (kind === 'session') return client.read(`/api/live?board=1&session=${cursor ?? feed}`, {}, hear);
        const path = `/api/chat/stream?stream_id=${feed}`;
        return client.read(path, cursor ? { 'last-event-id': cursor } : {}, hear);
      },
    };
  }

  return {
    entries,
    get frames() {
      return frames;
    },
    follower: (stream_id, reader = 'reader') => follow('stream', stream_id, reader),
    page: (session_id, reader) => follow('session', session_id, reader),
    promised(stream_id, outcome) {
      entries.push({ what: 'promised', at: Date.now(), stream_id, outcome: outcome ?? null });
    },
    judge(name) {
      const verdict = checkHistory(entries);
      if (verdict.violations.length === 0) return verdict;
      const file = join(tmpdir(), `weir-history-${name.replaceAll(/[^\w-]+/g, '-')}.jsonl`);
      writeFileSync(file, entries.map((entry) => JSON.stringify(entry)).join('\n'));
      const words = verdict.violations.slice(0, WORDS_MAX).join('\n');
      throw new Error(
        `${name}: ${verdict.violations.length} violations; what was received: ${file}\n${words}`,
      );
    },
  };
}

/** Reads a stream from its beginning to its end: what the log says. */
export async function readWhole(history: History, client: Client, stream_id: string): Promise<SseEvent[]> {
  const reader = await history.follower(stream_id, 'log').attach(client);
  await reader.ended;
  return reader.events.filter(({ id }) => id);
}
