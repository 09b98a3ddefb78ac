// The fold: frames in, parts of an answer out. The settle commit and the page use this one function, so both show the same.
import type { AgentFrame, Outcome, Usage } from './frames.ts';
import { isTerminalEvent, outcomeOf } from './frames.ts';
import type { Message, Part, ToolPart } from './views.ts';

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

/** One frame of a stream's log. `data` is the parsed `json` of a StoredRecord. */
export interface LogFrame {
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: one shape per event; the log holds only what the writer checked
  data: any;
}

/** Takes one frame into `answer`, in place. A frame whose number is not above `last_seq` changes nothing (AT11). */
export function foldFrame(answer: Answer, frame: LogFrame): Answer {
  const { event, data } = frame;
  if (data.seq <= answer.last_seq) return answer;
  answer.last_seq = data.seq;
  if (isTerminalEvent(event)) return foldTerminal(answer, frame);
  if (event === 'stream_end') {
    answer.settled_at = data.at;
    answer.terminal_state = data.terminal_state;
  } else if (event === 'title') answer.title = data.title;
  else foldAgentFrame(answer, frame as AgentFrame & { data: { at: number } });
  return answer;
}

function foldTerminal(answer: Answer, { event, data }: LogFrame): Answer {
  if (!isTerminalEvent(event)) return answer;
  answer.terminal_state = outcomeOf(event, data);
  if (data.usage) answer.usage = { ...answer.usage, ...data.usage };
  // Open tool cards are closed with the run: nothing on the page may wait for an agent that is gone.
  answer.parts = answer.parts.map((part) =>
    part.type === 'tool' && part.status === 'running' ? { ...part, status: 'interrupted' } : part,
  );
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
