// A run over HTTP that says nothing and asks what the test asks: into its log, past its agent. And how to read a queue's
// pushed states.
import type { Asked } from '../../src/journal/port.ts';
import type { PromptKind, QueueState } from '../../src/protocol/index.ts';
import { type Client, createClient, named, type Reader, type SseEvent } from './client.ts';
import type { Running } from './server.ts';

export interface Asker {
  session_id: string;
  stream_id: string;
  /** Asks `prompt_id`; `more`: over the entry's fields. */
  ask(kind: PromptKind, prompt_id: string, more?: object): Promise<Asked>;
}

const OPTIONS = [
  { option_id: 'once', name: 'Allow once', kind: 'allow_once' },
  { option_id: 'session', name: 'Allow for this session', kind: 'allow_session' },
  { option_id: 'always', name: 'Always allow', kind: 'allow_always' },
  { option_id: 'no', name: 'Deny', kind: 'reject_once' },
  { option_id: 'never', name: 'Never', kind: 'reject_always' },
];

export async function openAsker(weir: Running, client = createClient(weir.url)): Promise<Asker> {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'tokens=2 hang@1');
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await reader.until(named('token'));
  reader.close();
  const common = { session_id, stream_id, requested_at: Date.now(), timeout_seconds: 0, expires_at: null };
  const payloads = {
    clarify: { question: 'Which?', choices_offered: ['this', 'that'], multiple: false },
    approval: {
      tool: 'shell',
      command: 'ls',
      description: 'lists',
      args: { command: 'ls' },
      options: OPTIONS,
    },
  };
  return {
    session_id,
    stream_id,
    ask: (kind, prompt_id, more = {}) =>
      weir.server.parts.journal.ask({
        stream_id,
        epoch: 1,
        kind,
        entry: { [`${kind}_id`]: prompt_id, ...common, ...payloads[kind], ...more } as never,
        same_as: null,
        at: Date.now(),
      }),
  };
}

export const promptStream = (client: Client, kind: PromptKind, session_id: string): Promise<Reader> =>
  client.read(`/api/${kind}/stream?session_id=${session_id}`);

/** The states that a reader was given, of one queue, in order. */
export const statesOf = (events: SseEvent[], kind: PromptKind): QueueState[] =>
  events.filter(named('initial', kind)).map(({ data }) => JSON.parse(data));

export const versionOf = ({ data }: SseEvent): number => JSON.parse(data).version;

/** What was pending at a version: the fold of a session's records up to it, oldest first. */
export function pendingAt(
  // biome-ignore lint/suspicious/noExplicitAny: records of every shape
  records: { pos: number; event: string; data: any }[],
  kind: PromptKind,
  version: number,
): string[] {
  const pending: string[] = [];
  for (const { pos, event, data } of records) {
    if (pos > version || data.kind !== kind) continue;
    if (event === 'prompt_asked') pending.push(data.entry[`${kind}_id`]);
    else if (event === 'prompt_settled') pending.splice(pending.indexOf(data.id), 1);
  }
  return pending;
}
