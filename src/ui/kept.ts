// What this browser keeps for the reader: drafts and choices of look. Storage that is full, blocked or broken never stops
// anything: what can't be kept is gone after a reload, no more (lesson 95).

/** Whether it is kept. */
export function keep(key: string, value: string | null): boolean {
  try {
    if (value === null || value === '') localStorage.removeItem(`weir.${key}`);
    else localStorage.setItem(`weir.${key}`, value);
    return true;
  } catch {
    return false;
  }
}

/** What one tab keeps for itself over a reload: another tab has its own. */
export const tabStorage = {
  keep(key: string, value: string | null): void {
    try {
      if (value === null) sessionStorage.removeItem(`weir.${key}`);
      else sessionStorage.setItem(`weir.${key}`, value);
    } catch {
      // See above.
    }
  },
  kept(key: string): string | null {
    try {
      return sessionStorage.getItem(`weir.${key}`);
    } catch {
      return null;
    }
  },
};

export function kept(key: string): string | null {
  try {
    return localStorage.getItem(`weir.${key}`);
  } catch {
    return null;
  }
}

export const draftKey = (session_id: string | null): string => `draft.${session_id ?? 'new'}`;

/** What stands in the composer of this tab at this moment: another tab may have cleared what is kept of it. */
export const written = { session_id: null as string | null, text: '' };
