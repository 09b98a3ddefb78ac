// A page that is left takes with it what has not arrived: the next one in this tab says which files those were.
import * as z from 'zod/mini';
import { tabStorage } from '../kept.ts';

const KEY = 'unfinished-files';

/** What is returned ends it. */
export function watchLeaving(unfinished: () => string[]): () => void {
  const left = (): void => {
    const names = unfinished();
    tabStorage.keep(KEY, names.length > 0 ? JSON.stringify(names) : null);
  };
  addEventListener('pagehide', left);
  return () => removeEventListener('pagehide', left);
}

/** Told once. */
export function leftBehind(): string[] {
  try {
    const names = z.safeParse(z.array(z.string()), JSON.parse(tabStorage.kept(KEY) ?? '[]'));
    tabStorage.keep(KEY, null);
    return names.success ? names.data : [];
  } catch {
    return [];
  }
}
