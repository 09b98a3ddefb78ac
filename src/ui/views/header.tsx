// The head of a session: its title, its run's badge, and what can be done with it.
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { TITLE_LENGTH_MAX } from '../../protocol/limits.ts';
import { en } from '../text/en.ts';
import { PaneBadge } from './badge.tsx';
import { useApp, useStore, useWaiting } from './context.tsx';
import { switchDrawer } from './drawer.tsx';
import { Icon } from './icon.tsx';

const words = en.header;

function TitleEditor({ title, done }: { title: string; done: () => void }) {
  const { commands } = useApp();
  const [text, setText] = useState(title);
  function save(event?: FormEvent): void {
    event?.preventDefault();
    const next = text.trim();
    if (next !== '' && next !== title) commands.rename(next);
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

/** Closes on a press outside and on Escape; the focus goes back to the button. */
function useDismissal(isOpen: boolean, close: () => void) {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const press = (event: PointerEvent): void => {
      if (!root.current?.contains(event.target as Node)) close();
    };
    document.addEventListener('pointerdown', press);
    return () => document.removeEventListener('pointerdown', press);
  }, [isOpen, close]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !isOpen) return;
    event.stopPropagation();
    close();
    root.current?.querySelector('button')?.focus();
  };
  return { root, onKeyDown };
}

function Menu({ rename }: { rename: () => void }) {
  const { pane, shell, commands } = useApp();
  const session = useStore(pane, (context) => context.session);
  const [isOpen, setOpen] = useState(false);
  const { root, onKeyDown } = useDismissal(isOpen, () => setOpen(false));
  if (!session) return null;
  const items: [string, () => void][] = [
    [words.renameShort, rename],
    [session.pinned ? words.unpin : words.pin, () => commands.pin(!session.pinned)],
    [session.archived ? words.unarchive : words.archive, () => commands.archive(!session.archived)],
    [en.prompts.rules, () => shell.trigger.dialogOpened({ dialog: 'rules' })],
    [words.remove, () => shell.trigger.dialogOpened({ dialog: 'delete' })],
  ];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape is heard for the menu inside
    <div className="menu-frame" ref={root} onKeyDown={onKeyDown}>
      <button
        type="button"
        className="tool-btn"
        aria-label={words.menu}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="more" className="dots" />
      </button>
      {isOpen && (
        <ul className="menu">
          {items.map(([name, run]) => (
            <li key={name}>
              <button
                type="button"
                className="btn bare"
                onClick={() => {
                  setOpen(false);
                  run();
                }}
              >
                {name}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
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
  useEffect(() => {
    document.title = en.sidebar.titled(waiting, title === '' ? en.app : `${title} · ${en.app}`);
  }, [title, waiting]);
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
        <TitleEditor title={session.title} done={() => setRenamed(false)} />
      ) : (
        <h1 className="cut" dir="auto" onDoubleClick={() => session && setRenamed(true)}>
          {title}
        </h1>
      )}
      {session?.cwd && <span className="where mono cut">{session.cwd}</span>}
      <span className="push" />
      <PaneBadge />
      <Menu rename={() => setRenamed(true)} />
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
