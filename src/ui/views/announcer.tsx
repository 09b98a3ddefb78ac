// What a screen reader hears: transitions, the end of a run, and failures; never tokens. The regions are mounted once.
import { useEffect, useRef, useState } from 'react';
import type { Message } from '../../protocol/views.ts';
import { askedWords, oldestId } from '../prompts/shown-prompts.ts';
import { wordOf } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { useApp, useShownRun, useStore } from './context.tsx';

/** What changed while `about` was on screen: what was true when it was opened is not news. */
function useNews(about: string | null, key: string, text: string | null): string {
  const [said, setSaid] = useState('');
  const last = useRef({ about, key });
  useEffect(() => {
    const before = last.current;
    if (about !== null && before.about === about && before.key !== key && text !== null) setSaid(text);
    last.current = { about, key };
  }, [about, key, text]);
  return said;
}

function errorOf(message: Message | undefined): string | null {
  const part = message?.parts.at(-1);
  return part?.type === 'error' ? part.message : null;
}

export function Announcer() {
  const { pane, shell } = useApp();
  const news = useStore(shell, (context) => context.news);
  const run = useShownRun();
  const about = useStore(pane, (context) => (context.status === 'ready' ? context.session_id : null));
  const isLost = useStore(pane, (context) => context.line.lost);
  const resumed = useStore(pane, (context) => context.resumed);
  const alert = useStore(pane, (context) => context.alert);
  const error = useStore(pane, (context) => errorOf(context.messages.at(-1)));
  const asked = useStore(pane, (context) => askedWords(context.prompts));
  // By id: the same words asked again are news (lesson 102).
  const prompt_id = useStore(pane, (context) => oldestId(context.prompts));
  const key = run ? `${prompt_id} ${run.stream_id} ${run.run_state} ${run.why ?? ''}` : '';
  const isOver = run?.run_state === 'settled';
  const transition = useNews(
    about,
    key,
    asked ?? (run && !isOver ? en.announce.state(wordOf(run), run.why) : null),
  );
  const end = useNews(
    about,
    `${run?.stream_id} ${isOver}`,
    run && isOver ? en.announce.settled(wordOf(run)) : null,
  );
  const line = isLost ? en.line.lost : resumed ? en.line.resumed(resumed.events) : '';
  const failure = useNews(about, `${error}`, error === null ? null : en.announce.failed(error));
  return (
    <>
      <p className="vh" role="status">
        {line || transition}
      </p>
      <p className="vh" role="status">
        {end}
      </p>
      {/* What happens elsewhere. By its number: the same words again are news. */}
      <p className="vh" role="status">
        <span key={news.n}>{news.text}</span>
      </p>
      <p className="vh" role="alert">
        {alert ?? failure}
      </p>
    </>
  );
}
