// A session's title, changed where it stands. Enter and leaving it keep the new one, Escape the old.
import '../style/title-editor.css';
import { type FormEvent, useState } from 'react';
import { TITLE_LENGTH_MAX } from '../../protocol/limits.ts';
import type { Session } from '../../protocol/views.ts';
import { en } from '../text/en.ts';
import { useApp } from './context.tsx';

export function TitleEditor({ session, done }: { session: Session; done: () => void }) {
  const { commands } = useApp();
  const { session_id, title } = session;
  const [text, setText] = useState(title);
  function save(event?: FormEvent): void {
    event?.preventDefault();
    const next = text.trim();
    if (next !== '' && next !== title) commands.rename(session_id, next);
    done();
  }
  return (
    <form className="rename" onSubmit={save}>
      <input
        aria-label={en.header.title}
        dir="auto"
        maxLength={TITLE_LENGTH_MAX}
        value={text}
        // biome-ignore lint/a11y/noAutofocus: the person asked to rename this
        autoFocus
        onFocus={(event) => event.target.select()}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => save()}
        onKeyDown={(event) => event.key === 'Escape' && done()}
      />
    </form>
  );
}
