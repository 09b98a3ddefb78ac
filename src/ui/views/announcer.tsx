// What a screen reader hears: transitions, the end of a run, and failures; never tokens. The regions are mounted once.
import { useEffect, useRef, useState } from 'react';
import { shownRun, wordOf } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { useApp, useStore } from './context.tsx';

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

export function Announcer() {
  const { pane } = useApp();
  const state = useStore(pane, (context) => context);
  const run = shownRun(state);
  const key = run ? `${run.stream_id} ${run.run_state} ${run.why ?? ''}` : '';
  const isOver = run?.run_state === 'settled';
  const transition = useNews(
    `${state.session_id} ${key}`,
    run && !isOver ? en.announce.state(wordOf(run), run.why) : null,
  );
  const end = useNews(
    `${state.session_id} ${run?.stream_id} ${isOver}`,
    run && isOver ? en.announce.settled(wordOf(run)) : null,
  );
  const line = state.line.lost ? en.line.lost : state.resumed ? en.line.resumed(state.resumed.events) : '';
  const error = state.messages.at(-1)?.parts.findLast((part) => part.type === 'error');
  const failure = useNews(
    `${state.session_id} ${error?.type === 'error' ? error.message : ''}`,
    error?.type === 'error' ? en.announce.failed(error.message) : null,
  );
  return (
    <>
      <p className="vh" role="status">
        {line || transition}
      </p>
      <p className="vh" role="status">
        {end}
      </p>
      <p className="vh" role="alert">
        {state.alert ?? failure}
      </p>
    </>
  );
}
