// A browser with tabs, and a server with a log, as a model: locks, a channel, sources and time, all under the test's hand.
// What the tabs run is the page's own line; nothing of a real browser is here.
import type { Board } from '../../src/protocol/index.ts';
import type { Channel, Message } from '../../src/ui/line/channel.ts';
import { createLocks, type Manager, type OpenLocks } from '../../src/ui/line/locks.ts';
import {
  createPageLine,
  type LineListener,
  type PageLine,
  type SessionLine,
} from '../../src/ui/line/page-line.ts';
import type { Heard } from '../../src/ui/line/said.ts';
import type { SourceListener } from '../../src/ui/line/source.ts';
import type { PageFact } from '../../src/ui/page-facts.ts';
import { Gate, LockModel, later } from './lock-model.ts';

interface Source {
  gate: Gate;
  listener: SourceListener;
  cursors: Map<string, number>;
  board: number | null;
  isOpen: boolean;
  isClosed: boolean;
}

/** A pane as AT11 has it: what is not above its cursor is ignored, a hole is gone back for. */
export interface Pane {
  session_id: string;
  taken: number[];
  /** times that it was told what it had not asked for */
  resets: number;
  /** gone back for: the line gives every tab a run without holes, so there is none */
  holes: number;
  /** times that it was told to ask for itself */
  polls: number;
  isOpen: boolean;
}

export interface TabModel {
  tab: string;
  line: PageLine;
  pane: Pane;
  /** numbers of the board's events since its last snapshot, that included */
  board: number[];
  gate: Gate;
  tell(type: PageFact['type']): void;
  show(session_id: string): void;
  setSeen(isSeen: boolean): void;
}

/** What a browser has to share with: all of it, no locks (plain http on a LAN address), or locks that it refuses. */
export type Sharing = 'shared' | 'without locks' | 'with locks refused';

export class World {
  readonly locks = new LockModel();
  readonly #sharing: Sharing;
  readonly logs = new Map<string, number>();
  board = 0;
  isServerThere = true;
  readonly tabs = new Map<string, TabModel>();
  readonly #channels = new Map<Channel, { gate: Gate; listener: (message: Message) => void }>();
  readonly #sources = new Set<Source>();
  #tabs = 0;
  #term = 0;
  /** sources that were asked for, and boards */
  opened = 0;
  boardReads = 0;
  /** tabs that nothing is for any more */
  readonly forgotten = new Set<string>();

  constructor(sharing: Sharing = 'shared') {
    this.#sharing = sharing;
  }

  get openSources(): number {
    return this.#sources.size;
  }

