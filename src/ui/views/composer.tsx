// Where a message is written. Enter sends, Shift+Enter makes a line; a word that an input method composes is never sent by
// half. The draft is kept per session, and a refused message comes back into it.
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { MESSAGE_BYTES_MAX } from '../../protocol/limits.ts';
import type { Session } from '../../protocol/views.ts';
import { pickFiles, useFiles } from '../attachments/files.ts';
import { keptDraft, writeDraft } from '../draft.ts';
import { kilobytes } from '../format.ts';
import { draftKey, watchKept } from '../kept.ts';
import { isBusy } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { useApp, useStore } from './context.tsx';
import { Icon } from './icon.tsx';
import { Prompts } from './prompt-parts.tsx';
import { isSendKey } from './send-key.ts';
import { useSessionParts } from './transcript-part.tsx';

const words = en.composer;
const GROWS_BY_ITSELF = CSS.supports('field-sizing', 'content');

function AgentChip({ session }: { session: Session | null }) {
  const agents = useStore(useApp().list, (context) => context.agents);
  const about = session ? agents.find((one) => one.agent === session.agent) : agents[0];
  if (!session && !about) return null;
  const text = about?.is_demo
    ? words.demo
    : words.agent(about?.title ?? session?.agent ?? '', session?.model ?? about?.model ?? null);
  return (
    <span className="chip cut" title={about?.note}>
      {text}
    </span>
  );
}

/** The draft of a session, as the browser keeps it. */
function useDraft(session_id: string | null) {
  const returned = useStore(useApp().shell, (context) => context.returned);
  const [text, setText] = useState(() => keptDraft(session_id));
  useEffect(() => {
    const read = (): void => setText(keptDraft(session_id));
    if (returned > 0) read();
    return watchKept(draftKey(session_id), read);
  }, [returned, session_id]);
  const change = (next: string): void => {
    writeDraft(session_id, text, next);
    setText(next);
  };
  return [text, change] as const;
}

export function Composer({ session_id }: { session_id: string | null }) {
  const { pane, shell, commands } = useApp();
  const session = useStore(pane, (context) => context.session);
  const willQueue = useStore(pane, isBusy);
  const parts = useSessionParts();
  const [text, change] = useDraft(session_id);
  const field = useRef<HTMLTextAreaElement>(null);
  const { Tray, held, setHeld } = useFiles(session_id);
  const [waits, setWaits] = useState(false);
  const wantsText = held.count > 0 && text.trim() === '';
  const hint = wantsText ? 'text' : waits ? 'files' : null;

  const asked = useStore(shell, (context) => context.asked);
  const follows = useStore(shell, (context) => context.follows);
  useEffect(() => {
    // Who comes to the start wants to write; a tab that follows goes on by itself, unless somebody writes.
    if (session_id === null && (asked > 0 || !follows)) field.current?.focus();
  }, [asked, follows]);

  function send(event?: FormEvent): void {
    event?.preventDefault();
    if (text.trim() === '') {
      field.current?.focus();
      return;
    }
    if (new TextEncoder().encode(text).length > MESSAGE_BYTES_MAX) {
      pane.trigger.alertChanged({ alert: words.tooLong(kilobytes(MESSAGE_BYTES_MAX)) });
      return;
    }
    setWaits(held.waits !== null);
    if (held.waits !== null) return;
    if (held.why !== null) {
      pane.trigger.alertChanged({ alert: held.why });
      return;
    }
    commands.send(text, held.take());
    change('');
    field.current?.focus();
  }

  useEffect(() => {
    if (waits && held.waits === null) send();
  });

  function onKeyDown(event: KeyboardEvent): void {
    if (!isSendKey(event)) return;
    event.preventDefault();
    send();
  }

  return (
    <div className="dock">
      {session_id !== null && <Prompts />}
      <Alert />
      {parts && <parts.Queue />}
      <form className="compose" aria-label={words.label} onSubmit={send}>
        <textarea
          ref={field}
          rows={GROWS_BY_ITSELF ? 1 : Math.min(8, text.split('\n').length)}
          aria-label={words.label}
          dir="auto"
          placeholder={willQueue ? words.placeholderBusy : words.placeholder}
          value={text}
          onChange={(event) => {
            // Who writes on is not done: what waited to be sent does not go by itself.
            setWaits(false);
            change(event.target.value);
          }}
          onKeyDown={onKeyDown}
        />
        {Tray && <Tray session_id={session_id} hint={hint} setHeld={setHeld} />}
        <div className="compose-foot">
          <button
            type="button"
            className="tool-btn"
            aria-label={words.attach}
            title={words.attach}
            onClick={() => pickFiles(() => pane.trigger.alertChanged({ alert: en.guard.again }))}
          >
            <Icon name="plus" />
          </button>
          <AgentChip session={session} />
          <span className="push" />
          {session && parts && <parts.Meter session={session} />}
          {parts && <parts.StopButton />}
          <button
            type="submit"
            className="tool-btn send"
            aria-label={(waits && held.waits) || words.send}
            aria-disabled={wantsText || undefined}
          >
            <Icon name="send" />
          </button>
        </div>
      </form>
    </div>
  );
}

function Alert() {
  const { pane, commands } = useApp();
  const alert = useStore(pane, (context) => context.alert);
  if (alert === null) return null;
  return (
    <p className="inert failed">
      <span dir="auto">{alert}</span>
      <button
        type="button"
        className="tool-btn push"
        aria-label={en.line.dismiss}
        onClick={commands.dismissAlert}
      >
        <Icon name="close" />
      </button>
    </p>
  );
}
