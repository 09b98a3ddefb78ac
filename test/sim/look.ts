// One client's look at a feed, held against the log: P2 (what is shown is in the log), P3 (a contiguous run of it), P4, P7 (every
// queue state is the log's at its version), P8 (nothing of another session). Knows no connection.
import type { SimEvent } from './event-parser.ts';
import type { ReaderOf } from './readers.ts';
import type { Truth, Violate } from './truth.ts';

export interface Look {
  opened(): void;
  take(event: SimEvent): void;
  /** as an EventSource would send it; null: none yet */
  lastId(): string | null;
  /** The server has no more to say. */
  over(status: number): void;
  /** What is missing; null: nothing. */
  behind(): string | null;
}

interface SaidState {
  session_id: string;
  pending: { clarify_id?: string; approval_id?: string } | null;
  pending_count: number;
  version: number;
}

/** P7: a state that was said is the log's at its version. */
export function checkState(truth: Truth, violate: Violate, who: string, kind: string, said: SaidState): void {
  const { session_id, pending, pending_count, version } = said;
  const session = truth.sessions.get(session_id);
  if (!session || session.isDamaged) return;
  const ids = truth.pendingAt(session_id, kind, version);
  const head = pending ? (pending.clarify_id ?? pending.approval_id) : undefined;
  if (version > session.records.length)
    violate('P2', `${who}: version ${version} of ${kind}, the log ends at ${session.records.length}`);
  if (head !== ids[0] || pending_count !== ids.length)
    violate(
      'P7',
      `${who}: ${kind} at ${version} is ${head} of ${pending_count}, not ${ids[0]} of ${ids.length}`,
    );
}

export function createLook(of: ReaderOf, truth: Truth, violate: Violate): Look {
  const { feed, id, name } = of;
  let cursor = 0;
  let isEnded = false;
  let isDamaged = false;
  const versions: Record<string, number> = {};
  const logOf = () =>
    (feed === 'stream' ? truth.streams.get(id)?.frames : truth.sessions.get(id)?.records) ?? [];
  const session = () =>
    truth.sessions.get(feed === 'stream' ? (truth.streams.get(id)?.session_id ?? '') : id);

  function takeRecord({ event, id: event_id, data }: SimEvent): void {
    const colon = event_id.lastIndexOf(':');
    const number = Number(event_id.slice(colon + 1));
    if (event_id.slice(0, colon) !== id) {
      violate('P8', `${name} was given ${event_id}`);
      return;
    }
    if (isEnded) violate('P4', `${name} was given ${event} after stream_end`);
    if (number !== cursor + 1) violate('P3', `${name} was given ${number} after ${cursor} (${event})`);
    const record = logOf()[number - 1];
    if (!record) violate('P2', `${name} was given ${event} ${number}, that is not in the log`);
    else if (record.event !== event || record.json !== data)
      violate('P3', `${name} was given another ${number}: ${event}, the log says ${record.event}`);
    cursor = number;
    if (feed === 'stream' && event === 'stream_end') isEnded = true;
  }

  function takeState(kind: string, said: SaidState): void {
    const known = versions[kind] ?? -1;
    if (said.version < known) violate('P7', `${name}: ${kind} went back from ${known} to ${said.version}`);
    versions[kind] = said.version;
    checkState(truth, violate, name, kind, said);
  }

  function takeWord({ event, data }: SimEvent): void {
    const said = JSON.parse(data);
    if (event === 'clarify' || event === 'approval') takeState(event, said);
    else if (event === 'initial') takeState(feed, said);
    else if (event === 'snapshot') {
      if (said.session.session_id !== id) violate('P8', `${name} was given ${said.session.session_id}`);
      if (said.head > logOf().length) violate('P2', `${name}: the head ${said.head} is not in the log`);
      takeState('clarify', said.clarify);
      takeState('approval', said.approval);
    } else if (event === 'reset') violate('P3', `${name} was reset (${said.reason}) at ${cursor}`);
  }

  const hasEnded = (): boolean => Boolean(session()?.isDeleted || session()?.isDamaged || isDamaged);

  return {
    opened() {
      // Who comes back sees the newest state again.
      for (const kind of Object.keys(versions)) delete versions[kind];
    },
    take(event) {
      if (session()?.isDamaged) return;
      if (event.id !== '') takeRecord(event);
      else takeWord(event);
    },
    lastId: () => (cursor === 0 ? null : `${id}:${cursor}`),
    over(status) {
      if (status === 404 && !session()?.isDeleted) violate('P2', `${name}: ${id} is not there any more`);
      isDamaged = true;
    },
    behind() {
      if (hasEnded()) return null;
      if (feed === 'clarify' || feed === 'approval') {
        const last = truth.sessions.get(id)?.pending[feed]?.at(-1)?.pos ?? 0;
        return (versions[feed] ?? -1) >= last
          ? null
          : `${name} has seen ${feed} at ${versions[feed]}, not ${last}`;
      }
      return cursor >= logOf().length ? null : `${name} is at ${cursor} of ${logOf().length}`;
    },
  };
}
