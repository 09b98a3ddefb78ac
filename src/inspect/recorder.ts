// Numbers what observers tell and keeps the newest of it, with how actors stood before that: a recording that begins in the
// middle is complete. It reads no machine and knows no connection.

import type { Clock } from '../protocol/index.ts';
import {
  type Entry,
  foldActors,
  INSPECTION_BATCH_MAX,
  INSPECTION_FLUSH_MS,
  INSPECTION_RING_BYTES_MAX,
  INSPECTION_RING_MAX,
  type InspectedActor,
  type Observation,
  RECORDING_FORMAT,
  RECORDING_VERSION,
} from '../protocol/inspection.ts';
import { redact } from '../protocol/redaction.ts';
import type { Inspection } from './port.ts';
import { createRing } from './ring.ts';

/** Events of one actor that have not had their step; a machine answers at once, so more is a liar's. */
const UNANSWERED_MAX = 1_000;

export interface Recorder extends Omit<Inspection, 'tabTold'> {
  /** Takes the observation over. Of an actor that was not told of, it is dropped. */
  record(observation: Observation, bytes: number): void;
  close(): void;
}

interface Known {
  /** numbers of its events that have not had their step, oldest first */
  unanswered: number[];
  /** the event of its latest step */
  answered: number | null;
}

const BOUNDS = { entries: INSPECTION_RING_MAX, bytes: INSPECTION_RING_BYTES_MAX };

/** `bounds`: smaller ones, for a test */
export function createRecorder({ boot, clock }: { boot: string; clock: Clock }, bounds = BOUNDS): Recorder {
  const before = new Map<string, InspectedActor>();
  const ring = createRing(bounds, letGo);
  const known = new Map<string, Known>();
  const watchers = new Set<() => void>();
  let flush: unknown = null;

  /** What an actor's steps come to is bounded as one of them is: a tab may tell of other keys each time. */
  function letGo(entry: Entry): void {
    foldActors(before, entry);
    const stands = entry.kind === 'step' && before.get(entry.actor);
    if (stands) before.set(entry.actor, { ...stands, context: redact(stands.context).value });
  }

  function wakeAll(): void {
    flush = null;
    for (const wake of [...watchers]) wake();
  }

  /** Which event it answers: an actor takes its events in the order in which they came. */
  function numbered(observation: Observation, about: Known): Entry {
    const n = ring.n + 1;
    const { kind } = observation;
    if (kind === 'event') {
      about.unanswered.push(n);
      if (about.unanswered.length > UNANSWERED_MAX) about.unanswered.shift();
    } else if (kind === 'step') about.answered = about.unanswered.shift() ?? null;
    if (kind === 'step' || kind === 'command')
      return Object.assign(observation, { n, event_n: about.answered });
    return Object.assign(observation, { n });
  }

  return {
    boot,
    get n() {
      return ring.n;
    },
    record(observation, bytes) {
      const { kind, actor } = observation;
      if (kind === 'actor') known.set(actor, { unanswered: [], answered: null });
      const about = known.get(actor);
      if (!about) return;
      ring.add(numbered(observation, about), bytes);
      if (kind === 'stopped') known.delete(actor);
      if (flush === null && watchers.size > 0) flush = clock.setTimeout(wakeAll, INSPECTION_FLUSH_MS);
    },
    head: () => ({
      format: RECORDING_FORMAT,
      version: RECORDING_VERSION,
      source: 'server',
      made_at: clock.now(),
      boot,
      n: ring.first - 1,
      actors: [...before.values()],
    }),
    since: (n) => (n < ring.first - 1 || n > ring.n ? null : ring.after(n, INSPECTION_BATCH_MAX)),
    watch(wake) {
      const own = () => wake();
      watchers.add(own);
      return () => void watchers.delete(own);
    },
    close() {
      watchers.clear();
      if (flush !== null) clock.clearTimeout(flush);
    },
  };
}
