// The fold: frames and prompts in, parts of an answer out. The settle commit, the reads, an import and the page use this one
// function, so all show the same.
import type { AgentFrame, Usage } from './frames.ts';
import type { ApprovalEntry, ClarifyEntry } from './prompts.ts';
import { isTerminalEvent, type Outcome, outcomeOf } from './terminal.ts';
import type { Message, Part, PromptPart, ToolPart } from './views.ts';

/** An answer while it grows. Parts are replaced, never changed, when their content changes: identity tells what is new. */
export interface Answer {
  parts: Part[];
  last_seq: number;
  terminal_state: Outcome | null;
  settled_at: number | null;
  usage: Usage;
  title: string | null;
}

export const emptyAnswer = (): Answer => ({
  parts: [],
  last_seq: 0,
  terminal_state: null,
  settled_at: null,
  usage: {},
  title: null,
});

/** A frame, or a record of a prompt. `data` is the parsed `json` of a StoredRecord. */
export interface LogRecord {
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: one shape per event; the log holds only what the writer checked
  data: any;
}

/** The stream whose answer a record is folded into. */
export const answeredStream = ({ event, data }: LogRecord): unknown =>
  event === 'prompt_asked' ? data.entry.stream_id : data.stream_id;

/** Takes one record of its stream into `answer`, in place. What it has taken in already changes nothing. */
export function foldRecord(answer: Answer, record: LogRecord): Answer {
  if (record.event === 'prompt_asked') foldAsked(answer, record.data);
  else if (record.event === 'prompt_settled') foldSettled(answer, record.data);
  else foldFrame(answer, record);
  return answer;
}

/** A frame whose number is not above `last_seq` changes nothing (AT11). */
function foldFrame(answer: Answer, frame: LogRecord): Answer {
  const { event, data } = frame;
  if (!(data.seq > answer.last_seq)) return answer;
  answer.last_seq = data.seq;
  if (isTerminalEvent(event)) return foldTerminal(answer, frame);
  if (event === 'stream_end') {
    answer.settled_at = data.at;
    answer.terminal_state = data.terminal_state;
  } else if (event === 'title') answer.title = data.title;
  else foldAgentFrame(answer, frame as AgentFrame & { data: { at: number } });
  return answer;
}

function foldTerminal(answer: Answer, { event, data }: LogRecord): Answer {
  if (!isTerminalEvent(event)) return answer;
  answer.terminal_state = outcomeOf(event, data);
  if (data.usage) answer.usage = { ...answer.usage, ...data.usage };
  // What is open is closed with the run (CQ9): nothing on the page may wait for an agent that is gone.
  answer.parts = answer.parts.map((part) => {
    if (part.type === 'tool' && part.status === 'running') return { ...part, status: 'interrupted' };
    if (part.type !== 'prompt' || part.how !== null) return part;
    return { ...part, how: 'cancelled', reason: answer.terminal_state!, settled_at: data.at };
  });
  if (event === 'apperror') {
    const { type, message, hint } = data;
    answer.parts.push({ type: 'error', error: type, message, ...(hint === undefined ? {} : { hint }) });
  }
  return answer;
}

function foldAgentFrame(answer: Answer, frame: AgentFrame & { data: { at: number } }): void {
  const { parts } = answer;
  const at = frame.data.at;
  switch (frame.event) {
    case 'token':
      growLast(parts, 'text', frame.data.text, at);
      break;
    case 'reasoning':
      growLast(parts, 'reasoning', frame.data.text, at);
      break;
    case 'tool': {
      const { tid, name, preview, args } = frame.data;
      parts.push({ type: 'tool', tid, name, preview, args, status: 'running', started_at: at });
      break;
    }
    case 'tool_update':
      changeTool(parts, frame.data.tid, (tool) => ({
        ...tool,
        ...(frame.data.preview === undefined ? {} : { preview: frame.data.preview }),
        ...(frame.data.output === undefined ? {} : { output: (tool.output ?? '') + frame.data.output }),
      }));
      break;
    case 'tool_complete':
      completeTool(parts, frame.data);
      break;
    case 'plan': {
      const known = parts.findIndex((part) => part.type === 'plan');
      const plan: Part = { type: 'plan', entries: frame.data.entries };
      if (known < 0) parts.push(plan);
      else parts[known] = plan;
      break;
    }
    case 'metering':
      answer.usage = { ...answer.usage, ...frame.data.usage };
      break;
    case 'warning':
      parts.push({ type: 'warning', warning: frame.data.type, message: frame.data.message });
  }
}

