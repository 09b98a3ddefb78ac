// A new session on its way: one, however often it is asked for before it is there. What was written meanwhile goes with it.
import type { Session } from '../protocol/views.ts';
import { api } from './api.ts';
import { attachedKey } from './attachments/draft.ts';
import { draftKey, keep, kept } from './kept.ts';
import { currentPlace, go } from './router.ts';

const born = new Set<string>();

/** A session that this tab has made, while the tab lives: the start page's composer goes with it, caret and all. */
export const isBornHere = (session_id: string): boolean => born.has(session_id);

/** Makes a session and goes to it; somebody who went elsewhere meanwhile stays there. */
export function createNewSessions(made: (session: Session) => void): () => Promise<Session> {
  let making: Promise<Session> | null = null;

  async function make(): Promise<Session> {
    const { session } = await api.createSession();
    born.add(session.session_id);
    made(session);
    keep(draftKey(session.session_id), kept(draftKey(null)));
    keep(draftKey(null), null);
    keep(attachedKey(session.session_id), kept(attachedKey(null)));
    keep(attachedKey(null), null);
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
