// From any message one may go on another way: a new session that begins with everything up to it.
import { useState } from 'react';
import type { Message } from '../../protocol/views.ts';
import { sentenceOf } from '../api.ts';
import { forkAt } from '../copies.ts';
import { enTranscript } from '../text/en-transcript.ts';
import { useApp } from './context.tsx';

const words = enTranscript;

export function ForkButton({ message }: { message: Message }) {
  const { pane, commands } = useApp();
  const [isForking, setForking] = useState(false);
  async function fork(): Promise<void> {
    const { session_id } = pane.getSnapshot().context;
    if (session_id === null || isForking) return;
    const stays = (): boolean => pane.getSnapshot().context.session_id === session_id;
    setForking(true);
    try {
      const forked = await forkAt(session_id, message);
      // Somebody who went elsewhere meanwhile stays there.
      if (stays()) commands.open(forked.session_id);
    } catch (error) {
      if (stays()) pane.trigger.alertChanged({ alert: sentenceOf(error) });
    }
    setForking(false);
  }
  return (
    <button
      type="button"
      className="link"
      aria-label={words.forkLabel}
      title={words.forkLabel}
      // The second click of a double click falls on the fork's own button, which lies where this one lay.
      onClick={(event) => event.detail < 2 && void fork()}
    >
      {words.fork}
    </button>
  );
}
