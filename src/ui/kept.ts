// What this browser keeps for the reader: drafts and choices of look. Storage that is full, blocked or broken never stops
// anything: what can't be kept is gone after a reload, no more (lesson 95).

const keptIn = (storage: () => Storage) => ({
  /** Whether it is kept. */
  keep(key: string, value: string | null): boolean {
    try {
      if (value === null || value === '') storage().removeItem(`weir.${key}`);
      else storage().setItem(`weir.${key}`, value);
      return true;
    } catch {
      return false;
    }
  },
  kept(key: string): string | null {
    try {
      return storage().getItem(`weir.${key}`);
    } catch {
      return null;
    }
  },
});

export const { keep, kept } = keptIn(() => localStorage);

/** What one tab keeps for itself over a reload: another tab has its own. */
export const tabStorage = keptIn(() => sessionStorage);

export const draftKey = (session_id: string | null): string => `draft.${session_id ?? 'new'}`;
