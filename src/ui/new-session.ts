// A new session on its way: one, however often it is asked for before something is said in it. What was written meanwhile
// goes with it.
import type { Session } from '../protocol/views.ts';
import { api } from './api.ts';
import { attachedKey } from './attachments/draft.ts';
import { addDraft, keptDraft } from './draft.ts';
import { draftKey, keep, kept, tabStorage } from './kept.ts';
import { currentPlace, go } from './router.ts';

const born = new Set<string>();

/** A session that this tab has made, while the tab lives: the start page's composer goes with it, caret and all. */
export const isBornHere = (session_id: string): boolean => born.has(session_id);

/** The session that this browser has made last, until something is said in it. */
const EMPTY_KEY = 'empty';

/** A message goes to it: it is a new one no longer. */
export function leaveEmpty(session_id: string | null): void {
  if (kept(EMPTY_KEY) === session_id) keep(EMPTY_KEY, null);
}

const isEmpty = ({
  title,
  message_count,
  active_stream_id,
  queue_length,
  pinned,
  archived,
}: Session): boolean =>
  title === '' && message_count + queue_length === 0 && active_stream_id === null && !pinned && !archived;

export interface NewSessionPorts {
  made(session: Session): void;
  /** the agent of a session that names none; null: not known yet */
  agent(): string | null;
}

/** Makes a session and goes to it; somebody who went elsewhere meanwhile stays there. */
export function createNewSessions({ made, agent }: NewSessionPorts): () => Promise<Session> {
  let making: Promise<Session> | null = null;

  /** The one that was made before and is as new as then: nothing is said, written or attached in it. */
  async function known(): Promise<Session | null> {
    const session_id = kept(EMPTY_KEY);
    if (session_id === null || kept(draftKey(session_id)) || kept(attachedKey(session_id))) return null;
    try {
      const { session } = await api.session(session_id);
      return isEmpty(session) && session.agent === agent() ? session : null;
    } catch {
      // It is gone, or making one says what is wrong.
      return null;
    }
  }

  async function make(): Promise<Session> {
    const session = (await known()) ?? (await api.createSession()).session;
    born.add(session.session_id);
    keep(EMPTY_KEY, session.session_id);
    made(session);
    const text = keptDraft(null);
    const attached = kept(attachedKey(null));
    // They go first: a full storage has room for them then. What another tab writes at the same moment stays its own.
    if (text === kept(draftKey(null))) keep(draftKey(null), null);
    tabStorage.keep(draftKey(null), null);
    keep(attachedKey(null), null);
    addDraft(session.session_id, text);
    keep(attachedKey(session.session_id), attached);
    return session;
  }

  return async () => {
    making ??= make().finally(() => {
      making = null;
    });
    const session = await making;
    if (currentPlace().page === 'start') go({ page: 'session', session_id: session.session_id }, 'replace');
    return session;
  };
}
