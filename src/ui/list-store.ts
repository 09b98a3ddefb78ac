// The sessions of the list, newest first, and in which group each is shown: a lineage is one row, its newest tip. Pure but for
// the store; knows no session's transcript, and asks nothing.
import { createStore } from '@xstate/store';
import type { Session } from '../protocol/views.ts';
import type { AgentInfo } from './api.ts';
import { midnightOf, nextMidnightOf } from './format.ts';

/** A row: a session, and how many the lineage has that it stands for; no count: it is all of it. */
export type Listed = Session & { lineage_collapsed_count?: number | undefined };

/** Which sessions are listed. */
export interface Listing {
  q: string;
  archived: boolean;
}

export interface List extends Listing {
  status: 'loading' | 'ready' | 'failed';
  sessions: Listed[];
  /** where the next page begins; null: that was all */
  next: string | null;
  agents: AgentInfo[];
}

interface ListPage {
  sessions: Listed[];
  next: string | null;
}

const isNewer = (a: Session, b: Session): boolean =>
  a.updated_at > b.updated_at || (a.updated_at === b.updated_at && a.session_id > b.session_id);
const byTime = (a: Session, b: Session): number => (isNewer(a, b) ? -1 : 1);

/** Newer words of known sessions take their place, and what is new is added: one row a lineage, unless words are looked for. */
function merge(known: Listed[], fresh: Listed[], q: string): Listed[] {
  const ids = new Set(fresh.map((session) => session.session_id));
  const lineages = new Set(q === '' ? fresh.map((session) => session.lineage_root_id) : []);
  const others = known.filter((one) => !ids.has(one.session_id) && !lineages.has(one.lineage_root_id));
  return [...others, ...fresh].sort(byTime);
}

function headed(list: List, { sessions, next }: ListPage, isAnew: boolean): List {
  const last = sessions.at(-1);
  const knows = new Set(list.sessions.map((session) => session.session_id));
  // Without a session that was known, others may lie between this page and the old one.
  const isJoined = !isAnew && next !== null && sessions.some((session) => knows.has(session.session_id));
  const kept = isJoined && last ? list.sessions.filter((session) => isNewer(last, session)) : [];
  return {
    ...list,
    status: 'ready',
    sessions: merge(kept, sessions, list.q),
    next: kept.length > 0 ? list.next : next,
  };
}

/** Whether a session belongs into what is listed. What runs is never hidden by having been archived. */
const belongs = (list: List, session: Session): boolean =>
  session.archived === list.archived || (!list.archived && session.state !== 'idle');

const isLater = (list: List, session: Session): boolean => {
  const last = list.sessions.at(-1);
  const isCalm = session.state === 'idle' && !session.pinned;
  return list.next !== null && isCalm && last !== undefined && isNewer(last, session);
};

/** The row that a session's change is about: itself, or the tip that it continues. */
function rowFor(list: List, session: Session): Listed | undefined {
  const lineage = list.sessions.filter((one) => one.lineage_root_id === session.lineage_root_id);
  return (
    lineage.find((one) => one.session_id === session.session_id) ??
    lineage.find((one) => session.relation === 'continuation' && session.parent_session_id === one.session_id)
  );
}

/**
 * Whether only the server knows what the list is after this change: who is the tip of a lineage when a member of it leaves,
 * or when one changes that the list has no row of.
 */
export function mustAsk(list: List, session_id: string, session: Session | null): boolean {
  const row = list.sessions.find((one) => one.session_id === session_id);
  if (!session || !belongs(list, session)) return (row?.lineage_collapsed_count ?? 1) > 1;
  if (row || rowFor(list, session)) return false;
  return list.sessions.some((one) => one.lineage_root_id === session.lineage_root_id);
}

function without(list: List, session_id: string): List {
  const sessions = list.sessions.filter((session) => session.session_id !== session_id);
  return sessions.length === list.sessions.length ? list : { ...list, sessions };
}

function withSession(list: List, session: Session): List {
  if (!belongs(list, session)) return without(list, session.session_id);
  const row = rowFor(list, session);
  const isKnown = row?.session_id === session.session_id;
  // What a search finds is the server's to say.
  if (!isKnown && (list.q !== '' || isLater(list, session))) return list;
  if (!row && mustAsk(list, session.session_id, session)) return list;
  const count = row?.lineage_collapsed_count;
  const lineage_collapsed_count = isKnown || !row ? count : (count ?? 1) + 1;
  const next: Listed =
    lineage_collapsed_count === undefined ? session : { ...session, lineage_collapsed_count };
  const sessions = list.sessions.filter((one) => one !== row);
  const at = sessions.findIndex((one) => isNewer(next, one));
  sessions.splice(at < 0 ? sessions.length : at, 0, next);
  return { ...list, sessions };
}

const empty: List = { status: 'loading', sessions: [], next: null, agents: [], q: '', archived: false };

export const createListStore = () =>
  createStore({
    context: empty,
    on: {
      /** The newest page: what is newer than its end and not on it is gone. `isAnew`: of another listing than before. */
      headCame: (list, { sessions, next, isAnew = false }: ListPage & { isAnew?: boolean }) =>
        headed(list, { sessions, next }, isAnew),
      pageCame: (list, { sessions, next }: ListPage) => ({
        ...list,
        sessions: merge(list.sessions, sessions, list.q),
        next,
      }),
      listingChanged: (list, listing: Listing) => ({
        ...list,
        q: listing.q,
        archived: listing.archived,
        status: 'loading' as const,
      }),
      failed: (list) => ({
        ...list,
        status: list.sessions.length > 0 ? ('ready' as const) : ('failed' as const),
      }),
      sessionCame: (list, { session }: { session: Session }) => withSession(list, session),
      sessionGone: (list, { session_id }: { session_id: string }) => without(list, session_id),
      agentsCame: (list, { agents }: { agents: AgentInfo[] }) => ({ ...list, agents }),
    },
  });

export type ListStore = ReturnType<typeof createListStore>;

export const GROUPS = ['waiting', 'running', 'pinned', 'today', 'earlier'] as const;
export type Group = (typeof GROUPS)[number];

interface Day {
  from: number;
  to: number;
}

function groupOf(session: Session, today: Day): Group {
  if (session.state === 'waiting') return 'waiting';
  if (session.state !== 'idle') return 'running';
  if (session.pinned) return 'pinned';
  return session.updated_at >= today.from && session.updated_at < today.to ? 'today' : 'earlier';
}

/** The longest wait first, as on the board. */
const byWait = (a: Session, b: Session): number =>
  (a.asks?.since ?? a.updated_at) - (b.asks?.since ?? b.updated_at);

/** The groups that have someone in them, in the order of the page; pinned sessions first in each but that of who waits. */
export function grouped(sessions: Listed[], now: number): { group: Group; sessions: Listed[] }[] {
  const today = { from: midnightOf(now), to: nextMidnightOf(now) };
  const rows = new Map<Group, [pinned: Listed[], others: Listed[]]>(GROUPS.map((group) => [group, [[], []]]));
  for (const session of sessions) rows.get(groupOf(session, today))?.[session.pinned ? 0 : 1].push(session);
  rows.set('waiting', [(rows.get('waiting') ?? []).flat().sort(byWait), []]);
  return GROUPS.map((group) => ({ group, sessions: (rows.get(group) ?? []).flat() })).filter(
    (entry) => entry.sessions.length > 0,
  );
}
