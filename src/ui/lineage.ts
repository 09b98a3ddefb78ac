// A lineage: sessions of which each continues another. The list shows its newest tip alone; the rest is asked for here.
import type { Session } from '../protocol/views.ts';
import { listSchema, request } from './api.ts';
import type { Listed } from './list-store.ts';

/** Sessions of a lineage that are shown at once. */
const MEMBERS_MAX = 200;

/** How many sessions stand behind this one, as the list has it; null: others may stand before it, too. Pure. */
export function earlierOf(sessions: Listed[], session: Session): number | null {
  const tip = sessions.find((one) => one.lineage_root_id === session.lineage_root_id);
  if (tip && tip.session_id !== session.session_id) return null;
  if (tip) return (tip.lineage_collapsed_count ?? 1) - 1;
  return session.relation === 'continuation' ? null : 0;
}

/** All sessions of its lineage, newest first. @throws ApiError */
export async function membersOf({ lineage_root_id, archived }: Session): Promise<Session[]> {
  const wanted = new URLSearchParams({ lineage: lineage_root_id, limit: String(MEMBERS_MAX) });
  if (archived) wanted.set('archived', '1');
  return (await request(listSchema, { method: 'GET', path: `/api/sessions?${wanted}` })).sessions;
}