function growLast(parts: Part[], type: 'text' | 'reasoning', text: string, at: number): void {
  const last = parts.at(-1);
  if (last?.type === 'reasoning' && type === 'reasoning')
    parts[parts.length - 1] = { ...last, text: last.text + text, ended_at: at };
  else if (last?.type === 'text' && type === 'text')
    parts[parts.length - 1] = { type, text: last.text + text };
  else if (type === 'text') parts.push({ type, text });
  else parts.push({ type, text, started_at: at, ended_at: at });
}

function changeTool(parts: Part[], tid: string, change: (tool: ToolPart) => ToolPart): void {
  const at = parts.findLastIndex((part) => part.type === 'tool' && part.tid === tid);
  const tool = parts[at];
  if (tool?.type === 'tool') parts[at] = change(tool);
}

function completeTool(parts: Part[], data: Extract<AgentFrame, { event: 'tool_complete' }>['data']): void {
  changeTool(parts, data.tid, (tool) => ({
    ...tool,
    status: data.is_error ? 'failed' : 'completed',
    result: data.result,
    duration_ms: data.duration_ms,
    ...(data.truncated === undefined ? {} : { truncated: data.truncated }),
    ...(data.full_bytes === undefined ? {} : { full_bytes: data.full_bytes }),
  }));
}

type Asked = { kind: 'clarify'; entry: ClarifyEntry } | { kind: 'approval'; entry: ApprovalEntry };

/** One part per prompt, where it was asked; that it was asked again (CQ8) is no record. */
function foldAsked({ parts }: Answer, prompt: Asked & { at: number }): void {
  const { prompt_id, asked } = saidOf(prompt);
  if (parts.some((part) => part.type === 'prompt' && part.prompt_id === prompt_id)) return;
  parts.push({ type: 'prompt', kind: prompt.kind, prompt_id, asked, asked_at: prompt.at, how: null });
}

function saidOf({ kind, entry }: Asked): Pick<PromptPart, 'prompt_id' | 'asked'> {
  if (kind === 'clarify') return { prompt_id: entry.clarify_id, asked: { question: entry.question } };
  const { approval_id, tool, command } = entry;
  return { prompt_id: approval_id, asked: { tool, ...(command === undefined ? {} : { command }) } };
}

type Settled = Pick<PromptPart, 'by' | 'reason' | 'answer'> & {
  id: string;
  how: NonNullable<PromptPart['how']>;
  at: number;
};

/** CQ5: it ends once; what is told of it later changes nothing. */
function foldSettled({ parts }: Answer, { id, how, by, reason, answer, at }: Settled): void {
  const place = parts.findLastIndex((part) => part.type === 'prompt' && part.prompt_id === id);
  const part = parts[place];
  if (part?.type !== 'prompt' || part.how !== null) return;
  parts[place] = {
    ...part,
    how,
    settled_at: at,
    ...(by === undefined ? {} : { by }),
    ...(reason === undefined ? {} : { reason }),
    ...(answer === undefined ? {} : { answer }),
  };
}

/** The assistant's message of a stream, as `GET /api/session` gives it. */
export const answerMessage = (
  answer: Answer,
  of: { message_id: string; stream_id: string; created_at: number },
): Message => ({
  message_id: of.message_id,
  role: 'assistant',
  parts: answer.parts,
  created_at: of.created_at,
  stream_id: of.stream_id,
  last_seq: answer.last_seq,
  terminal_state: answer.terminal_state,
  ...(answer.settled_at === null ? {} : { settled_at: answer.settled_at }),
  ...(Object.keys(answer.usage).length === 0 ? {} : { usage: answer.usage }),
});
