// The head of a session: its title, its run's badge, and what can be done with it.
import { useState } from 'react';
import { en } from '../text/en.ts';
import { PaneBadge } from './badge.tsx';
import { useApp, useStore, useWaiting } from './context.tsx';
import { switchDrawer } from './drawer-switch.ts';
import { Icon } from './icon.tsx';
import { MenuButton, SessionMenu } from './menu.tsx';
import { LineSign } from './notice.tsx';
import { useSessionParts } from './transcript-part.tsx';

const words = en.header;

export function Header() {
  const { pane, shell } = useApp();
  const parts = useSessionParts();
  const session = useStore(pane, (context) => context.session);
  const status = useStore(pane, (context) => context.status);
  const waiting = useWaiting();
  const isDrawerOpen = useStore(shell, (context) => context.drawer);
  const isSideOpen = useStore(shell, (context) => context.side);
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
      {!isSideOpen && (
        <button
          type="button"
          className="tool-btn wide"
          aria-label={en.sidebar.open(waiting)}
          onClick={() => shell.trigger.sideSwitched({})}
        >
          <Icon name="list" />
        </button>
      )}
      {isRenamed && session && parts ? (
        <parts.TitleEditor session={session} done={() => setRenamed(false)} />
      ) : (
        <h1 className="cut" dir="auto" onDoubleClick={() => session && setRenamed(true)}>
          {title}
        </h1>
      )}
      {session && parts && <parts.Origin session={session} />}
      {session?.cwd && <span className="where mono cut">{session.cwd}</span>}
      <span className="push" />
      <LineSign />
      <PaneBadge />
      {session && (
        <MenuButton label={words.menu}>
          {(close) => <SessionMenu session={session} close={close} rename={() => setRenamed(true)} />}
        </MenuButton>
      )}
      {parts && (
        <button
          type="button"
          className="tool-btn"
          aria-label={words.details}
          onClick={() => switchDrawer((open) => shell.trigger.drawerSwitched({ open }), isDrawerOpen)}
        >
          <Icon name="panel" />
        </button>
      )}
    </header>
  );
}
