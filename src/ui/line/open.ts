// The page's line with what a browser has for it: locks, a channel, storage, an EventSource. Knows nothing of what is watched.
import { boardSchema } from '../../protocol/board.ts';
import { createId } from '../../protocol/ids.ts';
import { ApiError, api, request } from '../api.ts';
import { keep, kept } from '../kept.ts';
import { watchPage } from '../page-facts.ts';
import { random } from '../random.ts';
import { openChannel } from './channel.ts';
import { openLocks } from './locks.ts';
import { createPageLine, type PageLine } from './page-line.ts';
import { createTurns } from './relay.ts';
import { openSource } from './source.ts';

const SEED_LIMIT = 2 ** 32;
const TERM = 'line.term';
/** A stored term that is no such number is none; the next ones have room above it. */
const TERM_MAX = 2 ** 50;

function keptTerm(): number {
  const term = Number(kept(TERM) ?? 0);
  return Number.isSafeInteger(term) && term > 0 && term < TERM_MAX ? term : 0;
}

async function isLockedOut(): Promise<boolean> {
  try {
    await api.agents();
    return false;
  } catch (error) {
    return error instanceof ApiError && error.code === 'unauthorized';
  }
}

export function openLine(ports: { lockedOut(): void; broken(bug: unknown): void }): PageLine {
  return createPageLine({
    ...ports,
    // Of this page alone: a tab that is duplicated takes its storage with it.
    tab: createId('p', random),
    now: Date.now,
    seed: () => Math.floor(random.fraction() * SEED_LIMIT),
    openSource,
    openChannel,
    openLocks,
    ...createTurns(),
    watchPage,
    isHidden: () => document.hidden,
    isLockedOut,
    readBoard: () => request(boardSchema, { method: 'GET', path: '/api/board' }),
    term: { kept: keptTerm, keep: (term) => keep(TERM, String(term)) },
  });
}
