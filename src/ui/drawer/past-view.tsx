// A run as it was: its question, its answer until then, and what waited for somebody. It lies over the session, and can do
// nothing but be read.
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import type { ApprovalEntry, ClarifyEntry } from '../../protocol/prompts.ts';
import { answerMessage } from '../../protocol/transcript.ts';
import type { Message, Part } from '../../protocol/views.ts';
import { clockTime, elapsed, exactTime, isoTime, secondTime } from '../format.ts';
import { exactText } from '../prompts/exact-text.ts';
import { splitBlocks } from '../renderer/blocks.ts';
import { plainText } from '../renderer/plain.ts';
import { type ShownRun, wordOf } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { enDrawer } from '../text/en-drawer.ts';
import { enTranscript } from '../text/en-transcript.ts';
import { Answer } from '../views/answer.tsx';
import { AttachedFiles } from '../views/attached-files.tsx';
import { isWide } from '../views/drawer-switch.ts';
import type { Moment, PastPrompt, Question } from './run-past.ts';

const words = enDrawer.past;
/** Letters of one piece of a long text, roughly: what did not change from one moment to the next is not drawn again. */
const PIECE_LENGTH = 2000;
/** While the slider moves, the newest is drawn: what is above comes when it has stood still for so long. */
const REST_MS = 150;
const MOVING_PARTS = 24;
const MOVING_PIECES = 2;
const MOVING_LENGTH = 4000;

function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const block of splitBlocks(text)) {
    piece += block;
    if (piece.length < PIECE_LENGTH) continue;
    pieces.push(piece);
    piece = '';
  }
  return piece === '' ? pieces : [...pieces, piece];
}

/** Without its end: that is the badge's, and what an end offers to do is no part of the past. */
function messageAt({ answer, question, at }: Moment, stream_id: string, isWhole: boolean): Message {
  const known = isWhole ? answer.parts : answer.parts.slice(-MOVING_PARTS);
  const parts = known.flatMap((part): Part[] => {
    if (part.type !== 'text') return [part];
    const pieces = isWhole ? piecesOf(part.text) : piecesOf(part.text).slice(-MOVING_PIECES);
    return pieces.map((text) => ({ type: 'text', text: isWhole ? text : text.slice(-MOVING_LENGTH) }));
  });
  const of = { message_id: stream_id, stream_id, created_at: question?.at ?? at };
  return { ...answerMessage({ ...answer, settled_at: null }, of), parts, terminal_state: null };
}

/** Whether the slider stands still. */
function useRest(moment: Moment): boolean {
  const [rested, setRested] = useState<Moment | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setRested(moment), REST_MS);
    return () => clearTimeout(timer);
  }, [moment]);
  return rested === moment;
}

const Asked = ({ question }: { question: Question }) => (
  // biome-ignore lint/a11y/useSemanticElements: a turn is no form field set
  <div className="you" role="group" aria-label={enTranscript.you(clockTime(question.at))}>
    <p dir="auto">{plainText(question.text)}</p>
    <AttachedFiles attachments={question.attachments} />
  </div>
);

function Card({ prompt }: { prompt: PastPrompt }) {
  const { question, choices_offered = [] } = prompt.entry as Partial<ClarifyEntry>;
  const { tool, command, description } = prompt.entry as Partial<ApprovalEntry>;
  const exact = command ?? tool;
  return (
    <section className="ask" aria-label={en.prompts.names[prompt.kind]}>
      <header className="ask-head">
        <i className="mark" data-state="waiting" aria-hidden="true" />
        <h2 className="cut">{en.prompts.names[prompt.kind]}</h2>
      </header>
      <div className="ask-body">
        {question !== undefined && <p dir="auto">{plainText(question)}</p>}
        {exact !== undefined && <code className="mono">{exactText(exact)}</code>}
        {description && <p dir="auto">{plainText(description)}</p>}
        {choices_offered.length > 0 && (
          <ul className="past-choices" aria-label={words.choices}>
            {choices_offered.map((choice) => (
              <li key={choice} dir="auto">
                {plainText(choice)}
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

const Badge = ({ run, at }: { run: ShownRun; at: number }) => (
  <span
    className="badge"
    data-run-state={run.run_state}
    data-outcome={run.run_state === 'settled' ? (run.outcome ?? undefined) : undefined}
  >
    <span className="cut">
      {wordOf(run)} · {elapsed(at - run.since)}
    </span>
  </span>
);

interface PastProps {
  moment: Moment;
  run: ShownRun;
  leave(): void;
}

const Content = memo(function Content({ moment, stream_id }: { moment: Moment; stream_id: string }) {
  const isWhole = useRest(moment);
  const message = useMemo(() => messageAt(moment, stream_id, isWhole), [moment, stream_id, isWhole]);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="log" aria-label={words.transcript} tabIndex={0}>
        <div className="turns">
          {moment.question && <Asked question={moment.question} />}
          {message.parts.length > 0 ? (
            <Answer message={message} live={false} mayAct={false} />
          ) : (
            <p className="dim">{words.silent}</p>
          )}
        </div>
      </section>
      <div className="past-asks">
        {moment.pending.map((prompt) => (
          <Card key={prompt.id} prompt={prompt} />
        ))}
        <p className="dim">{words.onlyLook}</p>
      </div>
    </>
  );
});

/** What lies under it is out of reach. */
function useOverPane(pane: Element | null): React.RefObject<HTMLElement | null> {
  const root = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const under = pane ? [...pane.children].filter((child) => child !== root.current) : [];
    for (const child of under) child.toggleAttribute('inert', true);
    return () => {
      for (const child of under) child.removeAttribute('inert');
    };
  }, [pane]);
  return root;
}

/** Over the session where the drawer stands beside it, else in the drawer. */
export function PastView({ moment, run, leave }: PastProps) {
  const pane = useMemo(() => (isWide() ? document.querySelector('main.pane') : null), []);
  const root = useOverPane(pane);
  // Over the session it stands for the session's own title.
  const Title = pane ? 'h1' : 'h2';
  const view = (
    <section className="past" ref={root} aria-label={words.asItWas(secondTime(moment.at))}>
      <header className="past-head">
        <Title>
          <time dateTime={isoTime(moment.at)} title={exactTime(moment.at)}>
            {words.asItWas(secondTime(moment.at))}
          </time>
        </Title>
        <Badge run={run} at={moment.at} />
        <button type="button" className="btn solid push" onClick={leave}>
          {words.back}
        </button>
      </header>
      <Content moment={moment} stream_id={run.stream_id} />
    </section>
  );
  return pane ? createPortal(view, pane) : view;
}
