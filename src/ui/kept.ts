// What this browser keeps for the reader: drafts and choices of look. Storage that is full, blocked or broken never stops
// anything: what can't be kept is gone after a reload, no more (lesson 95).

export const keptIn = (storage: () => Storage) => {
  /** What storage did not take, and what it has in its place: what another tab puts there since is newer. */
  const unkept = new Map<string, { value: string; stored: string | null }>();
  function storedAt(key: string): string | null {
    try {
      return storage().getItem(`weir.${key}`);
    } catch {
      return null;
    }
  }
  return {
    /** Whether it is kept; if not, it is there for as long as the page. */
    keep(key: string, value: string | null): boolean {
      unkept.delete(key);
      try {
        if (value) storage().setItem(`weir.${key}`, value);
        else storage().removeItem(`weir.${key}`);
        return true;
      } catch {
        if (value) unkept.set(key, { value, stored: storedAt(key) });
        return false;
      }
    },
    kept(key: string): string | null {
      const stored = storedAt(key);
      const own = unkept.get(key);
      if (own?.stored === stored) return own.value;
      unkept.delete(key);
      return stored;
    },
  };
};
export type Kept = ReturnType<typeof keptIn>;

/** What all tabs of the browser have. */
export const browserStorage = keptIn(() => localStorage);
export const { keep, kept } = browserStorage;

/** What one tab keeps for itself over a reload: another tab has its own. */
export const tabStorage = keptIn(() => sessionStorage);

/** Another tab may have changed it. News comes late: what is kept now is to be read, not what it says. */
export function watchKept(key: string, read: () => void): () => void {
  const heard = (event: StorageEvent): void => {
    if (event.key === `weir.${key}`) read();
  };
  addEventListener('storage', heard);
  // A page that stood still heard of nothing.
  addEventListener('pageshow', read);
  return () => {
    removeEventListener('storage', heard);
    removeEventListener('pageshow', read);
  };
}

export const draftKey = (session_id: string | null): string => `draft.${session_id ?? 'new'}`;
