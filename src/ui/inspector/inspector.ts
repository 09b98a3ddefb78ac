// What the inspector shows: an inspection, live or opened from a file; where in it one stands; what of it is looked at.
// Everything that comes between two frames is told once. Knows no document: frames and the feed are handed in.
import type { Entry, RecordingHead } from '../../protocol/inspection.ts';
import type { ReadRecording } from '../../protocol/recording.ts';
import type { FeedState } from './feed.ts';
import type { World } from './fold.ts';
import { createHistory, type History } from './history.ts';
import { nextOf } from './pace.ts';
import { createRows, type RowFilter, type Rows } from './rows.ts';

/** Entries that the page keeps of a live inspection. */
const LIVE_ENTRIES_MAX = 40_000;
/** While entries come it is drawn at most this often: nobody reads faster, and the page stays the reader's. */
const DRAW_EVERY_MS = 100;

export interface Shown {
  /** counts what is told */
  readonly version: number;
  readonly history: History;
  readonly rows: Rows;
  /** name of the file; null: live */
  readonly file: string | null;
  readonly feed: FeedState;
  /** why it began anew while somebody looked on */
  readonly anew: 'restarted' | 'gap' | null;
  /** of a file that ends in the middle of a line, which one */
  readonly cut_line: number | null;
  /** at the newest entry, whatever comes */
  readonly isFollowing: boolean;
  readonly isPlaying: boolean;
  /** the entry that is looked at; 0: there is none */
  readonly n: number;
  /** how all stand then: after its own step */
  readonly world: World;
  readonly actor: string | null;
  /** by a person; else it is the newest run */
  readonly isChosen: boolean;
  readonly filter: Omit<RowFilter, 'actor'>;
}

export interface InspectorPorts {
  frame(draw: () => void): void;
  after(ms: number, act: () => void): () => void;
  now(): number;
}

export type Inspector = ReturnType<typeof createInspector>;

const nothing = createHistory(null, LIVE_ENTRIES_MAX);

