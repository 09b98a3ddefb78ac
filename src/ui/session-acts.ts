// What a person does with any session, on screen or not: it is asked of the server, and the list has it at once.
import { ApiError, api } from './api.ts';
import { attachedKey } from './attachments/draft.ts';
import { draftKey, keep } from './kept.ts';
import type { SessionList } from './list.ts';
import type { PaneStore } from './pane-store.ts';

/** Other tabs have heard by then that a session is gone. */
const RESCUED_AFTER_MS = 10_000;

export interface SessionActPorts {
  pane: PaneStore;
  sessions: SessionList;
  /** Does it; what it runs into is said. */
  act(run: () => Promise<unknown>): void;
  report(error: unknown): void;
  /** Nobody looks at a session that goes under them. */
  leave(session_id: string): void;
}

export function createSessionActs({ pane, sessions, act, report, leave }: SessionActPorts) {
  const shown = (): string | null => pane.getSnapshot().context.session_id;

  async function patch(session_id: string, fields: Parameters<typeof api.patchSession>[1]): Promise<void> {
    const { session } = await api.patchSession(session_id, fields);
    sessions.changed(session_id, session);
    if (shown() === session_id) pane.trigger.sessionChanged({ patch: session });
  }

  return {
    rename: (session_id: string, title: string) => act(() => patch(session_id, { title })),
    pin: (session_id: string, pinned: boolean) => act(() => patch(session_id, { pinned })),
    archive: (session_id: string, archived: boolean) => act(() => patch(session_id, { archived })),
    pauseQueue(queue_paused: boolean) {
      const session_id = shown();
      if (session_id !== null) act(() => patch(session_id, { queue_paused }));
    },
    remove(session_id: string) {
      // Away first: what comes of it is told in the list.
      leave(session_id);
      act(async () => {
        await api.deleteSession(session_id);
        // Tabs that show it take what was written and attached to the next draft; what nobody took goes then.
        for (const key of [draftKey(session_id), attachedKey(session_id)])
          setTimeout(keep, RESCUED_AFTER_MS, key, null);
        sessions.changed(session_id, null);
      });
    },
    /** Stops a run that is not on screen. @throws what is told already */
    async stopTask(stream_id: string): Promise<void> {
      pane.trigger.alertChanged({ alert: null });
      try {
        await api.cancel(stream_id);
      } catch (error) {
        if (error instanceof ApiError && error.code === 'stream_settled') return;
        report(error);
        throw error;
      }
    },
  };
}
