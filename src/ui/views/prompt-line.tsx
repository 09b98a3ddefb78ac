// A prompt that is over: what was asked and what became of it, inert, where it was asked. Who lost the race reads so, calmly; what was written is not lost.
import type { Card } from '../../machines/prompt-feed.machine.ts';
import type { PromptEndKind, PromptKind } from '../../protocol/prompts.ts';
import type { PromptPart } from '../../protocol/views.ts';
import { clockTime, elapsed, isoTime } from '../format.ts';
import { exactText } from '../prompts/exact-text.ts';
import { keptPromptDraft } from '../prompts/prompt-draft.ts';
import { isEnded, isLong, isRefused, lineWords } from '../prompts/prompt-line.ts';
import { plainText } from '../renderer/plain.ts';
import { en } from '../text/en.ts';
import { enPrompts } from '../text/en-prompts.ts';
import { useApp, useNow, useStore } from './context.tsx';
import { Icon } from './icon.tsx';

const words = enPrompts.over;
/** A race is told in seconds and minutes; then it is history. */
const TICKS_MS = 3_600_000;

function Ago({ at }: { at: number }) {
  const isFresh = Date.now() - at < TICKS_MS;
  const now = useNow(isFresh);
  return words.late(elapsed(now - at));
}

const ANSWERED: readonly (PromptEndKind | null)[] = ['answered', 'declined'];

/** This tab answered too, and too late. */
function useLateCard({ kind, prompt_id }: PromptPart): Card | undefined {
  return useStore(useApp().pane, (context) =>
    context.prompts[kind].over.find((card) => card.prompt_id === prompt_id && card.state === 'lost'),
  );
}

function Draft({ prompt_id }: { prompt_id: string }) {
  const { shell, commands } = useApp();
  // A draft that goes to the message is told by the same count.
  useStore(shell, (context) => context.returned);
  if (keptPromptDraft(prompt_id).trim() === '') return null;
  return (
    <span className="meta">
      {words.draftKept}{' '}
      <button type="button" className="link" onClick={() => commands.takeDraft(prompt_id)}>
        {words.useDraft}
      </button>
    </span>
  );
}

/** What was asked, before what became of it. */
function Asked({ question }: { question: string }) {
  const text = plainText(question);
  return isLong(text) ? (
    <details className="asked">
      <summary>
        <Icon name="turn" className="turn" />
        <span dir="auto">{text}</span>
      </summary>
    </details>
  ) : (
    <p className="asked" dir="auto">
      {text}
    </p>
  );
}

/** What is pending has its card above the message, and no line yet; but in a copy there is no card. */
export const PromptLine = ({ part, copied }: { part: PromptPart; copied: boolean }) =>
  isEnded(part) || copied ? <Line part={part} /> : null;

function Sign({ part }: { part: PromptPart }) {
  if (ANSWERED.includes(part.how)) return <Icon name={isRefused(part) ? 'close' : 'check'} />;
  return <i className="mark" data-state={part.how === null ? 'idle' : 'cancelled'} aria-hidden="true" />;
}

function Line({ part }: { part: PromptPart }) {
  const { client } = useApp();
  const late = useLateCard(part);
  const { prompt_id, how, by } = part;
  const { question, text, quote, command, where } = lineWords(part, client);
  const at = part.settled_at ?? part.asked_at;
  return (
    <div className="inert ended" data-prompt-id={prompt_id} data-prompt-state={how ?? 'pending'}>
      <Sign part={part} />
      <div>
        {question !== null && <Asked question={question} />}
        {text}
        {command !== null && (
          <>
            {': '}
            <code className="mono">{exactText(command)}</code>
          </>
        )}
        {quote !== null && (
          <>
            {' '}
            <em dir="auto">{plainText(quote)}</em>
          </>
        )}
        <span className="meta">
          <time dateTime={isoTime(at)}>{clockTime(at)}</time>
          {late && ANSWERED.includes(how) ? (
            <>
              {' · '}
              <Ago at={at} />
            </>
          ) : (
            where !== null && ` · ${where}`
          )}
        </span>
        {by !== client && <Draft prompt_id={prompt_id} />}
      </div>
    </div>
  );
}

/** The answer came too late, and the log's own line has not come yet, or there is no line to bring it. */
export function LateLine({ kind, card }: { kind: PromptKind; card: Card }) {
  const { pane, commands } = useApp();
  const isTold = useStore(pane, ({ messages }) =>
    messages
      .findLast((message) => message.role === 'assistant' && message.stream_id === card.entry.stream_id)
      ?.parts.some((part) => part.type === 'prompt' && part.prompt_id === card.prompt_id && isEnded(part)),
  );
  if (isTold || card.state !== 'lost') return null;
  return (
    <p className="inert" data-prompt-id={card.prompt_id} data-prompt-state={card.how ?? 'lost'}>
      <Icon name="check" />
      <span>{ANSWERED.includes(card.how) ? <Ago at={card.since} /> : words.lateEnded}</span>
      <Draft prompt_id={card.prompt_id} />
      <button
        type="button"
        className="tool-btn push"
        aria-label={en.line.dismiss}
        onClick={() => commands.tellPrompt(kind, 'dismiss', card.prompt_id)}
      >
        <Icon name="close" />
      </button>
    </p>
  );
}
