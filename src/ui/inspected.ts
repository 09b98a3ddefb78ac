// A page tells its server, which inspects, of its own machines: a script of its own that comes before the page begins, and
// only from such a server. Nothing of it is in the page. What may not have arrived is sent again; instead of what is too much
// to keep, it is told how the actors stand.
import { createObserver } from '../machines/observer.ts';
import {
  type Entry,
  foldActors,
  INSPECTED_TAB_BEAT_MS,
  INSPECTED_TAB_FLUSH_MS,
  INSPECTION_BATCH_MAX,
  type InspectedActor,
  type Observation,
  type TabObservations,
} from '../protocol/inspection.ts';

/** Entries of one body: half of what it may hold. */
const BATCH_MAX = INSPECTION_BATCH_MAX / 2;
/** What is wrong or too large is so the next time, too; whatever else is answered may be another time. */
const REFUSED: readonly number[] = [400, 413];
/** Entries that wait for their turn. */
const WAITING_MAX = 20 * BATCH_MAX;

const tab = `t_${[...crypto.getRandomValues(new Uint8Array(4))].map((byte) => byte.toString(16)).join('')}`;
const actors = new Map<string, InspectedActor>();
let waiting: Observation[] = [];
/** On its way, or perhaps not arrived: it is told again until somebody says that it was heard. */
let unheard: TabObservations | null = null;
let told_n = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let isSending = false;
/** It is sent in a moment. */
let isSoon = false;
let hasTold = false;
/** The server knows less than has happened: before anything else it is told how the actors stand. */
let isBehind = false;

function later(ms: number): void {
  clearTimeout(timer);
  isSoon = ms === INSPECTED_TAB_FLUSH_MS;
  timer = setTimeout(send, ms);
}

/** How they began is not told twice. */
const standing = (): Observation[] =>
  [...actors.values()].map(({ n: _n, ...actor }) => ({ ...actor, input: null }));

function batchOf(entries: Observation[]): TabObservations {
  const batch = { tab, first: told_n, entries };
  told_n += entries.length;
  return batch;
}

/** `keepalive`: it goes out although the page goes; so small that it may. */
const post = (batch: TabObservations, keepalive = false): Promise<Response> =>
  fetch('/inspect/entries', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(batch),
    keepalive,
    signal: AbortSignal.timeout(INSPECTED_TAB_BEAT_MS),
  });

async function send(): Promise<void> {
  isSoon = false;
  if (isBehind) {
    waiting = standing();
    unheard = null;
  }
  isBehind = false;
  const batch = unheard ?? batchOf(waiting.splice(0, BATCH_MAX));
  unheard = batch;
  isSending = true;
  const answer = await post(batch).catch(() => null);
  const heard = answer?.ok ? await answer.json().catch(() => null) : null;
  isSending = false;
  const isRefused = REFUSED.includes(answer?.status ?? 0);
  if ((heard || isRefused) && unheard === batch) unheard = null;
  // It was started anew, or had given this tab up.
  if (heard && !heard.known && hasTold) isBehind = true;
  // Unless it was just that which was refused.
  if (isRefused && batch.entries.some(({ kind }) => kind !== 'actor')) isBehind = true;
  hasTold ||= heard !== null;
  const hasMore = isRefused ? isBehind : heard && waiting.length > 0;
  later(hasMore ? INSPECTED_TAB_FLUSH_MS : INSPECTED_TAB_BEAT_MS);
}

function tell(observation: Observation): void {
  foldActors(actors, { ...observation, n: 0 } as Entry);
  if (waiting.length >= WAITING_MAX) {
    waiting = [];
    isBehind = true;
  }
  waiting.push(observation);
  if (!isSending && !isSoon) later(INSPECTED_TAB_FLUSH_MS);
}

addEventListener('pagehide', () => {
  const at = Date.now();
  // A page that is kept for the way back tells again when it is shown.
  const ends = [...actors.keys()].map(
    (actor): Observation => ({ kind: 'stopped', at, actor, why: 'stopped' }),
  );
  post(batchOf(ends.slice(0, BATCH_MAX)), true).catch(() => {});
  waiting = [];
  unheard = null;
  isBehind = true;
});

globalThis.weirInspect = createObserver(Date.now, tell).watch;
