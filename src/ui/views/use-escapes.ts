// Escape, while a run can be stopped. It hears of each before the page's other keys do.
import { useEffect, useState } from 'react';
import { createEscapes, ESCAPE_AGAIN_MS } from '../escapes.ts';
import type { Pane } from '../pane-store.ts';
import { enSession } from '../text/en-session.ts';
import { useApp } from './context.tsx';

/** Something that closes by itself stands above the run, or another field than Message is written in. */
const isSpent = ({ target }: KeyboardEvent): boolean =>
  document.querySelector('dialog[open], :popover-open, details.context-frame[open]') !== null ||
  (target instanceof HTMLElement &&
    target.matches('input, select, textarea') &&
    target.closest('.compose') === null);

const hasTool = ({ messages, owner_stream_id }: Pane): boolean =>
  messages.some(
    (message) =>
      message.stream_id === owner_stream_id &&
      message.parts.some((part) => part.type === 'tool' && part.status === 'running'),
  );

/** Whether the next Escape stops the run `stream_id`; null: none can be stopped. */
export function useEscapes(stream_id: string | null): boolean {
  const { pane, shell, commands } = useApp();
  const [isNear, setNear] = useState(false);
  const [escapes] = useState(createEscapes);
  useEffect(() => {
    if (stream_id === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const near = (is: boolean): void => {
      clearTimeout(timer);
      setNear(is);
      if (is) timer = setTimeout(near, ESCAPE_AGAIN_MS, false);
    };
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.repeat || event.isComposing) return;
      if (isSpent(event)) {
        escapes.spent();
        return;
      }
      const means = escapes.pressed({
        stream_id,
        hasTool: hasTool(pane.getSnapshot().context),
        at: event.timeStamp,
      });
      near(means === 'first');
      if (means === 'first') {
        shell.trigger.newsCame({ news: enSession.stopAgain });
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      if (means === 'stop') commands.stop();
      else if (means === 'ask') shell.trigger.dialogOpened({ dialog: 'stop', about: stream_id });
    };
    addEventListener('keydown', onKeyDown, { capture: true });
    return () => {
      removeEventListener('keydown', onKeyDown, { capture: true });
      near(false);
    };
  }, [stream_id, pane, shell, commands, escapes]);
  return isNear;
}
