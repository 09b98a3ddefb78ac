// A page tells its server, which inspects, of its own machines: a script of its own that comes before the page begins, and
// only from such a server. Nothing of it is in the page. What can't be sent is dropped; how actors stand is told anew then.
import { createObserver } from '../machines/observer.ts';
import {
  type Entry,
  foldActors,
  INSPECTED_TAB_BEAT_MS,
  INSPECTED_TAB_FLUSH_MS,
  INSPECTION_BATCH_MAX,
  type InspectedActor,
  type Observation,
} from '../protocol/inspection.ts';

/** Entries of one body: half of what it may hold. */
const BATCH_MAX = INSPECTION_BATCH_MAX / 2;
/** Entries that wait for their turn. */
const WAITING_MAX = 20 * BATCH_MAX;

const tab = `t_${[...crypto.getRandomValues(new Uint8Array(4))].map((byte) => byte.toString(16)).join('')}`;
const actors = new Map<string, InspectedActor>();
let waiting: Observation[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let isSending = false;
let hasTold = false;
/** The server knows less than has happened: before anything else it is told how the actors stand. */
let isBehind = false;

function later(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(send, ms);
}

/** How they began is not told twice. */
const standing = (): Observation[] =>
  [...actors.values()].map(({ n: _n, ...actor }) => ({ ...actor, input: null }));

/** `keepalive`: it goes out although the page goes; so small that it may. */
const post = (entries: Observation[], keepalive = false): Promise<Response> =>
  fetch('/inspect/entries', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tab, entries }),
    keepalive,
  });

async function send(): Promise<void> {
  if (isBehind) waiting = standing();
  isBehind = false;
  isSending = true;
  try {
    const answer = await post(waiting.splice(0, BATCH_MAX));
    const { known } = await answer.json();
    // It was started anew, or had given this tab up.
    if (!known && hasTold) isBehind = true;
    hasTold = true;
  } catch {
    isBehind = true;
  }
  isSending = false;
  later(waiting.length > 0 ? INSPECTED_TAB_FLUSH_MS : INSPECTED_TAB_BEAT_MS);
}

function tell(observation: Observation): void {
  foldActors(actors, { ...observation, n: 0 } as Entry);
  if (waiting.length >= WAITING_MAX) {
    waiting = [];
    isBehind = true;
  }
  waiting.push(observation);
  if (waiting.length === 1 && !isSending) later(INSPECTED_TAB_FLUSH_MS);
}

addEventListener('pagehide', () => {
  const at = Date.now();
  // A page that is kept for the way back tells again when it is shown.
  const ends = [...actors.keys()].map(
    (actor): Observation => ({ kind: 'stopped', at, actor, why: 'stopped' }),
  );
  post(ends.slice(0, BATCH_MAX), true).catch(() => {});
  waiting = [];
  isBehind = true;
});

globalThis.weirInspect = createObserver(Date.now, tell).watch;
