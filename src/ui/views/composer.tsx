// Where a message is written. Enter sends, Shift+Enter makes a line; a word that an input method composes is never sent by
// half. The draft is kept per session, and a refused message comes back into it.
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { MESSAGE_BYTES_MAX } from '../../protocol/limits.ts';
import type { Session } from '../../protocol/views.ts';
import { kilobytes } from '../format.ts';
import { draftKey, keep, kept } from '../kept.ts';
import { isBusy } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { useApp, useStore } from './context.tsx';
import { Icon } from './icon.tsx';
import { Prompts } from './prompt-parts.tsx';
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

function StopButton() {
  const { commands, pane } = useApp();
  const canStop = useStore(pane, isBusy);
  const owner = useStore(pane, (context) => context.owner_stream_id);
  const isStopping = useStore(pane, (context) => context.stopping !== null && context.stopping === owner);
  const queued = useStore(pane, (context) => context.queue.length > 0 && !context.session?.queue_paused);
  if (!canStop) return null;
  return (
    <button
      type="button"
      className="btn"
      aria-label={isStopping ? undefined : words.stop}
      title={queued ? words.stopNext : undefined}
      onClick={commands.stop}
    >
      <Icon name="stop" />
      {isStopping ? words.stopping : words.stop}
    </button>
  );
}

/** The draft of a session, as the browser keeps it. */
function useDraft(session_id: string | null) {
  const returned = useStore(useApp().shell, (context) => context.returned);
  const [text, setText] = useState(() => kept(draftKey(session_id)) ?? '');
  useEffect(() => {
    if (returned > 0) setText(kept(draftKey(session_id)) ?? '');
  }, [returned, session_id]);
  useEffect(() => {
    // Another tab gave a draft back: it is shown here too, unless something is being written.
    const heard = (event: StorageEvent): void => {
      if (event.key === `weir.${draftKey(session_id)}`)
        setText((own) => (own.trim() === '' ? (event.newValue ?? '') : own));
    };
    addEventListener('storage', heard);
    return () => removeEventListener('storage', heard);
  }, [session_id]);
  const change = (next: string): void => {
    setText(next);
    keep(draftKey(session_id), next);
  };
  return [text, change] as const;
}

export function Composer({ session_id }: { session_id: string | null }) {
  const { pane, commands } = useApp();
  const session = useStore(pane, (context) => context.session);
  const willQueue = useStore(pane, isBusy);
  const parts = useSessionParts();
  const [text, change] = useDraft(session_id);
  const field = useRef<HTMLTextAreaElement>(null);

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
    commands.send(text);
    change('');
    field.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    // 229: an input method has the key, in browsers that end the composition before this event.
    const composes = event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229;
    if (event.key !== 'Enter' || event.shiftKey || event.altKey || composes) return;
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
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <div className="compose-foot">
          <AgentChip session={session} />
          <span className="push" />
          {session && parts && <parts.Meter session={session} />}
          <StopButton />
          <button type="submit" className="tool-btn send" aria-label={words.send}>
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
