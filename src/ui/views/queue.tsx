// What waits behind the run: each entry can be read, changed and taken back until it starts.
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Attachment } from '../../protocol/attachment.ts';
import type { QueuedMessage } from '../../protocol/views.ts';
import { enAttachments } from '../text/en-attachments.ts';
import { enSession } from '../text/en-session.ts';
import { useApp, useStore } from './context.tsx';
import { Icon } from './icon.tsx';
import { isSendKey } from './send-key.ts';

const words = enSession.queue;

interface EditorProps {
  entry: QueuedMessage;
  session_id: string;
  done: () => void;
}

function Editor({ entry, session_id, done }: EditorProps) {
  const { commands } = useApp();
  const [text, setText] = useState(entry.text);
  /** what would be lost if this went now; null: nothing */
  const unsaved = useRef<string | null>(null);
  unsaved.current = text === entry.text || text.trim() === '' ? null : text;
  useEffect(
    () => () => {
      if (unsaved.current !== null) commands.turns()?.keepEdit(session_id, unsaved.current);
    },
    [commands, session_id],
  );
  function leave(): void {
    unsaved.current = null;
    done();
  }
  function save(event?: FormEvent): void {
    event?.preventDefault();
    if (text.trim() === '') return;
    if (text !== entry.text) commands.turns()?.editQueued(entry.message_id, text);
    leave();
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Escape') leave();
    if (!isSendKey(event)) return;
    event.preventDefault();
    save();
  }
  return (
    <form className="free" onSubmit={save}>
      <textarea
        rows={1}
        aria-label={words.editLabel}
        dir="auto"
        value={text}
        // biome-ignore lint/a11y/noAutofocus: the person asked to edit this
        autoFocus
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <button type="submit" className="btn">
        {words.save}
      </button>
      <button type="button" className="btn bare" onClick={leave}>
        {words.cancel}
      </button>
    </form>
  );
}

/** Stop ends this run only: what comes then is said beside it. */
const labelOf = (isPaused: boolean, isStopping: boolean): string =>
  isPaused ? words.paused : isStopping ? words.startsNext : words.next;

const Files = ({ attachments }: { attachments: Attachment[] }) => (
  <span className="dim" title={attachments.map(({ name }) => name).join('\n')}>
    {enAttachments.count(attachments.length)}
  </span>
);

/** `place`: among those that wait now, from 1; what it was when it came is no more true. */
function Entry({ entry, place }: { entry: QueuedMessage; place: number }) {
  const { commands, pane } = useApp();
  const session_id = useStore(pane, (context) => context.session_id);
  const isPaused = useStore(pane, (context) => context.session?.queue_paused ?? false);
  const isStopping = useStore(pane, (context) => context.stopping !== null);
  const isFirst = place === 1;
  const [isEdited, setEdited] = useState(false);
  if (isEdited && session_id !== null)
    return <Editor entry={entry} session_id={session_id} done={() => setEdited(false)} />;
  return (
    <>
      <b>{isFirst ? labelOf(isPaused, isStopping) : place}</b>
      <q className="cut" dir="auto">
        {entry.text}
      </q>
      {entry.attachments && <Files attachments={entry.attachments} />}
      <button type="button" className="btn bare" data-guarded="" onClick={() => setEdited(true)}>
        {words.edit}
      </button>
      <button
        type="button"
        className="btn bare"
        data-guarded=""
        onClick={() => commands.turns()?.withdraw(entry.message_id)}
      >
        {words.withdraw}
      </button>
      {isFirst && (
        <button
          type="button"
          className="tool-btn"
          aria-label={isPaused ? words.resume : words.pause}
          onClick={() => commands.pauseQueue(!isPaused)}
        >
          <Icon name={isPaused ? 'play' : 'pause'} />
        </button>
      )}
    </>
  );
}

export function Queue() {
  const queue = useStore(useApp().pane, (context) => context.queue);
  if (queue.length === 0) return null;
  return (
    <ul className="queue-list" aria-label={words.name}>
      {queue.map((entry, index) => (
        <li className="queue" key={entry.message_id} data-message-id={entry.message_id}>
          <Entry entry={entry} place={index + 1} />
        </li>
      ))}
    </ul>
  );
}
