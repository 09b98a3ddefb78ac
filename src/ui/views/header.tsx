// The head of a session: its title, its run's badge, and what can be done with it.
import { type FormEvent, useState } from 'react';
import { TITLE_LENGTH_MAX } from '../../protocol/limits.ts';
import type { Session } from '../../protocol/views.ts';
import { en } from '../text/en.ts';
import { PaneBadge } from './badge.tsx';
import { useApp, useStore, useWaiting } from './context.tsx';
import { switchDrawer } from './drawer.tsx';
import { Icon } from './icon.tsx';
import { MenuButton, SessionMenu } from './menu.tsx';

const words = en.header;

function TitleEditor({ session, done }: { session: Session; done: () => void }) {
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
        aria-label={words.title}
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

export function Header() {
  const { pane, shell } = useApp();
  const session = useStore(pane, (context) => context.session);
  const status = useStore(pane, (context) => context.status);
  const waiting = useWaiting();
  const isDrawerOpen = useStore(shell, (context) => context.drawer);
  const [isRenamed, setRenamed] = useState(false);
  const title = session ? session.title || en.sidebar.untitled : status === 'start' ? en.start.title : '';
  return (
    <header className="bar">
      <button
        type="button"
        className="tool-btn only-narrow"
        aria-label={en.sidebar.open(waiting)}
        popoverTarget="side"
      >
        <Icon name="list" />
      </button>
      {isRenamed && session ? (
        <TitleEditor session={session} done={() => setRenamed(false)} />
      ) : (
        <h1 className="cut" dir="auto" onDoubleClick={() => session && setRenamed(true)}>
          {title}
        </h1>
      )}
      {session?.cwd && <span className="where mono cut">{session.cwd}</span>}
      <span className="push" />
      <PaneBadge />
      {session && (
        <MenuButton label={words.menu}>
          {(close) => <SessionMenu session={session} close={close} rename={() => setRenamed(true)} />}
        </MenuButton>
      )}
      <button
        type="button"
        className="tool-btn"
        aria-label={words.details}
        onClick={() => switchDrawer((open) => shell.trigger.drawerSwitched({ open }), isDrawerOpen)}
      >
        <Icon name="panel" />
      </button>
    </header>
  );
}
