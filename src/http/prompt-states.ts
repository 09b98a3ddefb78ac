// The two queue states of a session beside a log on one connection: without id, the newest counts. A slow reader of the
// log skips states too; it is given the newest when it has caught up.
import { encodeEvent, PROMPT_KINDS, type PromptKind, type QueueState } from '../protocol/index.ts';
import type { SessionPrompts } from '../sessions/session-prompts.ts';
import type { SseConnection } from './sse-connection.ts';
import { createStateReader } from './state-reader.ts';

/** Says a state after every change that `tells`; returns the way out. */
export function followPrompts(
  connection: SseConnection,
  prompts: SessionPrompts,
  tells: (state: QueueState) => boolean,
): () => void {
  const follow = (kind: PromptKind) => {
    const reader = createStateReader(connection, () => {
      const state = prompts.state(kind);
      return tells(state) ? encodeEvent(kind, JSON.stringify(state)) : '';
    });
    const { unwatch } = prompts.watch(kind, reader.wake);
    return () => {
      reader.close();
      unwatch();
    };
  };
  const outs = PROMPT_KINDS.map(follow);
  return () => {
    for (const out of outs) out();
  };
}
