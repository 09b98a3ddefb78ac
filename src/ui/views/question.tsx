// A question: choices with their digits, a form where one is asked for, free text always, and the way to decline.
import { type FormEvent, type KeyboardEvent, useState } from 'react';
import type { Card, PromptReply } from '../../machines/prompt-feed.machine.ts';
import { type ClarifyEntry, RESPONSE_LENGTH_MAX } from '../../protocol/prompts.ts';
import { promptDraftKey } from '../prompts/prompt-draft.ts';
import { plainText } from '../renderer/plain.ts';
import { en } from '../text/en.ts';
import { enPrompts } from '../text/en-prompts.ts';
import { useApp } from './context.tsx';
import { PromptForm } from './prompt-form.tsx';
import { PromptFrame } from './prompt-frame.tsx';
import { isSendKey } from './send-key.ts';
import { useKeptText } from './use-kept-text.ts';

const words = enPrompts.question;
const DIGITS_MAX = 9;

/** A choice of several lines has its first as its name. */
function parted(choice: string): [string, string] {
  const at = choice.indexOf('\n');
  return at < 0 ? [choice, ''] : [choice.slice(0, at), choice.slice(at + 1).trim()];
}

interface ChoicesProps {
  entry: ClarifyEntry;
  busy: boolean;
  send(reply: PromptReply): void;
}

function Choices({ entry, busy, send }: ChoicesProps) {
  const { choices_offered: offered, multiple } = entry;
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const press = (choice: string): void => {
    if (!multiple) send({ choices: [choice] });
    else
      setChosen((before) =>
        before.includes(choice) ? before.filter((one) => one !== choice) : [...before, choice],
      );
  };
  if (offered.length === 0) return null;
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: the answers of one question, not fields of a form */}
      <div className="choices" role="group" aria-label={words.choices}>
        {offered.map((choice, at) => {
          const [name, more] = parted(choice);
          const digit = at < DIGITS_MAX ? at + 1 : undefined;
          return (
            <button
              key={choice}
              type="button"
              className="choice"
              disabled={busy}
              data-digit={digit}
              aria-keyshortcuts={digit === undefined ? undefined : String(digit)}
              {...(multiple && { role: 'checkbox', 'aria-checked': chosen.includes(choice) })}
              onClick={() => press(choice)}
            >
              {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a sign for the eyes; the button tells its key */}
              <kbd aria-hidden="true">{digit ?? '·'}</kbd>
              <b dir="auto">{plainText(name)}</b>
              {more !== '' && <span dir="auto">{plainText(more)}</span>}
            </button>
          );
        })}
      </div>
      {multiple && (
        <div className="acts">
          <button
            type="button"
            className="btn push"
            disabled={busy || chosen.length === 0}
            onClick={() => send({ choices: offered.filter((choice) => chosen.includes(choice)) })}
          >
            {words.send(chosen.length)}
          </button>
        </div>
      )}
    </>
  );
}

function FreeText({ entry, busy, send }: ChoicesProps) {
  const [text, change] = useKeptText(promptDraftKey(entry.clarify_id));
  const isOnly = entry.choices_offered.length === 0 && !entry.requested_schema;
  function submit(event?: FormEvent): void {
    event?.preventDefault();
    if (text.trim() !== '' && !busy) send({ response: text });
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (!isSendKey(event)) return;
    event.preventDefault();
    submit();
  }
  return (
    <form className="free" onSubmit={submit}>
      <textarea
        rows={1}
        aria-label={words.own}
        placeholder={isOnly ? words.ownOnlyHint : words.ownHint}
        dir="auto"
        // Lesson 104: no password manager fills this.
        autoComplete="off"
        data-1p-ignore=""
        data-lpignore="true"
        maxLength={RESPONSE_LENGTH_MAX}
        value={text}
        onChange={(event) => change(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <button type="submit" className="btn" disabled={busy}>
        {words.answer}
      </button>
      <button type="button" className="btn bare" disabled={busy} onClick={() => send({ action: 'decline' })}>
        {words.decline}
      </button>
    </form>
  );
}

export function Question({ card, count }: { card: Card; count: number }) {
  const { commands } = useApp();
  const entry = card.entry as ClarifyEntry;
  const busy = card.state === 'answering';
  const send = (reply: PromptReply): void => commands.answerPrompt('clarify', card.prompt_id, reply);
  return (
    <PromptFrame kind="clarify" card={card} title={en.prompts.names.clarify} count={count}>
      <p className="q-text" dir="auto">
        {plainText(entry.question)}
      </p>
      <Choices entry={entry} busy={busy} send={send} />
      {entry.requested_schema && (
        <PromptForm
          prompt_id={card.prompt_id}
          schema={entry.requested_schema}
          busy={busy}
          send={(content) => send({ content })}
        />
      )}
      <FreeText entry={entry} busy={busy} send={send} />
    </PromptFrame>
  );
}
