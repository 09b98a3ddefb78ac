// The entries of an inspection, and how every actor stood after each: a fold with a copy every so often, so that any moment
// is a short way from one. Bounded: what is older than the newest entries is folded away. Knows no page and no connection.
import type { Entry, RecordingHead } from '../../protocol/inspection.ts';
import { type ActorNow, apply, type World, worldOf } from './fold.ts';

/** Entries between two copies of the world. */
const COPY_EVERY = 256;

type Step = Extract<Entry, { kind: 'step' }>;
type Command = Extract<Entry, { kind: 'command' }>;

export interface History {
  readonly head: RecordingHead | null;
  /** number of the oldest entry that is kept, and of the newest; `first > last`: none */
  readonly first: number;
  readonly last: number;
  /** how all stand now; the same object, changing */
  readonly world: World;
  entry(n: number): Entry | null;
  append(entries: readonly Entry[]): void;
  /** How all stood after entry `n`; a copy. */
  worldAt(n: number): World;
  actorAt(id: string, n: number): ActorNow | null;
  /** numbers of the entries by which an actor began and took its steps, oldest first */
  stepsOf(id: string): readonly number[];
  /** what became of an event */
  stepFor(event_n: number): Step | null;
  commandsFor(event_n: number): Command[];
}

interface Chunk {
  /** how all stood before its first entry */
  world: World;
  entries: Entry[];
}

const without = (numbers: number[], first: number): number[] => numbers.filter((n) => n >= first);

/** `max`: entries that are kept */
export function createHistory(head: RecordingHead | null, max: number): History {
  const world = worldOf(head?.actors ?? []);
  let first = (head?.n ?? 0) + 1;
  let last = first - 1;
  let chunks: Chunk[] = [];
  const steps = new Map<string, number[]>();
  /** numbers of a step and of commands, by the number of their event */
  const answers = new Map<number, number[]>();

  function file(entry: Entry): void {
    if (entry.kind === 'step' || entry.kind === 'actor') {
      const of = steps.get(entry.actor);
      if (of) of.push(entry.n);
      else steps.set(entry.actor, [entry.n]);
    }
    if ((entry.kind !== 'step' && entry.kind !== 'command') || entry.event_n === null) return;
    const told = answers.get(entry.event_n);
    if (told) told.push(entry.n);
    else answers.set(entry.event_n, [entry.n]);
  }

  function append(entry: Entry): void {
    const chunk = chunks.at(-1);
    if (chunk && chunk.entries.length < COPY_EVERY) chunk.entries.push(entry);
    else chunks.push({ world: new Map(world), entries: [entry] });
    last = entry.n;
    apply(world, entry);
    file(entry);
  }

  /** Whole chunks go: the next one begins with a copy of the world. */
  function drop(): void {
    const gone = Math.floor((last - first + 1 - max) / COPY_EVERY);
    if (gone <= 0) return;
    for (const { entries } of chunks.slice(0, gone)) for (const { n } of entries) answers.delete(n);
    chunks = chunks.slice(gone);
    first = chunks[0]?.entries[0]?.n ?? last + 1;
    for (const [id, numbers] of steps) {
      if ((numbers[0] ?? first) >= first) continue;
      const kept = without(numbers, first);
      if (kept.length > 0) steps.set(id, kept);
      else steps.delete(id);
    }
  }

  const chunkOf = (n: number): Chunk | null => chunks[Math.floor((n - first) / COPY_EVERY)] ?? null;
  const entryOf = (n: number): Entry | null => chunkOf(n)?.entries[(n - first) % COPY_EVERY] ?? null;
  const answersTo = (event_n: number): Entry[] =>
    (answers.get(event_n) ?? []).flatMap((n) => entryOf(n) ?? []);

  function worldAt(n: number): World {
    if (n >= last) return new Map(world);
    const chunk = chunkOf(Math.max(n, first));
    const then = new Map(chunk?.world ?? world);
    for (const entry of chunk?.entries ?? []) {
      if (entry.n > n) break;
      apply(then, entry);
    }
    return then;
  }

  return {
    head,
    get first() {
      return first;
    },
    get last() {
      return last;
    },
    world,
    entry: entryOf,
    append(entries) {
      for (const entry of entries) if (entry.n === last + 1) append(entry);
      drop();
    },
    worldAt,
    actorAt: (id, n) => worldAt(n).get(id) ?? null,
    stepsOf: (id) => steps.get(id) ?? [],
    stepFor: (event_n) => answersTo(event_n).find((entry) => entry.kind === 'step') ?? null,
    commandsFor: (event_n) => answersTo(event_n).filter((entry) => entry.kind === 'command'),
  };
}
