// Which cards a person put away in this tab: it sticks to the prompt's id, over a reload and a change of session (lesson 108).
import * as z from 'zod/mini';
import { tabStorage } from '../kept.ts';

const KEY = 'away';
/** The newest that are remembered. */
const AWAY_MAX = 64;

function kept(): string[] {
  try {
    const ids = z.safeParse(z.array(z.string()), JSON.parse(tabStorage.kept(KEY) ?? '[]'));
    return ids.success ? ids.data : [];
  } catch {
    return [];
  }
}

export const isPutAway = (prompt_id: string): boolean => kept().includes(prompt_id);

export function keepAway(prompt_id: string, isAway: boolean): void {
  const others = kept().filter((id) => id !== prompt_id);
  tabStorage.keep(KEY, JSON.stringify(isAway ? [...others, prompt_id].slice(-AWAY_MAX) : others));
}
