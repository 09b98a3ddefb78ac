// The list as one row of items: headings of groups and sessions, as they stand on the page.
import { type Group, grouped, type Listed } from '../list-store.ts';
import { en } from '../text/en.ts';

export type Item =
  | { kind: 'group'; group: Group; count: number }
  | { kind: 'session'; session: Listed; place: number };

export function itemsOf(sessions: Listed[], now: number): Item[] {
  let place = 0;
  return grouped(sessions, now).flatMap(({ group, sessions: rows }): Item[] => [
    { kind: 'group', group, count: rows.length },
    ...rows.map((session): Item => {
      place += 1;
      return { kind: 'session', session, place };
    }),
  ]);
}

export const keyOf = (item: Item): string =>
  item.kind === 'group' ? `group ${item.group}` : item.session.session_id;

const isCounted = (group: Group): boolean => group === 'waiting' || group === 'running';

export const Heading = ({ group, count }: { group: Group; count: number }) => (
  <li className="group">
    <h2 className={group === 'waiting' ? 'hot' : ''}>
      {en.sidebar.groups[group]} {isCounted(group) && <span className="num">{count}</span>}
    </h2>
  </li>
);
