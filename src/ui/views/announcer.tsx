// What a screen reader hears: transitions, the end of a run, and failures; never tokens. The regions are mounted once.
import { useEffect, useRef, useState } from 'react';
import type { Message } from '../../protocol/views.ts';
import { wordOf } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { useApp, useShownRun, useStore } from './context.tsx';

/** Text that came before, and text of this moment: what is true at the load is not news. */
function useNews(key: string, text: string | null): string {
  const [said, setSaid] = useState('');
  const last = useRef<string | null>(null);
  useEffect(() => {
    if (last.current !== null && last.current !== key && text !== null) setSaid(text);
    last.current = key;
  }, [key, text]);
  return said;
}

function errorOf(message: Message | undefined): string | null {
  const part = message?.parts.at(-1);
  return part?.type === 'error' ? part.message : null;
}

export function Announcer() {
  const { pane } = useApp();
  const run = useShownRun();
  const session_id = useStore(pane, (context) => context.session_id);
  const isLost = useStore(pane, (context) => context.line.lost);
  const resumed = useStore(pane, (context) => context.resumed);
  const alert = useStore(pane, (context) => context.alert);
  const error = useStore(pane, (context) => errorOf(context.messages.at(-1)));
  const key = run ? `${run.stream_id} ${run.run_state} ${run.why ?? ''}` : '';
  const isOver = run?.run_state === 'settled';
  const transition = useNews(
    `${session_id} ${key}`,
    run && !isOver ? en.announce.state(wordOf(run), run.why) : null,
  );
  const end = useNews(
    `${session_id} ${run?.stream_id} ${isOver}`,
    run && isOver ? en.announce.settled(wordOf(run)) : null,
  );
  const line = isLost ? en.line.lost : resumed ? en.line.resumed(resumed.events) : '';
  const failure = useNews(`${session_id} ${error}`, error === null ? null : en.announce.failed(error));
  return (
    <>
      <p className="vh" role="status">
        {line || transition}
      </p>
      <p className="vh" role="status">
        {end}
      </p>
      <p className="vh" role="alert">
        {alert ?? failure}
      </p>
    </>
  );
}
