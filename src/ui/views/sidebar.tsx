// The left of the page: where one can go. Sessions and board, the search, the list, and the state of the connection.
import { type UIEvent, useRef, useState } from 'react';
import { SEARCH_LENGTH_MAX } from '../../protocol/limits.ts';
import { en } from '../text/en.ts';
import { useApp, useStore } from './context.tsx';
import { Guard } from './guard.tsx';
import { Icon } from './icon.tsx';
import { ListMenu, MenuButton } from './menu.tsx';
import { LineState } from './notice.tsx';
import { SessionList } from './session-list.tsx';
import { useOver } from './use-over.ts';
import { Views } from './views.tsx';

const words = en.sidebar;
const SEARCH_SIGN = /Mac|iP(hone|ad)/.test(navigator.platform) ? '⌘K' : 'Ctrl K';
/** So near to its end the next page of the list is asked for. */
const NEAR_END_PX = 800;

function Head({ hide }: { hide: () => void }) {
  const { commands } = useApp();
  return (
    <div className="side-head">
      <span className="brand">
        <Icon name="weir" />
        {en.app}
      </span>
      <span className="push" />
      <MenuButton label={words.menu}>{(close) => <ListMenu close={close} />}</MenuButton>
      <button
        type="button"
        className="tool-btn"
        aria-label={words.newSession}
        title={words.newSession}
        onClick={() => {
          commands.newSession();
          hide();
        }}
      >
        <Icon name="plus" />
      </button>
      <button type="button" className="tool-btn only-narrow" aria-label={words.close} onClick={hide}>
        <Icon name="turn" />
      </button>
    </div>
  );
}

function Find() {
  const { commands } = useApp();
  const [text, setText] = useState('');
  const change = (next: string): void => {
    setText(next);
    commands.searchSessions(next);
  };
  return (
    <search className="find">
      <Icon name="search" />
      <input
        type="search"
        aria-label={words.search}
        placeholder={words.searchHint}
        dir="auto"
        autoComplete="off"
        spellCheck={false}
        maxLength={SEARCH_LENGTH_MAX}
        value={text}
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || text === '') return;
          event.stopPropagation();
          change('');
        }}
      />
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a sign for the eyes; the list of keys tells it */}
      <kbd aria-hidden="true">{SEARCH_SIGN}</kbd>
    </search>
  );
}

function Listing({ open }: { open(session_id: string): void }) {
  const { list, commands } = useApp();
  const { status, next, archived, q } = useStore(list, (context) => context);
  const isEmpty = useStore(list, (context) => context.sessions.length === 0);
  const onScroll = ({ currentTarget: box }: UIEvent<HTMLElement>): void => {
    if (box.scrollTop + box.clientHeight > box.scrollHeight - NEAR_END_PX) void commands.moreSessions();
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a scrolling part is no form field set
    <div className="sessions" tabIndex={0} role="group" aria-label={words.region} onScroll={onScroll}>
      {archived && (
        <p className="listing">
          {words.archive}
          <button type="button" className="link push" onClick={() => commands.showArchived(false)}>
            {words.leaveArchive}
          </button>
        </p>
      )}
      <Guard>
        <SessionList open={open} />
      </Guard>
      {isEmpty && status !== 'loading' && (
        <p className="empty">
          {status === 'failed' ? words.failed : q !== '' || archived ? words.nothing : words.empty}
        </p>
      )}
      {next !== null && (
        <button type="button" className="btn bare" onClick={() => void commands.moreSessions()}>
          {words.more}
        </button>
      )}
    </div>
  );
}

/** Who chooses a session there wants to write in it; elsewhere a keyboard would come up. */
const HAS_KEYS = '(min-width: 640px) and (pointer: fine)';
const focusMessage = (): void => document.querySelector<HTMLElement>('.compose textarea')?.focus();

export function Sidebar() {
  const { commands, list } = useApp();
  const side = useRef<HTMLElement>(null);
  const [isOver, setOver] = useState(false);
  const hide = (): void => side.current?.hidePopover();
  useOver(isOver, hide);
  // The same for the life of the page: rows are drawn again only when they change.
  const [open] = useState(() => (session_id: string): void => {
    commands.open(session_id);
    hide();
    const { sessions } = list.getSnapshot().context;
    // A card, which a run may show at any moment, is answered by keys that a message would take for its own.
    const isLive = sessions.some((one) => one.session_id === session_id && one.state !== 'idle');
    // When its composer is there.
    if (!isLive && matchMedia(HAS_KEYS).matches) requestAnimationFrame(focusMessage);
  });
  return (
    <nav
      id="side"
      className="side"
      popover="auto"
      aria-label={words.views}
      ref={side}
      onToggle={(event) => setOver(event.newState === 'open')}
    >
      <Head hide={hide} />
      <Views />
      <Find />
      <Listing open={open} />
      <LineState />
    </nav>
  );
}
