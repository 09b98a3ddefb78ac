// What every card has: its head with what is asked, how many wait and how long, and what became of an answer that is on its
// way. A card locks nothing, takes no focus from anybody, and gives it on where it had it.
import { type ReactNode, useEffect, useRef } from 'react';
import type { Card } from '../../machines/prompt-feed.machine.ts';
import type { PromptKind } from '../../protocol/prompts.ts';
import { countdown, isoDuration } from '../format.ts';
import { en } from '../text/en.ts';
import { enPrompts } from '../text/en-prompts.ts';
import { useApp, useNow } from './context.tsx';
import { Icon } from './icon.tsx';

const words = enPrompts;

function Expiry({ at }: { at: number | null }) {
  const now = useNow(at !== null);
  if (at === null) return null;
  const left = at - now;
  if (left <= 0) return <span className="dim">{words.expiring}</span>;
  return (
    <span>
      {words.expiresIn} <time dateTime={isoDuration(left)}>{countdown(left)}</time>
    </span>
  );
}

function Fate({ kind, card }: { kind: PromptKind; card: Card }) {
  const { commands } = useApp();
  if (card.state === 'answering') return <p className="fate dim">{words.sending}</p>;
  if (card.state !== 'failed') return null;
  return (
    <p className="fate failed" role="alert">
      <span dir="auto">{words.failed(card.error ?? '')}</span>
      {card.reply && (
        <button
          type="button"
          className="btn"
          onClick={() => card.reply && commands.answerPrompt(kind, card.prompt_id, card.reply)}
        >
          {words.tryAgain}
        </button>
      )}
      <button
        type="button"
        className="btn bare"
        onClick={() => commands.tellPrompt(kind, 'acknowledge', card.prompt_id)}
      >
        {words.leaveIt}
      </button>
    </p>
  );
}

/** Where the focus goes when the card under it leaves: to the next card, else to what the run says. Never from elsewhere. */
function useFocusOn(): React.RefObject<HTMLElement | null> {
  const root = useRef<HTMLElement>(null);
  useEffect(() => {
    const card = root.current;
    let isInside = card?.contains(document.activeElement) ?? false;
    const note = (): void => {
      isInside = card?.contains(document.activeElement) ?? false;
    };
    document.addEventListener('focusin', note);
    return () => {
      document.removeEventListener('focusin', note);
      const isFree = document.activeElement === null || document.activeElement === document.body;
      if (!isInside || !isFree) return;
      const next = document.querySelector<HTMLElement>('.asks .ask') ?? document.getElementById('transcript');
      next?.focus({ preventScroll: true });
    };
  }, []);
  return root;
}

export interface FrameProps {
  kind: PromptKind;
  card: Card;
  title: string;
  count: number;
  children: ReactNode;
}

export function PromptFrame({ kind, card, title, count, children }: FrameProps) {
  const { commands } = useApp();
  const root = useFocusOn();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a card is no form field set
    <section
      ref={root}
      className="ask"
      role="group"
      tabIndex={-1}
      aria-label={en.prompts.names[kind]}
      aria-busy={card.state === 'answering' || undefined}
      data-guarded=""
      data-prompt-kind={kind}
      data-prompt-id={card.prompt_id}
      data-prompt-state={card.state}
    >
      <header className="ask-head">
        <i className="mark" data-state="waiting" aria-hidden="true" />
        <h2 className="cut">{title}</h2>
        {count > 1 && <span className="num">{words.of(count)}</span>}
        <span className="push" />
        <Expiry at={card.entry.expires_at} />
        <button
          type="button"
          className="tool-btn"
          aria-label={words.putAway}
          title={words.putAway}
          onClick={() => commands.tellPrompt(kind, 'dismiss', card.prompt_id)}
        >
          <Icon name="down" />
        </button>
      </header>
      <div className="ask-body">
        {children}
        <Fate kind={kind} card={card} />
      </div>
    </section>
  );
}
