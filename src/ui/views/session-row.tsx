// One session of the list: what it is doing, in a mark and in words, and what can be done with it.
import { type MouseEvent, memo } from 'react';
import { besideTitle } from '../beside-title.ts';
import { keptDraft } from '../draft.ts';
import { dayTime, elapsed, isoTime } from '../format.ts';
import type { Listed } from '../list-store.ts';
import { waitingWords } from '../prompts/shown-prompts.ts';
import { plainText } from '../renderer/plain.ts';
import { pathOf } from '../router.ts';
import { markOf, rowWord, type ShownRun, wordOf } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { Icon } from './icon.tsx';
import { MenuButton, SessionMenu } from './menu.tsx';

const words = en.sidebar;

interface BodyProps {
  session: Listed;
  /** the run that the pane shows, where it is this session's */
  run: ShownRun | null;
  isCurrent: boolean;
  /** what it asks, where that is known */
  asks: string | null;
  /** messages that this tab could not send */
  unsent: number;
  /** since when its run says nothing (ms), as the board tells it */
  quiet: number | null;
  now: number;
  open(session_id: string): void;
}

export interface RowProps extends BodyProps {
  /** its place among all, from 1 */
  place: number;
  count: number;
}

const liveOf = (session: Listed, run: ShownRun | null): ShownRun | null =>
  run && session.state !== 'idle' && run.run_state !== 'settled' ? run : null;

/** The second line of a row; null: it has one line. */
export function whyOf({
  session,
  run,
  asks,
  unsent,
}: Pick<BodyProps, 'session' | 'run' | 'asks' | 'unsent'>): string | null {
  if (unsent > 0) return words.unsent(unsent);
  if (session.state === 'waiting') return asks ?? waitingWords(session);
  const live = liveOf(session, run);
  if (live?.why) return live.why;
  if (session.queue_length > 0) return words.queued(session.queue_length, session.queue_paused);
  return session.state === 'idle' ? null : besideTitle(session.title, session.pending_user_message);
}

/** Where it came from, when it was not this page. */
const sourceOf = ({ source_label, source_tag, is_cli_session, relation }: Listed): string | null =>
  source_label ?? source_tag ?? (is_cli_session ? words.cli : relation === 'fork' ? words.fork : null);

function When({ session, since, now }: { session: Listed; since: number; now: number }) {
  const { state, pinned, updated_at, lineage_collapsed_count } = session;
  const source = sourceOf(session);
  const time = state === 'idle' ? dayTime(updated_at, now) : elapsed(now - since);
  return (
    <span className="when">
      {source !== null && (
        <span className="source cut" dir="auto">
          {plainText(source)}
        </span>
      )}
      {lineage_collapsed_count !== undefined && (
        <span className="num">{words.members(lineage_collapsed_count)}</span>
      )}
      {pinned && <Icon name="pin" />}
      <time dateTime={isoTime(updated_at)}>{time}</time>
    </span>
  );
}

const quietOf = (since: number) => ({ run_state: 'quiet' as const, outcome: null, since });

const toneOf = ({ state }: Listed): string =>
  state === 'waiting' ? 'hot' : state === 'stale' ? 'lost' : state === 'idle' ? 'old' : '';

/** One line of a text that may have many: the start is enough, and the rest is not laid out. */
const WHY_LENGTH_MAX = 200;

/** What is being written in a session that nothing was said in yet; as it was when its row was drawn. */
function draftOf({ session_id }: Listed): string | null {
  const text = keptDraft(session_id);
  return text.trim() === '' ? null : words.draft(text.slice(0, WHY_LENGTH_MAX));
}

/** What a row says. Where it stands is the row's: when one comes up, the places of all others change, and nothing of this. */
const Body = memo(function Body({ session, run, isCurrent, asks, unsent, quiet, now, open }: BodyProps) {
  const live =
    liveOf(session, run) ?? (quiet !== null && session.state === 'running' ? quietOf(quiet) : null);
  const why = whyOf({ session, run, asks, unsent });
  const title = session.title || draftOf(session) || words.untitled;
  function onClick(event: MouseEvent): void {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    open(session.session_id);
  }
  return (
    <>
      <a
        className={`row ${toneOf(session)}`}
        href={pathOf({ page: 'session', session_id: session.session_id })}
        aria-current={isCurrent ? 'page' : undefined}
        onClick={onClick}
      >
        <i className="mark" data-state={live?.run_state ?? markOf(session)} aria-hidden="true" />
        <span className="head cut" dir="auto">
          {/* Of a direction of its own, so that the title's decides. */}
          <span className="vh" dir="ltr">
            {session.pinned ? words.pinnedMark : ''}
            {live ? wordOf(live) : rowWord(session)}:{' '}
          </span>
          {plainText(title)}
        </span>
        <When session={session} since={live?.since ?? session.updated_at} now={now} />
        {why && (
          <span className="why cut" dir="auto">
            {plainText(why.slice(0, WHY_LENGTH_MAX))}
          </span>
        )}
      </a>
      <MenuButton label={words.rowMenu(title)}>
        {(close) => <SessionMenu session={session} close={close} />}
      </MenuButton>
    </>
  );
});

export function Row({ place, count, ...body }: RowProps) {
  const { session } = body;
  return (
    <li
      className="entry"
      data-session-id={session.session_id}
      data-session-state={session.state}
      aria-setsize={count}
      aria-posinset={place}
    >
      <Body {...body} />
    </li>
  );
}
