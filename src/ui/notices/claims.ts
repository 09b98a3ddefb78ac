// Once per browser: of several tabs that could call for the same thing, the first one to claim it does. Under a lock, where
// the browser has locks; a page that is no secure context has none, and there the worst is a sound from two tabs.
import * as z from 'zod/mini';
import { keep, kept } from '../kept.ts';

const KEY = 'called';
const LOCK = 'weir-notices';
/** The newest that are remembered. */
const CLAIMS_MAX = 100;

function claimed(): string[] {
  try {
    const parsed = z.safeParse(z.array(z.string()), JSON.parse(kept(KEY) ?? '[]'));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}

function take(what: string): boolean {
  const before = claimed();
  if (before.includes(what)) return false;
  keep(KEY, JSON.stringify([...before, what].slice(-CLAIMS_MAX)));
  return true;
}

/** True for one tab of this browser. */
export const claim = async (what: string): Promise<boolean> =>
  navigator.locks ? navigator.locks.request(LOCK, () => take(what)) : take(what);