  append(session_id: string): void {
    const pos = (this.logs.get(session_id) ?? 0) + 1;
    this.logs.set(session_id, pos);
    for (const source of this.#sources) this.#serve(source);
  }

  change(): void {
    this.board += 1;
    for (const source of this.#sources) this.#serve(source);
  }

  /** Every connection breaks. */
  cut(): void {
    for (const source of [...this.#sources]) {
      this.#sources.delete(source);
      later(source.gate, () => source.isClosed || source.listener.failed());
    }
  }

  /** The server ends its lines, as it does now and then. */
  end(): void {
    for (const source of [...this.#sources]) this.#say(source, 'end', '', { reason: 'lifetime' });
  }

  #say(source: Source, event: string, id: string, data: object): void {
    later(source.gate, () => source.isClosed || source.listener.event(event, id, JSON.stringify(data)));
  }

  #serve(source: Source): void {
    if (!source.isOpen) return;
    for (const [session_id, cursor] of source.cursors) {
      const head = this.logs.get(session_id) ?? 0;
      for (let pos = cursor + 1; pos <= head; pos += 1)
        this.#say(source, 'token', `${session_id}:${pos}`, { pos });
      source.cursors.set(session_id, head);
    }
    if (source.board === null) return;
    for (let n = source.board + 1; n <= this.board; n += 1) this.#say(source, 'task.status', '', { n });
    source.board = this.board;
  }

  #snapshot(): Board {
    const pulse = { running: 0, waiting: 0, done_today: 0, oldest_wait_seconds: null };
    return { boot: 'b', n: this.board, tasks: [], pulse };
  }

  #openSource(gate: Gate, path: string, listener: SourceListener): () => void {
    this.opened += 1;
    const query = new URL(path, 'http://localhost').searchParams;
    const named = query.getAll('session').map((ref) => ref.split(':') as [string, string]);
    const source: Source = {
      gate,
      listener,
      cursors: new Map(),
      board: null,
      isOpen: false,
      isClosed: false,
    };
    this.#sources.add(source);
    later(gate, () => {
      if (!this.#sources.has(source)) return;
      if (!this.isServerThere) {
        this.#sources.delete(source);
        return listener.failed();
      }
      source.isOpen = true;
      listener.opened();
      for (const [session_id, pos] of named) {
        const head = this.logs.get(session_id) ?? 0;
        this.#say(source, 'snapshot', '', { session: { session_id }, head });
        source.cursors.set(session_id, Number(pos));
      }
      const board = query.get('board');
      if (board === '1') this.#say(source, 'snapshot', '', this.#snapshot());
      if (board !== null) source.board = board === '1' ? this.board : Number(board.split(':')[1]);
      this.#serve(source);
    });
    return () => {
      source.isClosed = true;
      this.#sources.delete(source);
    };
  }

  #openChannel(gate: Gate, listener: (message: Message) => void): Channel {
    const channel: Channel = {
      post: (message) =>
        gate.pass(() => {
          for (const [other, to] of this.#channels)
            if (other !== channel)
              later(to.gate, () => this.#channels.has(other) && to.listener(structuredClone(message)));
        }),
      forget: (tab) => void this.forgotten.add(tab),
      close: () => void this.#channels.delete(channel),
    };
    this.#channels.set(channel, { gate, listener });
    return channel;
  }

  #openLocks(gate: Gate): OpenLocks | null {
    if (this.#sharing === 'without locks') return null;
    const refusing: Manager = {
      request: () => Promise.reject(new DOMException('denied', 'SecurityError')),
      query: () => Promise.reject(new DOMException('denied', 'SecurityError')),
    };
    const manager = this.#sharing === 'shared' ? this.locks.of(gate) : refusing;
    return (name, listener) => createLocks(manager, name, listener);
  }

  open(session_id: string): TabModel {
    this.#tabs += 1;
    const tab = `p${this.#tabs}`;
    const gate = new Gate();
    let isSeen = true;
    let tell: (fact: PageFact) => void = () => {};
    const line = createPageLine({
      tab,
      now: Date.now,
      seed: () => Math.imul(this.#tabs, 0x9e3779b1) >>> 0,
      openSource: (path, listener) => this.#openSource(gate, path, listener),
      openChannel: (listener) => this.#openChannel(gate, listener),
      openLocks: this.#openLocks(gate),
      nextTurn: (callback) => later(gate, callback, 0),
      watchPage: (_now, listener) => {
        tell = listener;
        return () => {};
      },
      isHidden: () => !isSeen,
      term: { kept: () => this.#term, keep: (term) => this.#keep(term) },
      isLockedOut: async () => false,
      lockedOut() {},
      broken(bug) {
        throw bug;
      },
      readBoard: async () => {
        this.boardReads += 1;
        return this.#snapshot();
      },
    });
    const pane: Pane = { session_id, taken: [], resets: 0, holes: 0, polls: 0, isOpen: false };
    const model: TabModel = {
      tab,
      line,
      pane,
      board: [],
      gate,
      tell: (type) => gate.pass(() => tell({ type, at: Date.now() })),
      setSeen(seen) {
        isSeen = seen;
        model.tell(seen ? 'page.shown' : 'page.hidden');
      },
      show(of) {
        watch?.close();
        model.pane = { session_id: of, taken: [], resets: 0, holes: 0, polls: 0, isOpen: false };
        watch = watchPane(line, model.pane);
      },
    };
    let watch: SessionLine | null = watchPane(line, pane);
    const begin = ({ n }: { n: number }): void => {
      model.board = [n];
    };
    line.board({
      snapshot: begin,
      event: (_name, data) => void model.board.push((data as { n: number }).n),
      gap() {},
      polled: begin,
    });
    this.tabs.set(tab, model);
    return model;
  }

  #keep(term: number): void {
    this.#term = term;
  }

  close(model: TabModel): void {
    model.tell('page.frozen');
    this.crash(model);
  }

  /** It is gone without a word. */
  crash(model: TabModel): void {
    model.gate.isGone = true;
    this.tabs.delete(model.tab);
    this.locks.drop(model.gate);
    for (const source of [...this.#sources]) if (source.gate === model.gate) this.#sources.delete(source);
    for (const [channel, { gate }] of [...this.#channels])
      if (gate === model.gate) this.#channels.delete(channel);
    // Its timers are still ours to end.
    model.line.close();
  }
}

function watchPane(line: PageLine, pane: Pane): SessionLine {
  const cursor = () => pane.taken.at(-1) ?? 0;
  const listener: LineListener = {
    cursor,
    line: ({ type }) => {
      pane.isOpen = type === 'line.opened';
    },
    heard() {},
    event({ pos, event }: Heard) {
      if (event === 'reset') pane.resets += 1;
      if (pos === null || pos <= cursor()) return;
      if (pos === cursor() + 1) pane.taken.push(pos);
      else {
        pane.holes += 1;
        watch.reattach();
      }
    },
    poll() {
      pane.polls += 1;
    },
  };
  const watch = line.watch(pane.session_id, listener);
  return watch;
}
