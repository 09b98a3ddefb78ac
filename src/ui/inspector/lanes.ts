// Who speaks to whom, as a sequence diagram has it: a lane per part that is played, whoever plays it at the time. Pure.
import { performerOf, speakerOf } from '../../machines/talk.ts';
import type { Entry } from '../../protocol/inspection.ts';
import type { ActorNow, World } from './fold.ts';

/** From the person at a page to the clock of the server. */
const ORDER = [
  'person',
  'page',
  'tabs',
  'prompt-feed',
  'attachment',
  'line',
  'tab-leader',
  'server',
  'client',
  'board',
  'session',
  'clarify',
  'approval',
  'prompt-queue',
  'stream',
  'log',
  'agent',
  'clock',
];

export interface Row {
  n: number;
  at: number;
  actor: string;
  label: string;
  /** lanes; the same: it concerns nobody else */
  from: string;
  to: string;
  kind: Entry['kind'];
}

/** What was told before an entry, and who the actors are. */
export interface Past {
  readonly world: World;
  entry(n: number): Entry | null;
}

/** How far back is looked for who spoke. */
const ENTRIES_BACK_MAX = 8;

/** The part that an actor plays: its machine, but each of the two queues is one of its own. */
export function laneOf(id: string, machine: string): string {
  if (machine !== 'prompt-queue') return machine;
  const [kind = machine] = id.slice(id.indexOf('/') + 1).split(':');
  return ORDER.includes(kind) ? kind : machine;
}

const machineOf = (world: World, id: string): string =>
  world.get(id)?.machine ?? id.slice(id.indexOf('/') + 1).split(':')[0] ?? id;

/** Which of the two queues has just taken a step: it is the one that speaks. */
function queueBefore({ entry, world }: Past, n: number): string {
  for (let before = n - 1; before >= n - ENTRIES_BACK_MAX; before -= 1) {
    const step = entry(before);
    if (step?.kind === 'step' && machineOf(world, step.actor) === 'prompt-queue')
      return laneOf(step.actor, 'prompt-queue');
  }
  return 'prompt-queue';
}

/** An entry as a row, or null: steps are shown with their events, where they are known. */
export function rowOf(entry: Entry, past: Past): Row | null {
  if (entry.kind === 'step' && entry.event_n !== null) return null;
  const { world } = past;
  const { n, at, actor, kind } = entry;
  if (kind === 'record') return { n, at, actor, kind, label: entry.event, from: 'log', to: 'client' };
  const machine = kind === 'actor' ? entry.machine : machineOf(world, actor);
  const own = laneOf(actor, machine);
  if (kind === 'event') {
    const { type } = entry.event;
    const other = entry.from === actor ? null : entry.from;
    const speaker = other === null ? speakerOf(machine, type) : laneOf(other, machineOf(world, other));
    const from = speaker === 'prompt-queue' ? queueBefore(past, n) : speaker;
    const label = type.startsWith('xstate.after.') ? `after ${type.split('.')[2]}` : type;
    return { n, at, actor, kind, label, from: from ?? own, to: own };
  }
  if (kind === 'command') {
    const { type } = entry.command;
    return { n, at, actor, kind, label: type, from: own, to: performerOf(machine, type) ?? own };
  }
  const label = kind === 'actor' ? 'begins' : kind === 'step' ? entry.state : entry.why;
  return { n, at, actor, kind, label, from: own, to: own };
}

/** Lanes in the order in which they are drawn. */
export const inOrder = (lanes: Iterable<string>): string[] =>
  [...lanes].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));

/** What an actor belongs to: a tab, or the outermost actor around it. */
export function familyOf(world: World, id: string): string {
  const slash = id.indexOf('/');
  if (slash >= 0) return id.slice(0, slash);
  let actor: ActorNow | undefined = world.get(id);
  for (let depth = 0; actor?.parent && depth < 8; depth += 1) {
    const outer = world.get(actor.parent);
    if (!outer) return actor.parent;
    actor = outer;
  }
  return actor?.id ?? id;
}
