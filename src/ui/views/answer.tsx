// One answer: its parts in the order of the log, and the receipt of how it ended. Errors are never folded away.
import { memo, useMemo, useState } from 'react';
import type { Message, Part, PromptPart } from '../../protocol/views.ts';
import { clockTime, duration, secondTime, shortNumber } from '../format.ts';
import { plainText } from '../renderer/plain.ts';
import { endedWhy } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { enTranscript } from '../text/en-transcript.ts';
import { Activity, type ActivityPart } from './activity.tsx';
import { useApp, useStore } from './context.tsx';
import { ForkButton } from './fork-button.tsx';
import { Icon } from './icon.tsx';
import { PromptLine } from './prompt-parts.tsx';
import { ProseView } from './prose-view.tsx';

const words = enTranscript;

type OtherPart = Exclude<Part, ActivityPart | PromptPart>;
type Segment =
  | { kind: 'prompt'; at: number; part: PromptPart }
  | { kind: 'activity'; at: number; parts: ActivityPart[] }
  | { kind: 'one'; at: number; part: OtherPart };

function segmentsOf(parts: Part[]): Segment[] {
  const segments: Segment[] = [];
  parts.forEach((part, at) => {
    const last = segments.at(-1);
    // Prompts are never folded away: one stands between what came before it and what came after.
    if (part.type === 'prompt') segments.push({ kind: 'prompt', at, part });
    else if (part.type !== 'tool' && part.type !== 'reasoning') segments.push({ kind: 'one', at, part });
    else if (last?.kind === 'activity') last.parts.push(part);
    else segments.push({ kind: 'activity', at, parts: [part] });
  });
  return segments;
}

const Plan = ({ part }: { part: Extract<Part, { type: 'plan' }> }) => (
  <section className="plan" aria-label={words.plan}>
    <ul>
      {part.entries.map((entry, at) => (
        <li key={at}>
          <i className="mark" data-state={words.planMarks[entry.status ?? ''] ?? 'idle'} aria-hidden="true" />
          <span dir="auto">
            {entry.status && <span className="vh">{entry.status}: </span>}
            {plainText(entry.content)}
          </span>
        </li>
      ))}
    </ul>
  </section>
);

function One({ part, live }: { part: OtherPart; live: boolean }) {
  switch (part.type) {
    case 'text':
      return <ProseView text={part.text} live={live} />;
    case 'plan':
      return <Plan part={part} />;
    case 'warning':
      return (
        <p className="inert" dir="auto">
          <b>{words.warning}</b> {plainText(part.message)}
        </p>
      );
    case 'error':
      return part.error === 'interrupted' ? null : (
        <section className="band failed" aria-label={en.outcomeWords.errored}>
          <h2 className="mono">{part.error}</h2>
          <p dir="auto">{plainText(part.message)}</p>
          {part.hint && <p dir="auto">{plainText(part.hint)}</p>}
        </section>
      );
  }
}

function interruption(message: Message): string {
  const part = message.parts.findLast((one) => one.type === 'error' && one.error === 'interrupted');
  const said = part?.type === 'error' ? plainText(part.message) : '';
  return words.cutReasons[endedWhy(message) ?? ''] ?? (/^[^.]+/.exec(said)?.[0] || words.cutInterrupted);
}

/** A double click on Continue is one: until the server has the message, it is on its way. */
const useSending = (): boolean => {
  const { pane, outbox } = useApp();
  const session_id = useStore(pane, (context) => context.session_id);
  return useStore(outbox, ({ outgoing }) =>
    outgoing.some((one) => one.session_id === session_id && one.state === 'sending'),
  );
};

function Actions() {
  const { commands } = useApp();
  const isSending = useSending();
  return (
    <span className="acts push">
      <button type="button" className="btn" disabled={isSending} onClick={() => commands.turns()?.retry()}>
        {words.actions.retry}
      </button>
      <button
        type="button"
        className="btn"
        disabled={isSending}
        onClick={() => commands.send(words.actions.continueText)}
      >
        {words.actions.continue}
      </button>
    </span>
  );
}

function Receipt({ message, mayAct }: { message: Message; mayAct: boolean }) {
  const { shell } = useApp();
  const { terminal_state: outcome, stream_id, usage } = message;
  // Of an answer that came by import it may not be known how it ended.
  if (!outcome && stream_id !== null) return null;
  const at = message.settled_at ?? message.created_at;
  const tools = message.parts.filter((part) => part.type === 'tool').length;
  // What it was asked with is the meter's: it is counted again with every request.
  const tokens = usage?.output_tokens ?? 0;
  const isCut = outcome && outcome !== 'completed' && message.parts.some((part) => part.type === 'text');
  return (
    <>
      {outcome === 'interrupted' && (
        <p className="cutoff">{words.cut(interruption(message), secondTime(at))}</p>
      )}
      <div className="receipt">
        {outcome && (
          <span className="badge plain" data-run-state="settled" data-outcome={outcome}>
            {en.outcomeWords[outcome]}
          </span>
        )}
        {message.settled_at !== undefined && <span>{duration(at - message.created_at)}</span>}
        {tools > 0 && <span>{words.tools(tools)}</span>}
        {tokens > 0 && <span>{words.tokens(tokens, shortNumber(tokens))}</span>}
        {isCut && <span>{words.partialKept}</span>}
        <span className="ways">
          {stream_id !== null && (
            <button type="button" className="link" onClick={() => shell.trigger.drawerAsked({ stream_id })}>
              {words.transitions}
            </button>
          )}
          <ForkButton message={message} />
        </span>
        {mayAct && <Actions />}
      </div>
    </>
  );
}

export interface AnswerProps {
  message: Message;
  live: boolean;
  /** it is the last turn, nothing runs, and it did not end well */
  mayAct: boolean;
}

function Body({ message, live, mayAct }: AnswerProps) {
  const segments = useMemo(() => segmentsOf(message.parts), [message.parts]);
  const time = clockTime(message.created_at);
  return (
    <article
      className="answer"
      data-stream-id={message.stream_id ?? undefined}
      data-turn=""
      aria-label={live ? words.answerLive(time) : words.answer(time)}
      aria-busy={live || undefined}
    >
      {segments.map((segment, index) => {
        // An answer without a run of its own came as a copy.
        if (segment.kind === 'prompt')
          return <PromptLine key={segment.at} part={segment.part} copied={message.stream_id === null} />;
        const grows = live && index === segments.findLastIndex(({ kind }) => kind !== 'prompt');
        return segment.kind === 'activity' ? (
          <Activity key={segment.at} parts={segment.parts} live={grows} />
        ) : (
          <One key={segment.at} part={segment.part} live={grows} />
        );
      })}
      {live && segments.every(({ kind }) => kind === 'prompt') && (
        <p className="caret-alone" aria-hidden="true" />
      )}
      {/* The receipt's place is kept from the start: at settlement nothing moves. */}
      {live ? <div className="receipt" aria-hidden="true" /> : <Receipt message={message} mayAct={mayAct} />}
    </article>
  );
}

export const Answer = memo(function Answer(props: AnswerProps) {
  const [isOpen, setOpen] = useState(false);
  const { message } = props;
  if (message.superseded_by === undefined) return <Body {...props} />;
  // The earlier answer of a retry stays reachable.
  const how = message.terminal_state ? en.outcomeWords[message.terminal_state] : en.stateWords.settled;
  return (
    <details
      className="superseded activity"
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <Icon name="turn" className="turn" />
        {words.superseded(how)}
      </summary>
      {isOpen && <Body {...props} mayAct={false} />}
    </details>
  );
});
