// What the waiting sessions of the board ask, and the way to answer without opening them: a desk and a small pane for each, read
// again when the board says that something of it has changed. Closed, it leaves no timer and no request behind.
import { createStore } from '@xstate/store';
import { PROMPT_KINDS } from '../../protocol/prompts.ts';
import type { App } from '../app.ts';
import { createPaneStore } from '../pane-store.ts';
import { loadPrompts } from '../prompts/load.ts';
import { pendingPrompts } from '../prompts/prompt-api.ts';
import type { PromptDesk } from '../prompts/prompt-desk.ts';
import { appendPromptDraft } from '../prompts/prompt-draft.ts';

export type Reading = 'reading' | 'ready' | 'failed';

export interface BoardDesk {
  /** the page as its cards see it: their own pane, and answers that go to their own session */
  app: App;
  reading: ReturnType<typeof createReading>;
  /** Asks what is pending; of many at once, one and then one more. */
  read(): void;
  close(): void;
}

const createReading = () =>
  createStore({
    context: { state: 'reading' as Reading },
    on: { changed: (_reading, { state }: { state: Reading }) => ({ state }) },
  });

export interface DeskOfPorts {
  app: App;
  now(): number;
  broken(bug: unknown): void;
}

export function createBoardDesk(session_id: string, { app, now, broken }: DeskOfPorts): BoardDesk {
  const pane = createPaneStore();
  const reading = createReading();
  const abort = new AbortController();
  let desk: PromptDesk | null = null;
  let reads = 0;
  let isLost = app.line.getSnapshot().context.lost;
  const { unsubscribe } = app.line.subscribe(({ context }) => lineChanged(context.lost));

  async function open(): Promise<PromptDesk> {
    const parts = await loadPrompts();
    if (abort.signal.aborted || desk) return desk ?? Promise.reject(abort.signal.reason);
    const draftReturned = (): void => app.shell.trigger.draftReturned({});
    // Nothing is heard here: as long as the page's line is there, the board tells what has changed.
    const ports = { store: pane, now, client: app.client, reattach: tellLine, draftReturned, broken };
    desk = parts.createPromptDesk(session_id, ports);
    tellLine();
    return desk;
  }

  function tellLine(): void {
    if (!isLost) desk?.line('line.opened');
  }

  /** What was asked while the line was lost is read when it is back. */
  function lineChanged(lost: boolean): void {
    if (lost === isLost) return;
    isLost = lost;
    if (isLost) desk?.line('line.lost');
    else tellLine();
    if (!isLost && desk) read();
  }

  async function readAll(): Promise<void> {
    const taken = await open();
    const states = await Promise.all(
      PROMPT_KINDS.map((kind) => pendingPrompts(kind, session_id, abort.signal)),
    );
    PROMPT_KINDS.forEach((kind, at) => {
      taken.pushed(kind, states[at]);
    });
  }

  function read(): void {
    reads += 1;
    if (reads > 1) return;
    readAll()
      .then(
        () => reading.trigger.changed({ state: 'ready' }),
        () => abort.signal.aborted || reading.trigger.changed({ state: 'failed' }),
      )
      .finally(() => {
        const again = reads > 1;
        reads = 0;
        if (again && !abort.signal.aborted) read();
      });
  }

  pane.trigger.cleared({ session_id });
  const commands: App['commands'] = {
    ...app.commands,
    answerPrompt: (kind, prompt_id, reply) => desk?.answer(kind, prompt_id, reply),
    tellPrompt: (kind, type, prompt_id) => desk?.tell(kind, type, prompt_id),
    takeDraft: (prompt_id) => appendPromptDraft(session_id, prompt_id),
  };
  return {
    app: { ...app, pane, commands },
    reading,
    read,
    close() {
      abort.abort();
      unsubscribe();
      desk?.close();
    },
  };
}

export interface BoardDesks {
  /** The desk of a session that waits; the same as long as the board is shown. */
  of(session_id: string): BoardDesk;
  /** null: it has not waited since the board is shown */
  known(session_id: string): BoardDesk | null;
  close(): void;
}

export function createBoardDesks(ports: DeskOfPorts): BoardDesks {
  const desks = new Map<string, BoardDesk>();
  return {
    of(session_id) {
      const known = desks.get(session_id);
      if (known) return known;
      const desk = createBoardDesk(session_id, ports);
      desks.set(session_id, desk);
      return desk;
    },
    known: (session_id) => desks.get(session_id) ?? null,
    close() {
      for (const desk of desks.values()) desk.close();
      desks.clear();
    },
  };
}
