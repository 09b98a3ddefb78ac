// The transcript: a log that opens at its end and stays there only while the reader is there.
import '../style/prose.css';
import '../style/answer.css';
import '../style/dock.css';
import { type MouseEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Attachment } from '../../protocol/attachment.ts';
import { attachmentOf } from '../../protocol/attachment-part.ts';
import type { Message, Part } from '../../protocol/views.ts';
import { clockTime } from '../format.ts';
import type { Outgoing } from '../outbox.ts';
import type { Pane } from '../pane-store.ts';
import { plainText } from '../renderer/plain.ts';
import { isLive, lastAnswer } from '../shown-run.ts';
import { enTranscript } from '../text/en-transcript.ts';
import { Answer } from './answer.tsx';
import { AttachedFiles } from './attached-files.tsx';
import { useApp, useStore } from './context.tsx';
import { ForkButton } from './fork-button.tsx';
import { Icon } from './icon.tsx';
import { END_SLACK_PX, useReadingPlace } from './use-reading-place.ts';

const COPIED_MS = 1600;
const words = enTranscript;

const textOf = (message: Message): string =>
  message.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n');
const filesOf = (message: Message): Attachment[] =>
  message.parts.flatMap((part) => (part.type === 'attachment' ? [attachmentOf(part)] : []));

const You = ({ message }: { message: Message }) => (
  // biome-ignore lint/a11y/useSemanticElements: a turn is no form field set
  <div
    className="you"
    role="group"
    data-turn=""
    data-message-id={message.message_id}
    aria-label={words.you(clockTime(message.created_at))}
  >
    <p dir="auto">{plainText(textOf(message))}</p>
    <AttachedFiles attachments={filesOf(message)} />
    <div className="foot">
      <ForkButton message={message} />
      <time dateTime={new Date(message.created_at).toISOString()}>{clockTime(message.created_at)}</time>
    </div>
  </div>
);

function Sending({ one }: { one: Outgoing }) {
  const { commands } = useApp();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a turn is no form field set
    <div className="you" role="group" data-outgoing={one.state} aria-label={words.you(clockTime(one.at))}>
      <p dir="auto">{one.text}</p>
      <AttachedFiles attachments={one.attachments ?? []} />
      {one.state === 'failed' ? (
        <div className="receipt">
          <span className="failed" role="alert">
            {words.notSent} {one.why}
          </span>
          <button type="button" className="btn" onClick={() => commands.sendAgain(one)}>
            {words.sendAgain}
          </button>
          <button type="button" className="btn bare" onClick={() => commands.discard(one)}>
            {words.discard}
          </button>
        </div>
      ) : (
        <time>{one.state === 'sending' ? words.sending : clockTime(one.at)}</time>
      )}
    </div>
  );
}

/** Copies the code of the block whose button was pressed: the blocks are the renderer's, not React's. */
function copyCode(event: MouseEvent<HTMLElement>): void {
  const button = (event.target as Element).closest<HTMLElement>('[data-copy]');
  const code = button?.closest('figure')?.querySelector('pre')?.textContent;
  if (!button || code === undefined || !navigator.clipboard) return;
  navigator.clipboard.writeText(code.replace(/\n$/, '')).then(
    () => {
      button.setAttribute('aria-label', enTranscript.code.copied);
      button.classList.add('copied');
      setTimeout(() => {
        button.setAttribute('aria-label', enTranscript.code.copy);
        button.classList.remove('copied');
      }, COPIED_MS);
    },
    () => {},
  );
}

const isShown = (part: Part): boolean => part.type !== 'prompt' || part.how !== null;

/** How much there is to read: turns and parts, and the letters of the last part. */
function sizeOf(messages: Message[]): { items: number; letters: number } {
  const items = messages.reduce((n, message) => n + 1 + message.parts.filter(isShown).length, 0);
  const last = messages.at(-1)?.parts.findLast(isShown);
  return { items, letters: last && 'text' in last ? last.text.length : 0 };
}

