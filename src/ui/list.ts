// The list of sessions, kept with the server: read at the start, after a loss, on a search and page by page; everything else
// is told by the board's `session.changed`. Knows no connection and no session's transcript.
import type { Session } from '../protocol/views.ts';
import { ApiError, api } from './api.ts';
import { createListStore, type Listing, type ListStore, mustAsk } from './list-store.ts';

const SOON_MS = 150;
const SEARCH_AFTER_MS = 200;
/** Sessions that run or wait and are further down than what is listed: read one by one, no more than these. */
const WANTED_MAX = 32;

export interface SessionList {
  store: ListStore;
  /** Resolves when it has been read, or could not be. */
  refresh(): Promise<void>;
  /** Reads it again soon; asked for many times in a moment, once. */
  refreshSoon(): void;
  /** The next page, once however often it is asked for. */
  more(): Promise<void>;
  search(q: string): void;
  showArchived(archived: boolean): void;
  /** A session is new, has changed, or is gone: null. */
  changed(session_id: string, session: Session | null): void;
  /** These run or wait: each has its row, however old it is. */
  want(session_ids: string[]): void;
  close(): void;
}

export function createSessionList(ports: { lockedOut(): void }): SessionList {
  const store = createListStore();
  const known = () => store.getSnapshot().context;
  let soon: ReturnType<typeof setTimeout> | null = null;
  let search: ReturnType<typeof setTimeout> | null = null;
  let paging: Promise<void> | null = null;
  let reads = 0;
  let isOver = false;
  let pending = 0;
  const asked = new Set<string>();
  /** What is told while answers are on their way: it may be newer than they are, and stands after them. */
  const told = new Map<string, Session | null>();

  async function answered<T>(answer: Promise<T>): Promise<T> {
    pending += 1;
    try {
      return await answer;
    } finally {
      pending -= 1;
    }
  }

  /** What was told meanwhile, again, behind what came. */
  function retell(): void {
    for (const [session_id, session] of told) put(session_id, session);
    if (pending === 0) told.clear();
  }

  function put(session_id: string, session: Session | null): void {
    if (session) store.trigger.sessionCame({ session });
    else store.trigger.sessionGone({ session_id });
  }

  async function refresh(isAnew = false): Promise<void> {
    reads += 1;
    const read = reads;
    const { q, archived } = known();
    try {
      const { sessions, next } = await answered(api.listSessions({ q, archived }));
      if (read !== reads || isOver) return;
      store.trigger.headCame({ sessions, next: next ?? null, isAnew });
      if (next !== undefined && q === '' && !archived) void readPinned(read);
    } catch (error) {
      if (read !== reads || isOver) return;
      if (error instanceof ApiError && error.code === 'unauthorized') ports.lockedOut();
      store.trigger.failed();
    }
    retell();
  }

  /** Who is pinned has a row from the start, however far down the list. */
  async function readPinned(read: number): Promise<void> {
    try {
      const { sessions } = await answered(api.listSessions({ q: '', archived: false, pinned: true }));
      if (read === reads && !isOver) store.trigger.pageCame({ sessions, next: known().next });
    } catch {
      // The next read asks again.
    }
    retell();
  }

  function refreshSoon(): void {
    soon ??= setTimeout(() => {
      soon = null;
      // A listing that was just chosen is read already, or about to be.
      void refresh(known().status === 'loading');
    }, SOON_MS);
  }

  async function readMore(before: string): Promise<void> {
    const { q, archived } = known();
    const { sessions, next } = await answered(api.listSessions({ q, archived, before }));
    // Another listing was chosen meanwhile, or the pages were read anew.
    if (known().next === before && !isOver) store.trigger.pageCame({ sessions, next: next ?? null });
    retell();
  }

  function choose(listing: Listing): void {
    const { q, archived } = known();
    if (q === listing.q && archived === listing.archived) return;
    store.trigger.listingChanged(listing);
    void refresh(true);
  }

  async function readOne(session_id: string): Promise<void> {
    try {
      const { session } = await answered(api.session(session_id));
      if (!isOver) put(session_id, session);
    } catch {
      // It is gone, or the next board asks again.
    }
    asked.delete(session_id);
    retell();
  }

  return {
    store,
    refresh: () => refresh(),
    refreshSoon,
    more() {
      const { next } = known();
      if (next === null) return Promise.resolve();
      paging ??= readMore(next)
        // What could not be read is asked for again by whoever scrolls there.
        .catch(() => {})
        .finally(() => {
          paging = null;
        });
      return paging;
    },
    search(q) {
      if (search !== null) clearTimeout(search);
      const words = q.trim();
      search = setTimeout(() => choose({ ...known(), q: words }), words === '' ? 0 : SEARCH_AFTER_MS);
    },
    showArchived: (archived) => choose({ q: known().q, archived }),
    changed(session_id, session) {
      if (pending > 0) told.set(session_id, session);
      const isUnclear = mustAsk(known(), session_id, session);
      put(session_id, session);
      if (isUnclear) refreshSoon();
    },
    want(session_ids) {
      if (known().q !== '' || known().archived) return;
      const listed = new Set(known().sessions.map((session) => session.session_id));
      for (const session_id of session_ids) {
        if (listed.has(session_id) || asked.has(session_id) || asked.size >= WANTED_MAX) continue;
        asked.add(session_id);
        void readOne(session_id);
      }
    },
    close() {
      isOver = true;
      if (soon !== null) clearTimeout(soon);
      if (search !== null) clearTimeout(search);
    },
  };
}
