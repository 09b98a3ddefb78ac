// What is done with the turns of the session on screen: tried again, changed and taken back while they wait, read from
// further up. It comes with what shows them; knows no view.
import * as z from 'zod/mini';
import { request } from './api.ts';
import { addDraft } from './draft.ts';
import { openSession } from './open-session.ts';
import type { PaneStore } from './pane-store.ts';

export interface TurnActPorts {
  pane: PaneStore;
  /** Does it; what it runs into is said. */
  act(run: () => Promise<unknown>): void;
  draftReturned(): void;
}

/** What is asked for; what comes of it, the line tells. */
const ask = (method: string, path: string, body?: unknown) => request(z.unknown(), { method, path, body });
const queuePath = (session_id: string, message_id: string): string =>
  `/api/sessions/${encodeURIComponent(session_id)}/queue/${encodeURIComponent(message_id)}`;

export function createTurnActs({ pane, act, draftReturned }: TurnActPorts) {
  const now = () => pane.getSnapshot().context;
  /** sessions whose Retry is on its way */
  const retrying = new Set<string>();

  /** In the session that is on screen, if one is. */
  function here(run: (session_id: string) => Promise<unknown>): void {
    const { session_id } = now();
    if (session_id !== null) act(() => run(session_id));
  }

  /** The message began, or was taken back elsewhere, while it was changed here: what was written is the draft of the next. */
  function keepEdit(session_id: string, text: string): void {
    addDraft(session_id, text);
    draftReturned();
  }

  return {
    retry() {
      here(async (session_id) => {
        // A double click is one.
        if (retrying.has(session_id)) return;
        retrying.add(session_id);
        try {
          await ask('POST', '/api/chat/retry', { session_id });
        } finally {
          retrying.delete(session_id);
        }
      });
    },
    withdraw: (message_id: string) => here((session_id) => ask('DELETE', queuePath(session_id, message_id))),
    /** What can't be changed any more is not lost. */
    editQueued: (message_id: string, message: string) =>
      here(async (session_id) => {
        try {
          await ask('PATCH', queuePath(session_id, message_id), { message });
        } catch (error) {
          keepEdit(session_id, message);
          throw error;
        }
      }),
    keepEdit,
    async loadEarlier() {
      const { session_id, messages } = now();
      const before = messages[0]?.message_id;
      if (session_id === null || before === undefined) return;
      const opened = await openSession(session_id, before);
      if (now().session_id !== session_id || now().messages[0]?.message_id !== before) return;
      pane.trigger.earlierCame({ messages: opened.messages, has_more: opened.has_more ?? false });
    },
  };
}