function useEnd(messages: Message[]) {
  const log = useRef<HTMLDivElement>(null);
  const [left, setLeft] = useState<{ items: number; letters: number } | null>(null);
  const size = sizeOf(messages);
  const seen = useRef(size);
  seen.current = size;
  const onScroll = (): void => {
    // The column is reversed: its end is 0, what is above is negative.
    const isAway = (log.current?.scrollTop ?? 0) < -END_SLACK_PX;
    setLeft((before) => (isAway ? (before ?? seen.current) : null));
  };
  const toEnd = (): void => log.current?.scrollTo({ top: 0 });
  const more = left === null ? 0 : size.items - left.items;
  const fresh = left === null ? 0 : Math.max(more, more === 0 && size.letters > left.letters ? 1 : 0);
  return { log, onScroll, toEnd, isAway: left !== null, fresh };
}

/** Where the browser doesn't hold the view while text grows below it, this does: nothing jumps under a reader. */
function useHold(log: React.RefObject<HTMLDivElement | null>): void {
  useLayoutEffect(() => {
    const root = log.current;
    const inner = root?.firstElementChild;
    if (!root || !inner || CSS.supports('overflow-anchor', 'auto')) return;
    let height = inner.clientHeight;
    const observer = new ResizeObserver(() => {
      const grown = inner.clientHeight - height;
      height = inner.clientHeight;
      if (grown !== 0 && root.scrollTop < -END_SLACK_PX) root.scrollTop -= grown;
    });
    observer.observe(inner);
    return () => observer.disconnect();
  }, [log]);
}

const mayAct = (pane: Pane, message: Message): boolean =>
  pane.owner_stream_id === null &&
  (message.terminal_state === 'errored' || message.terminal_state === 'interrupted') &&
  lastAnswer(pane.messages) === message &&
  pane.messages.at(-1) === message;

export function Transcript() {
  const { pane, outbox, commands } = useApp();
  const state = useStore(pane, (context) => context);
  const outgoing = useStore(outbox, (context) => context.outgoing).filter(
    (one) => one.session_id === state.session_id && (one.state !== 'taken' || !isKnown(state, one)),
  );
  const { log, onScroll, toEnd, isAway, fresh } = useEnd(state.messages);
  useHold(log);
  const loadEarlier = useCallback(async () => commands.turns()?.loadEarlier(), [commands]);
  useReadingPlace(log, {
    session_id: state.session_id ?? '',
    messages: state.messages,
    has_more: state.has_more,
    loadEarlier,
  });
  const sent = outgoing.length;
  // Who sends wants to see it, whatever else changes.
  useEffect(() => {
    if (sent > 0) toEnd();
  }, [sent]);
  return (
    <div className="log-frame">
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the click is that of a button inside */}
      <div
        id="transcript"
        className="log"
        role="log"
        aria-label={words.name}
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        ref={log}
        onScroll={onScroll}
        onClick={copyCode}
      >
        <div className="turns">
          {state.has_more && (
            <button type="button" className="btn bare earlier" onClick={() => void loadEarlier()}>
              {words.earlier}
            </button>
          )}
          {state.messages.map((message) =>
            message.role === 'user' ? (
              <You key={message.message_id} message={message} />
            ) : (
              <Answer
                key={message.stream_id ?? message.message_id}
                message={message}
                live={isLive(state, message)}
                mayAct={mayAct(state, message)}
              />
            ),
          )}
          {outgoing.map((one) => (
            <Sending key={one.client_message_id} one={one} />
          ))}
          {state.status === 'ready' && state.messages.length === 0 && outgoing.length === 0 && <Nothing />}
        </div>
      </div>
      {isAway && (
        <button type="button" className="btn fresh" onClick={toEnd}>
          <Icon name="down" />
          {fresh > 0 ? words.fresh(fresh) : words.toEnd}
        </button>
      )}
    </div>
  );
}

/** The follow-up waits in the queue, or the log shows it: then it is no longer on its way. */
const isKnown = (pane: Pane, one: Outgoing): boolean =>
  pane.queue.some((entry) => entry.message_id === one.message_id) ||
  pane.messages.some((message) => message.message_id === one.message_id);

const Nothing = () => (
  <div className="nothing">
    <h2>{words.emptyTitle}</h2>
    <p>{words.emptyText}</p>
  </div>
);
