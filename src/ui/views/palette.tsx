// The palette: one field, from which one goes to any session and does anything that the page can do, without a mouse.
import '../style/dialog.css';
import '../style/palette.css';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { SEARCH_LENGTH_MAX } from '../../protocol/limits.ts';
import type { Session } from '../../protocol/views.ts';
import { api } from '../api.ts';
import { actionsOf, type Entry, entriesOf } from '../palette.ts';
import { plainText } from '../renderer/plain.ts';
import { enBoard } from '../text/en-board.ts';
import { useApp, useStore } from './context.tsx';
import { Icon } from './icon.tsx';

const words = enBoard.palette;
const SEARCH_AFTER_MS = 200;

/** What the server finds for the words, a moment after they were typed. What can't be asked for is not found. */
function useFound(typed: string): Session[] {
  const [found, setFound] = useState<Session[]>([]);
  const q = typed.trim();
  useEffect(() => {
    if (q === '') return setFound([]);
    let isOver = false;
    const timer = setTimeout(() => {
      api.listSessions({ q, archived: false }).then(
        ({ sessions }) => isOver || setFound(sessions),
        () => isOver || setFound([]),
      );
    }, SEARCH_AFTER_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [q]);
  return found;
}

function useEntries(typed: string): Entry[] {
  const app = useApp();
  const known = useStore(app.list, (context) => context.sessions);
  const found = useFound(typed);
  const [actions] = useState(() => actionsOf(app));
  return useMemo(
    () => entriesOf(typed, { known, found, actions, open: app.commands.open }),
    [typed, known, found, actions, app],
  );
}

const idOf = (at: number): string => `palette-${at}`;

function Results({ entries, at, pick }: { entries: Entry[]; at: number; pick(entry: Entry): void }) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  return (
    <div ref={list} id="palette-results" role="listbox" aria-label={words.results} tabIndex={-1}>
      {entries.map((entry, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field that owns the list has the keys
        <div
          key={entry.id}
          id={idOf(index)}
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          onClick={() => pick(entry)}
        >
          {entry.mark === null ? (
            <Icon name="turn" />
          ) : (
            <i className="mark" data-state={entry.mark} aria-hidden="true" />
          )}
          <span className="cut" dir="auto">
            {plainText(entry.name)}
          </span>
          {entry.note !== null && <span className="dim push">{entry.note}</span>}
        </div>
      ))}
    </div>
  );
}

export default function Palette() {
  const { shell } = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const entries = useEntries(typed);
  const here = Math.min(at, entries.length - 1);
  useEffect(() => dialog.current?.showModal(), []);
  const pick = (entry: Entry): void => {
    shell.trigger.dialogClosed({});
    entry.run();
  };
  function onKeyDown(event: KeyboardEvent): void {
    const composes = event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = entries[here];
    if (by !== undefined && entries.length > 0) setAt((here + by + entries.length) % entries.length);
    else if (event.key === 'Enter' && !composes && chosen) pick(chosen);
    else return;
    event.preventDefault();
  }
  return (
    <dialog
      ref={dialog}
      className="dialog palette"
      aria-label={words.title}
      onClose={() => shell.trigger.dialogClosed({})}
      // A press beside it is a press on its backdrop.
      onPointerDown={(event) => event.target === dialog.current && dialog.current.close()}
    >
      <div className="palette-body">
        <input
          role="combobox"
          aria-label={words.label}
          aria-expanded={entries.length > 0}
          aria-controls="palette-results"
          aria-activedescendant={here >= 0 ? idOf(here) : undefined}
          aria-autocomplete="list"
          placeholder={words.hint}
          dir="auto"
          autoComplete="off"
          spellCheck={false}
          maxLength={SEARCH_LENGTH_MAX}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <Results entries={entries} at={here} pick={pick} />
        {entries.length === 0 && <p className="dim">{words.none}</p>}
      </div>
    </dialog>
  );
}
