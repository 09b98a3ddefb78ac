// What is said of a run between its terminal commit and its settlement: usage and a title. Bounded by the machine; what
// comes too late is fenced by the log.
import type { Agent, AgentInput } from '../agents/port.ts';
import type { Journal, SessionRow, StreamRow } from '../journal/port.ts';
import { TITLE_LENGTH_MAX } from '../protocol/index.ts';
import type { EndingOf } from './ending.ts';
import type { Writer } from './writer.ts';

export interface Described {
  writer: Writer;
  agent: Agent | undefined;
  agentInput: AgentInput | undefined;
  ending: EndingOf;
  signal: AbortSignal;
  journal: Journal;
  stream: StreamRow;
}

export async function describeRun(of: Described): Promise<void> {
  const { writer, ending, journal, stream } = of;
  if (ending.usage) await writer.write('metering', { usage: ending.usage });
  const session = await journal.getSession(stream.owner, stream.session_id);
  if (!session) return;
  const given =
    session.title_source === 'person' ? null : (ending.title ?? (await askTitle(of, session.title_source)));
  await writer.write('title_status', { status: given ? 'given' : 'kept' });
  // Said at every end, so that a client knows the title without a second look.
  const title = (given ?? session.title)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, TITLE_LENGTH_MAX)
    .toWellFormed();
  await writer.write('title', { title });
}

async function askTitle(of: Described, source: SessionRow['title_source']): Promise<string | null> {
  const { agent, agentInput, signal, journal, stream } = of;
  if (!agent?.title || !agentInput || source === 'agent') return null;
  const page = await journal.getTranscript(stream.owner, stream.session_id, { limit: 2 });
  if (signal.aborted) return null;
  const answer = page?.messages.find((message) => message.message_id === stream.message_id);
  const text = answer?.parts.map((part) => (part.type === 'text' ? part.text : '')).join('') ?? '';
  return agent.title(agentInput, text, signal);
}