export function createInspector(ports: InspectorPorts) {
  let pending: Entry[] = [];
  let isDue = false;
  let drawn_at = 0;
  let stopPlaying: (() => void) | null = null;
  const listeners = new Set<() => void>();
  const filter: Shown['filter'] = { text: '', machine: null, scope: 'family' };
  let shown: Shown = {
    version: 0,
    history: nothing,
    rows: createRows(nothing, { ...filter, actor: null }),
    file: null,
    feed: 'connecting',
    anew: null,
    cut_line: null,
    isFollowing: true,
    isPlaying: false,
    n: 0,
    world: nothing.world,
    actor: null,
    isChosen: false,
    filter,
  };

  /** An entry is looked at with what became of it. */
  const endOf = ({ history }: Shown, n: number): number => Math.max(n, history.stepFor(n)?.n ?? n);

  function show(changes: Partial<Shown>): void {
    const next = { ...shown, ...changes, version: shown.version + 1 };
    const newest = next.rows.numbers.at(-1) ?? next.history.last;
    const first = Math.min(next.history.first, newest);
    const n = next.isFollowing ? newest : Math.max(next.n, first);
    const world = next.isFollowing ? next.history.world : next.history.worldAt(endOf(next, n));
    shown = { ...next, n, world };
    for (const listener of listeners) listener();
  }

  const rowsFor = (changes: Partial<Shown>): Rows => {
    const { history, filter, actor } = { ...shown, ...changes };
    return createRows(history, { ...filter, actor });
  };
  const showRows = (changes: Partial<Shown>): void => show({ ...changes, rows: rowsFor(changes) });

  /** What is worth a look: the run that was, as long as it lives; the newest that lives; the newest; anybody. */
  function choose(world: World): string | null {
    const before = shown.actor === null ? undefined : world.get(shown.actor);
    if (before?.machine === 'stream' && before.status === 'active') return before.id;
    const all = [...world.values()];
    const streams = all.filter(({ machine }) => machine === 'stream');
    const live = streams.findLast(({ status }) => status === 'active');
    return (live ?? streams.at(-1) ?? all[0])?.id ?? null;
  }

  function flush(): void {
    isDue = false;
    const entries = pending;
    pending = [];
    if (entries.length === 0 || shown.file !== null) return;
    shown.history.append(entries);
    shown.rows.take(entries);
    const isFree = shown.isFollowing && !shown.isChosen;
    const actor = isFree ? choose(shown.history.world) : shown.actor;
    if (actor !== shown.actor) showRows({ actor });
    else if (shown.isFollowing) show({});
    else show({ isFollowing: false });
  }
  function draw(): void {
    const began = ports.now();
    const rest = DRAW_EVERY_MS - (began - drawn_at);
    if (rest > 0) {
      ports.after(rest, () => ports.frame(draw));
      return;
    }
    drawn_at = began;
    flush();
  }

  function begin(history: History, changes: Partial<Shown>): void {
    const actor = choose(history.world);
    const rows = createRows(history, { ...shown.filter, actor });
    show({ history, actor, rows, isPlaying: false, isChosen: false, cut_line: null, ...changes });
  }

  function pause(): void {
    stopPlaying?.();
    stopPlaying = null;
  }
  function stepBy(steps: number): void {
    const { rows, n } = shown;
    // From between two rows the one before is a step back.
    const from = rows.placeOf(n) + (steps < 0 && !rows.has(n) ? 1 : 0);
    const place = Math.min(Math.max(from + steps, 0), rows.numbers.length - 1);
    const next = rows.numbers[place];
    if (next !== undefined) show({ n: next, isFollowing: false });
  }
  function playOn(): void {
    const next = nextOf(shown.rows, shown.n);
    if (next === null) {
      pause();
      show({ isPlaying: false });
      return;
    }
    stopPlaying = ports.after(next.wait_ms, () => {
      show({ n: next.n });
      playOn();
    });
  }

  return {
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    shown: () => shown,

    /** The feed begins, or begins anew because something was lost. Nothing was lost where it begins inside of what is known. */
    begun(head: RecordingHead): void {
      if (shown.file !== null) return;
      const { history } = shown;
      const goesOn =
        history.head?.boot === head.boot && head.n <= history.last && head.n >= history.first - 1;
      pending = goesOn ? pending : [];
      if (goesOn) return;
      const before = history.head?.boot;
      const anew = before === undefined ? null : before === head.boot ? 'gap' : 'restarted';
      begin(createHistory(head, LIVE_ENTRIES_MAX), { isFollowing: true, anew });
    },
    told(entries: Entry[]): void {
      for (const entry of entries) pending.push(entry);
      // A page that nobody looks at is given no frames.
      if (pending.length > LIVE_ENTRIES_MAX) flush();
      if (isDue) return;
      isDue = true;
      ports.frame(draw);
    },
    feedChanged: (feed: FeedState): void => show({ feed }),
    noted: (): void => show({ anew: null, cut_line: null }),

    opened({ head, entries, cut_line }: ReadRecording, file: string): void {
      pause();
      const history = createHistory(head, Number.POSITIVE_INFINITY);
      history.append(entries);
      // At its end stands what it is opened for; at its beginning nobody is born yet.
      begin(history, { file, isFollowing: false, n: history.last, feed: 'lost', anew: null, cut_line });
      stepBy(0);
    },
    /** Nothing is known until the feed begins. */
    wentLive(): void {
      pause();
      const fresh = { file: null, isFollowing: true, feed: 'connecting', anew: null } as const;
      begin(createHistory(null, LIVE_ENTRIES_MAX), fresh);
    },
    chosen: (actor: string): void => showRows({ actor, isChosen: true }),
    filtered(changes: Partial<Shown['filter']>): void {
      showRows({ filter: { ...shown.filter, ...changes } });
    },
    goTo(n: number): void {
      pause();
      show({ n, isFollowing: false, isPlaying: false });
    },
    stepped(steps: number): void {
      pause();
      show({ isPlaying: false });
      stepBy(steps);
    },
    /** Live: stands still, or follows again. A recording: plays on from here, or from its beginning. */
    switched(): void {
      const wasPlaying = shown.isPlaying;
      pause();
      if (shown.file === null) show({ isFollowing: !shown.isFollowing });
      else if (wasPlaying) show({ isPlaying: false });
      else {
        const isOver = shown.rows.placeOf(shown.n) >= shown.rows.numbers.length - 1;
        show({ isPlaying: true, ...(isOver && { n: shown.rows.numbers[0] ?? 0 }) });
        playOn();
      }
    },
    close(): void {
      pause();
      listeners.clear();
    },
  };
}
