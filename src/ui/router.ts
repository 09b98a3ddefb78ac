// The address is the state of a tab: `/s/<session_id>` is a session's page, `/board` the board, `/` the start of
// something new, or the newest run in a tab that follows.
import { isId } from '../protocol/ids.ts';
import { isOver, whenStill } from './over.ts';

export type Place = { page: 'start' } | { page: 'board' } | { page: 'session'; session_id: string };

const listeners = new Set<() => void>();

export function placeOf(pathname: string): Place {
  if (/^\/board\/?$/.test(pathname)) return { page: 'board' };
  const id = /^\/s\/([^/]+)\/?$/.exec(pathname)?.[1];
  return id !== undefined && isId(id) ? { page: 'session', session_id: id } : { page: 'start' };
}

export const pathOf = (place: Place): string =>
  place.page === 'session' ? `/s/${place.session_id}` : place.page === 'board' ? '/board' : '/';

let shown = location.pathname;
let place = placeOf(shown);

/** The same object as long as the address is the same. */
export function currentPlace(): Place {
  if (location.pathname !== shown) {
    shown = location.pathname;
    place = placeOf(shown);
  }
  return place;
}

export function go(next: Place, how: 'push' | 'replace' = 'push'): void {
  const path = pathOf(next);
  whenStill(() => {
    if (path === location.pathname) return;
    if (how === 'push' && !isOver()) history.pushState(null, '', path);
    else history.replaceState(null, '', path);
    for (const tell of listeners) tell();
  });
}

export function watchPlace(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    removeEventListener('popstate', listener);
  };
}
