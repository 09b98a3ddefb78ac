// Clients that read without a browser: they attach, are cut off, stand still, and come back with the last id that they took
// in. All that they are given is held against the log, event by event. Knows no fault.
import type { Task } from '../../src/protocol/board.ts';
import { createBoardLook } from './board-look.ts';
import type { Chance } from './chance.ts';
import type { Scheduler, SimNode } from './clock.ts';
import { createEventParser } from './event-parser.ts';
import { createLook } from './look.ts';
import type { Connection, Network } from './network.ts';
import type { Truth, Violate } from './truth.ts';

export type Feed = 'session' | 'stream' | 'clarify' | 'approval' | 'board';

export interface SimReader {
  readonly name: string;
  /** Comes back when it was cut off, as long as this is so. */
  attach(): void;
  leave(): void;
  cut(): void;
  stall(isStalled: boolean): void;
  /** Q2: it has all there is. Null: yes. */
  behind(): string | null;
  readonly owner: string;
  /** BR4: the board that it has folded; null: it reads none, or has none now. */
  tasks(): ReadonlyMap<string, Task> | null;
}

export interface ReaderPorts {
  scheduler: Scheduler;
  chance: Chance;
  network: Network;
  truth: Truth;
  violate: Violate;
  node: SimNode;
}

export interface ReaderOf {
  name: string;
  feed: Feed;
  owner: string;
  /** of the session or the stream; of a board, none */
  id: string;
}

function pathOf({ feed, id }: ReaderOf): string {
  if (feed === 'session') return `/api/sessions/${id}/events`;
  if (feed === 'stream') return `/api/chat/stream?stream_id=${id}`;
  return feed === 'board' ? '/api/events' : `/api/${feed}/stream?session_id=${id}`;
}

export function createReader(of: ReaderOf, ports: ReaderPorts): SimReader {
  const { scheduler, chance, network, truth, violate, node } = ports;
  const board = of.feed === 'board' ? createBoardLook(of, violate) : null;
  const look = board ?? createLook(of, truth, violate);
  let connection: Connection | null = null;
  let isWanted = false;
  let isStalled = false;

  function again(): void {
    connection = null;
    if (isWanted) scheduler.at(node, chance.between(1, chance.is(0.5) ? 20 : 400), open);
  }

  function open(): void {
    if (!isWanted || connection) return;
    const parser = createEventParser();
    look.opened();
    const last = look.lastId();
    connection = network.connect(
      {
        method: 'GET',
        path: pathOf(of),
        headers: { owner: of.owner, ...(last === null ? {} : { 'last-event-id': last }) },
        body: null,
      },
      {
        node,
        opened() {},
        bytes(bytes) {
          for (const event of parser.take(bytes)) look.take(event);
        },
        answered(status) {
          // 204: there is nothing more; 404: it is deleted, or somebody else's.
          if (status === 204 || status === 404) {
            look.over(status);
            connection = null;
            isWanted = false;
          } else again();
        },
        closed: again,
      },
    );
    if (isStalled) connection.stall(true);
  }

  return {
    name: of.name,
    attach() {
      isWanted = true;
      open();
    },
    leave() {
      isWanted = false;
      connection?.close();
      connection = null;
    },
    cut: () => connection?.cut(),
    stall(now) {
      isStalled = now;
      connection?.stall(now);
    },
    behind: () => (isWanted ? look.behind() : null),
    owner: of.owner,
    tasks: () => (isWanted && board ? board.tasks() : null),
  };
}
