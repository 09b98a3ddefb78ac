// The two queue states of a session beside a log on one connection: without id, the newest counts. A slow reader of the
// log skips states too; it is given the newest when it has caught up.
import { encodeEvent, PROMPT_KINDS, type PromptKind, type QueueState } from '../protocol/index.ts';
import type { SessionPrompts } from '../sessions/session-prompts.ts';
import type { SseConnection } from './sse-connection.ts';

/** Writes a state at every change that `tells`; returns the way out. */
export function followPrompts(
  connection: SseConnection,
  prompts: SessionPrompts,
  tells: (state: QueueState) => boolean,
): () => void {
  const say = (kind: PromptKind) => {
    const state = prompts.state(kind);
    if (tells(state)) connection.write(encodeEvent(kind, JSON.stringify(state)));
  };
  const watches = PROMPT_KINDS.map((kind) => prompts.watch(kind, () => say(kind)));
  return () => {
    for (const { unwatch } of watches) unwatch();
  };
}
