// What comes of what happens on the server: commits that land, are refused or take a follow-up; kill -9 and a start; another
// owner. Each is one turn, by itself. Knows not when any of it may happen.
import type { Outcome } from '../../src/protocol/index.ts';
import type { Note, Role, Work } from './backend.ts';
import { framesOf } from './log.ts';
import type { Turn } from './turn.ts';

/** What a retry of the machine's own is called. */
const RETRIES = /commitRetry|recoveryRetry/;
/** No storm is longer than this, whatever the bound that it meets. */
const STORM_MAX = 20;

/** The log takes, or refuses, what an owner wrote. */
export function land(turn: Turn, role: Role, work: Work): void {
  const { journal } = turn.house;
  const owner = turn.next.owners[role]!;
  turn.change(role, { work: owner.work.slice(1) });
  const { log } = turn.next;
  if (work.kind === 'started') {
    const { result } = turn.write(journal.append(log, owner, 'started'), owner);
    if (result === 'committed') note(turn, role, { type: 'stream.started', head: 1 });
    return;
  }
  const write = work.kind === 'terminal' ? journal.terminal : journal.settle;
  const { result, outcome } = turn.write(write(log, owner, work.outcome ?? 'interrupted'), owner);
  const head = framesOf(turn.next.log, owner.stream).length;
  if (result === 'fenced') refuse(turn, role, work.kind, role === 'lost');
  else note(turn, role, { type: `${work.kind}.committed`, outcome: outcome as Outcome, head });
}

function note(turn: Turn, to: Note['to'], event: Note['event']): void {
  turn.next.note = { to, event };
}

/** Once, or until no try is left. */
export function refuse(turn: Turn, role: Role, kind: string, isStorm: boolean): void {
  turn.tell(role, { type: `${kind}.refused`, reason: 'storage' });
  for (let round = 0; isStorm && round < STORM_MAX; round += 1) {
    const owner = turn.next.owners[role]!;
    const timer = [...turn.house.stream.at(owner.actor).timers.keys()].find((id) => RETRIES.test(id));
    if (timer === undefined) return;
    turn.fire(role, timer);
    const [work] = turn.next.owners[role]!.work;
    if (!work) return;
    turn.change(role, { work: [] });
    turn.tell(role, { type: `${work.kind}.refused`, reason: 'storage' });
  }
}

export function expire(turn: Turn, prompt_id: string): void {
  turn.next.expiring = null;
  const { result } = turn.write(turn.house.journal.answer(turn.next.log, prompt_id, 'expired'), null);
  if (result === 'won') note(turn, null, null);
  else if (result === 'held') turn.tellQueue({ type: 'expiry.refused', prompt_id });
}

export function follow(turn: Turn): void {
  turn.next.taking = false;
  const { result } = turn.write(turn.house.journal.follow(turn.next.log), null);
  // The fault: it leaves when the session hears of its run.
  if (result === 'started' && !turn.house.habits.takesInOneWrite)
    turn.next.log = { ...turn.next.log, queued: true };
  if (result === 'started') note(turn, 'session', { type: 'follow_up.started', stream_id: 's2' });
  else if (result === 'none') note(turn, 'session', { type: 'follow_up.none' });
  else note(turn, 'session', { type: 'follow_up.refused', reason: result });
}

export function restart(turn: Turn): void {
  turn.next.up = true;
  turn.load('restart');
}

export function crash(turn: Turn): void {
  const { next } = turn;
  next.spent.crashes += 1;
  Object.assign(next, { up: false, session: 0, taking: false, queue: 0, expiring: null, note: null });
  next.owners = { first: null, lost: null, second: null };
  // The fault: what was told of is not on the disk yet.
  const isLate = !turn.house.habits.tellsAfterCommit && next.log.entries.at(-1)?.kind === 'token';
  if (isLate) next.log = { ...next.log, entries: next.log.entries.slice(0, -1) };
  next.heard = next.log.entries.length;
  turn.cut = true;
}

/** The first owner lives on, does not know, and has no readers any more. */
export function takeOver(turn: Turn): void {
  const { next } = turn;
  next.spent.takeovers += 1;
  next.owners.lost = next.owners.first;
  next.owners.first = null;
  const kept = next.note?.to === 'first' ? { ...next.note, to: 'lost' as const } : null;
  turn.load('owner_lost');
  next.note = kept;
  turn.cut = true;
}
