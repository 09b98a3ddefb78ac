// Every actor, below the one that it belongs to; of them only those in sight are in the page.
import { type KeyboardEvent, type MouseEvent, memo } from 'react';
import { enInspector as words } from '../text/en-inspector.ts';
import type { ActorNow } from './fold.ts';
import type { Inspector, Shown } from './inspector.ts';
import { markOf } from './marks.ts';
import { roleOf, shortId, stateWords } from './names.ts';
import { foundIn, type TreeRow } from './tree.ts';
import { useWindow } from './use-window.ts';

const ROW_PX = 28;
const PHONE_ROW_PX = 44;

const rowId = (id: string): string => `actor-${id}`;
const isPhone = (): boolean => matchMedia('(max-width: 639px)').matches;

interface LineProps {
  id: string;
  depth: number;
  actor: ActorNow | null;
  isChosen: boolean;
  place: number;
}

const Line = memo(function Line({ id, depth, actor, isChosen, place }: LineProps) {
  return (
    <div
      id={rowId(id)}
      data-actor={actor ? id : undefined}
      tabIndex={-1}
      role="treeitem"
      aria-level={depth + 1}
      aria-posinset={place + 1}
      aria-selected={isChosen}
      data-depth={Math.min(depth, 3)}
    >
      <i className="mark" data-state={actor ? markOf(actor) : 'idle'} aria-hidden="true" />
      <span className="cut">
        {actor ? roleOf(actor) : words.tab(id)} <span className="mono">{actor && shortId(actor)}</span>
      </span>
      <span className="dim cut">{actor && stateWords(actor)}</span>
    </div>
  );
});

/** The next actor in a direction; tabs are no actors. */
function neighbour(rows: TreeRow[], at: number, by: number): string | null {
  for (let index = at + by; index >= 0 && index < rows.length; index += by)
    if (rows[index]?.actor) return rows[index]?.id ?? null;
  return null;
}

const isFiltered = ({ filter }: Shown): boolean => filter.text !== '' || filter.machine !== null;

/** Whom the rows that are shown concern. */
function ownersOf({ rows, history }: Shown): Set<string> {
  const owners = new Set<string>();
  for (const n of rows.numbers) owners.add(history.entry(n)?.actor ?? '');
  return owners;
}

export const ActorTree = memo(function ActorTree({
  shown,
  inspector,
}: {
  shown: Shown;
  inspector: Inspector;
}) {
  const rows = foundIn(shown.world, shown.filter, () => ownersOf(shown));
  const at = rows.findIndex(({ id }) => id === shown.actor);
  const row_px = isPhone() ? PHONE_ROW_PX : ROW_PX;
  const { frame, first, end } = useWindow(rows.length, row_px, at, false);
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const ends = { Home: [-1, 1], End: [rows.length, -1] }[event.key];
    const next = by ? neighbour(rows, at, by) : ends ? neighbour(rows, ends[0]!, ends[1]!) : null;
    if (by || ends) event.preventDefault();
    if (next !== null) inspector.chosen(next);
  };
  const onClick = ({ target }: MouseEvent): void => {
    const { actor } = (target as Element).closest<HTMLElement>('[data-actor]')?.dataset ?? {};
    if (actor !== undefined) inspector.chosen(actor);
  };
  return (
    <div className="tree" ref={frame}>
      {rows.length === 0 && isFiltered(shown) && <p className="dim">{words.noActorMatches}</p>}
      <div
        role="tree"
        aria-label={words.actorTree}
        aria-activedescendant={at >= first && at < end ? rowId(rows[at]!.id) : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onClick={onClick}
        style={{ blockSize: rows.length * row_px, paddingBlockStart: first * row_px }}
      >
        {rows.slice(first, end).map(({ id, depth, actor }, index) => (
          <Line
            key={id}
            id={id}
            depth={depth}
            actor={actor}
            isChosen={id === shown.actor}
            place={first + index}
          />
        ))}
      </div>
    </div>
  );
});
