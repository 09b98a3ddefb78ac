// What an agent did between its words: thinking and tools as one disclosure, closed until somebody asks.
import { memo, useState } from 'react';
import type { Part, ToolPart } from '../../protocol/views.ts';
import { duration, kilobytes } from '../format.ts';
import { plainText } from '../renderer/plain.ts';
import { enTranscript } from '../text/en-transcript.ts';
import { Icon } from './icon.tsx';

export type ActivityPart = Extract<Part, { type: 'tool' | 'reasoning' }>;

/** Longer groups draw their rows when they are opened. */
const ROWS_DRAWN_MAX = 40;
const OUTPUT_LINES_SHOWN = 24;

const words = enTranscript;
const isTool = (part: ActivityPart): part is ToolPart => part.type === 'tool';

function asText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return plainText(typeof value === 'string' ? value : JSON.stringify(value, null, 2));
}

function noteOf(tool: ToolPart): string {
  const { result } = tool;
  if (typeof result === 'object' && result !== null && 'exit_code' in result)
    return `exit ${result.exit_code}`;
  const lines = typeof result === 'string' ? result.trimEnd().split('\n').length : 0;
  return lines > 1 ? words.lines(lines) : '';
}

function Output({ title, text }: { title: string; text: string }) {
  const [isWhole, setWhole] = useState(false);
  const lines = text.split('\n');
  const isCut = !isWhole && lines.length > OUTPUT_LINES_SHOWN;
  return (
    <div className="tool-part">
      <p className="tool-title">{title}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre className="scroll" tabIndex={0} dir="auto">
        {isCut ? lines.slice(0, OUTPUT_LINES_SHOWN).join('\n') : text}
      </pre>
      {isCut && (
        <button type="button" className="link" onClick={() => setWhole(true)}>
          {words.showAll(lines.length)}
        </button>
      )}
    </div>
  );
}

function ToolBody({ tool }: { tool: ToolPart }) {
  const args = asText(tool.args);
  const output = asText(tool.output);
  const result = asText(tool.result);
  return (
    <div className="tool-body">
      {args !== '' && args !== '{}' && <Output title={words.arguments} text={args} />}
      {output !== '' && <Output title={words.output} text={output} />}
      {result !== '' && <Output title={words.result} text={result} />}
      {tool.truncated && <p className="dim">{words.cutResult(kilobytes(tool.full_bytes ?? 0))}</p>}
    </div>
  );
}

const MARKS = {
  running: 'running',
  completed: 'completed',
  failed: 'errored',
  interrupted: 'interrupted',
} as const;

const ToolRow = memo(function ToolRow({ tool, live }: { tool: ToolPart; live: boolean }) {
  const [isOpen, setOpen] = useState(false);
  // A card never waits for an agent that is gone (AT3).
  const status = !live && tool.status === 'running' ? 'interrupted' : tool.status;
  return (
    <li>
      <details className="tool" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <i className="mark" data-state={MARKS[status]} aria-hidden="true" />
          <span className="cut" dir="auto">
            <span className="vh">{words.toolStates[status]}: </span>
            {plainText(tool.name)}
          </span>
          <code className="cut" dir="auto">
            {plainText(tool.preview)}
          </code>
          <span className="r note">{noteOf(tool)}</span>
          <span className="r num">{tool.duration_ms === undefined ? '' : duration(tool.duration_ms)}</span>
        </summary>
        {isOpen && <ToolBody tool={tool} />}
      </details>
    </li>
  );
});

const Thought = memo(function Thought({ text }: { text: string }) {
  return (
    <p className="thought" dir="auto">
      {plainText(text)}
    </p>
  );
});

interface Summary {
  lead: string;
  rest: string[];
}

function summaryOf(parts: ActivityPart[], live: boolean): Summary {
  const tools = parts.filter(isTool);
  const thoughts = parts.filter((part) => part.type === 'reasoning');
  const thinking_ms = thoughts.reduce((ms, part) => ms + part.ended_at - part.started_at, 0);
  const last = parts.at(-1);
  if (live && last?.type === 'reasoning') return { lead: words.thinking, rest: [] };
  if (tools.length === 0) return { lead: words.thought(duration(thinking_ms)), rest: [] };
  const tools_ms = tools.reduce((ms, tool) => ms + (tool.duration_ms ?? 0), 0);
  const failed = tools.filter((tool) => tool.status === 'failed').length;
  const closed = tools.filter(
    (tool) => tool.status === 'interrupted' || (!live && tool.status === 'running'),
  );
  const running = live ? tools.findLast((tool) => tool.status === 'running') : undefined;
  const rest = [
    running ? plainText(`${running.name} ${running.preview}`) : duration(tools_ms),
    ...(thoughts.length > 0 ? [words.thoughtAlso(duration(thinking_ms))] : []),
    ...(failed > 0 ? [words.failedTools(failed)] : []),
    ...(closed.length > 0 ? [words.interruptedTools(closed.length)] : []),
  ];
  return { lead: words.tools(tools.length), rest };
}

function Rows({ parts, live }: { parts: ActivityPart[]; live: boolean }) {
  // Thoughts and tools in the order of the log; runs of tools share one list.
  const runs: ActivityPart[][] = [];
  for (const part of parts) {
    const last = runs.at(-1);
    if (last && isTool(part) && last.every(isTool)) last.push(part);
    else runs.push([part]);
  }
  return runs.map((run, index) => {
    const [first] = run;
    return first?.type === 'reasoning' ? (
      <Thought key={index} text={first.text} />
    ) : (
      <ul className="tools" key={index}>
        {run.filter(isTool).map((tool) => (
          <ToolRow key={tool.tid} tool={tool} live={live} />
        ))}
      </ul>
    );
  });
}

const same = (
  a: { parts: ActivityPart[]; live: boolean },
  b: { parts: ActivityPart[]; live: boolean },
): boolean =>
  a.live === b.live && a.parts.length === b.parts.length && a.parts.every((part, at) => part === b.parts[at]);

export const Activity = memo(function Activity({ parts, live }: { parts: ActivityPart[]; live: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const { lead, rest } = summaryOf(parts, live);
  return (
    <details className="activity" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="turn" className="turn" />
        <b>{lead}</b>
        {rest.length > 0 && <span className="dim num cut">{rest.join(' · ')}</span>}
      </summary>
      {(isOpen || parts.length <= ROWS_DRAWN_MAX) && <Rows parts={parts} live={live} />}
    </details>
  );
}, same);
