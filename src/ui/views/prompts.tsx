// What waits for a person, above the message: the card of each queue, what was put away, and answers that are on their way.
import '../style/prompts.css';
import '../style/asks-room.css';
import { useLayoutEffect, useRef } from 'react';
import type { Card } from '../../machines/prompt-feed.machine.ts';
import { headlineOf } from '../../protocol/asks.ts';
import { PROMPT_KINDS, type PromptKind } from '../../protocol/prompts.ts';
import { watchCalm } from '../prompts/calm-watch.ts';
import { plainText } from '../renderer/plain.ts';
import { enPrompts } from '../text/en-prompts.ts';
import { Approval } from './approval.tsx';
import { useApp, useStore } from './context.tsx';
import { LateLine } from './prompt-line.tsx';
import { Question } from './question.tsx';

const words = enPrompts;

const CardOf = ({ kind, card, count }: { kind: PromptKind; card: Card; count: number }) =>
  kind === 'clarify' ? <Question card={card} count={count} /> : <Approval card={card} count={count} />;

function Away({ kind, card }: { kind: PromptKind; card: Card }) {
  const { commands } = useApp();
  return (
    <div className="queue away" data-prompt-id={card.prompt_id}>
      <i className="mark" data-state="waiting" aria-hidden="true" />
      <b>{words.isAway(kind)}</b>
      <q className="cut" dir="auto">
        {plainText(headlineOf(card.entry))}
      </q>
      <button
        type="button"
        className="btn bare"
        onClick={() => commands.tellPrompt(kind, 'recall', card.prompt_id)}
      >
        {words.show}
      </button>
    </div>
  );
}

function Queue({ kind }: { kind: PromptKind }) {
  const { current, pending_count, put_away, others, over } = useStore(
    useApp().pane,
    (context) => context.prompts[kind],
  );
  return (
    <>
      {over.map((card) => (
        <LateLine key={card.prompt_id} kind={kind} card={card} />
      ))}
      {others.map((card) => (
        <CardOf key={card.prompt_id} kind={kind} card={card} count={0} />
      ))}
      {put_away && <Away kind={kind} card={put_away} />}
      {current && <CardOf key={current.prompt_id} kind={kind} card={current} count={pending_count} />}
    </>
  );
}

export function Prompts() {
  const asks = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // The board looks after the cards of all its sessions together.
    const dock = asks.current?.closest('.dock');
    return dock ? watchCalm(dock) : undefined;
  }, []);
  return (
    <div className="asks" ref={asks}>
      {PROMPT_KINDS.map((kind) => (
        <Queue key={kind} kind={kind} />
      ))}
    </div>
  );
}
