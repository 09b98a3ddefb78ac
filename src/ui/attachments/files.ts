// What the composer knows of files: a chunk takes them, shows them and sends them on their way. It comes with a session, or when
// somebody begins to write, drags something or asks for it; what is kept of a draft is not sent without it.
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Attachment } from '../../protocol/attachment.ts';
import { createChunk } from '../chunk.ts';
import { kept } from '../kept.ts';
import { en } from '../text/en.ts';
import { attachedKey } from './draft.ts';

const chunk = createChunk(() => import('../views/attachments.tsx'));
const load = (): Promise<unknown> => chunk.load().catch(() => undefined);
const SIGNS = ['focusin', 'dragenter'];

/** What a draft holds beside its text. */
export interface Held {
  count: number;
  /** some are on their way: in words, what Send does */
  waits: string | null;
  /** in words: why nothing can be sent now */
  why: string | null;
  /** Takes them off the draft: they go with the message. */
  take(): Attachment[];
}
const NOTHING: Held = { count: 0, waits: null, why: null, take: () => [] };

export const pickFiles = (lost: () => void): void => void chunk.load().then(({ pick }) => pick(), lost);

export function useFiles(session_id: string | null) {
  const parts = useSyncExternalStore(chunk.watch, chunk.here);
  const [told, setHeld] = useState(NOTHING);
  const isOwed = !parts && kept(attachedKey(session_id)) !== null;
  const isNeeded = session_id !== null || isOwed;
  useEffect(() => {
    if (isNeeded) void load();
    for (const sign of SIGNS) addEventListener(sign, load);
    return () => {
      for (const sign of SIGNS) removeEventListener(sign, load);
    };
  }, [isNeeded]);
  const held = isOwed ? { ...NOTHING, why: en.guard.again } : told;
  return { Tray: parts?.Tray, held, setHeld };
}
