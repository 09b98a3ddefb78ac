// The sessions of the list, newest first, and in which group each is shown. Knows no session's transcript.
import { createStore } from '@xstate/store';
import type { Session } from '../protocol/views.ts';
import type { AgentInfo } from './api.ts';
import { isToday } from './format.ts';

export interface List {
  status: 'loading' | 'ready' | 'failed';
  sessions: Session[];
  /** where the next page begins; null: that was all */
  next: string | null;
  agents: AgentInfo[];
}

const byTime = (a: Session, b: Session): number => b.updated_at - a.updated_at;

/** Newer words of known sessions take their place; what is new is added. */
function merge(known: Session[], fresh: Session[]): Session[] {
  const all = new Map(known.map((session) => [session.session_id, session]));
  for (const session of fresh) all.set(session.session_id, session);
  return [...all.values()].sort(byTime);
}

const empty: List = { status: 'loading', sessions: [], next: null, agents: [] };

export const createListStore = () =>
  createStore({
    context: empty,
    on: {
      /** The newest page: what is newer than its end and not on it is gone. */
      headCame: (list, { sessions, next }: { sessions: Session[]; next: string | null }) => {
        const oldest = next === null ? -Infinity : (sessions.at(-1)?.updated_at ?? -Infinity);
        const kept = list.sessions.filter((session) => session.updated_at < oldest);
        const isLonger = kept.length > 0;
        return {
          ...list,
          status: 'ready' as const,
          sessions: merge(kept, sessions),
          next: isLonger ? list.next : next,
        };
      },
      pageCame: (list, { sessions, next }: { sessions: Session[]; next: string | null }) => ({
        ...list,
        sessions: merge(list.sessions, sessions),
        next,
      }),
      failed: (list) => ({
        ...list,
        status: list.sessions.length > 0 ? ('ready' as const) : ('failed' as const),
      }),
      sessionCame: (list, { session }: { session: Session }) => ({
        ...list,
        sessions: merge(list.sessions, [session]),
      }),
      sessionGone: (list, { session_id }: { session_id: string }) => ({
        ...list,
        sessions: list.sessions.filter((session) => session.session_id !== session_id),
      }),
      agentsCame: (list, { agents }: { agents: AgentInfo[] }) => ({ ...list, agents }),
    },
  });

export const GROUPS = ['waiting', 'running', 'pinned', 'today', 'earlier'] as const;
export type Group = (typeof GROUPS)[number];

export function groupOf(session: Session, now: number): Group {
  if (session.state === 'waiting') return 'waiting';
  if (session.state !== 'idle') return 'running';
  if (session.pinned) return 'pinned';
  return isToday(session.updated_at, now) ? 'today' : 'earlier';
}

/** The groups that have someone in them, in the order of the page; pinned sessions first in each. */
export function grouped(sessions: Session[], now: number): { group: Group; sessions: Session[] }[] {
  const rows = new Map<Group, Session[]>(GROUPS.map((group) => [group, []]));
  const shown = sessions.filter((session) => !session.archived || session.state !== 'idle');
  for (const session of shown) rows.get(groupOf(session, now))?.push(session);
  return GROUPS.map((group) => ({
    group,
    sessions: (rows.get(group) ?? []).sort((a, b) => Number(b.pinned) - Number(a.pinned)),
  })).filter((entry) => entry.sessions.length > 0);
}
