// A long list: of its rows only those in sight, and a few beyond, are in the page. What a row is high is known before it is
// drawn, by its lines; so nothing is measured, and nothing jumps.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { Listed } from '../list-store.ts';
import { en } from '../text/en.ts';
import { Heading, type Item, keyOf } from './session-items.tsx';
import { Row, type RowProps, whyOf } from './session-row.tsx';

const BEYOND_ROWS = 6;

interface Heights {
  group: number;
  one: number;
  two: number;
}

/** Heights in px, as the sheet has them (in rem) for this width and this size of letters. */
function readHeights(): Heights {
  const style = getComputedStyle(document.documentElement);
  const letters_px = Number.parseFloat(style.fontSize);
  const px = (name: string): number => Number.parseFloat(style.getPropertyValue(name)) * letters_px;
  return { group: px('--row-group'), one: px('--row-one'), two: px('--row-two') };
}

function useHeights(): Heights {
  const [heights, setHeights] = useState(readHeights);
  useEffect(() => {
    const read = (): void => setHeights(readHeights());
    addEventListener('resize', read);
    return () => removeEventListener('resize', read);
  }, []);
  return heights;
}

interface LongListProps {
  items: Item[];
  current: string | null;
  rowOf(session: Listed, place: number): RowProps;
}

export default function LongList({ items, current, rowOf }: LongListProps) {
  const root = useRef<HTMLUListElement>(null);
  const heights = useHeights();
  const heightOf = (item: Item): number => {
    if (item.kind === 'group') return heights.group;
    return whyOf(rowOf(item.session, item.place)) === null ? heights.one : heights.two;
  };
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => root.current?.parentElement ?? null,
    estimateSize: (index) => heightOf(items[index]!),
    getItemKey: (index) => keyOf(items[index]!),
    overscan: BEYOND_ROWS,
  });
  const at = items.findIndex((item) => item.kind === 'session' && item.session.session_id === current);
  // Only another session is a reason to move the list.
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at, { align: 'auto' });
  }, [current]);
  const shown = rows.getVirtualItems();
  // One length above all of them, and not a place for each: when one comes up, the others stand as they stood.
  const style = { blockSize: rows.getTotalSize(), paddingBlockStart: shown[0]?.start ?? 0 };
  return (
    <ul ref={root} aria-label={en.sidebar.list} style={style}>
      {shown.map(({ key, index }) => {
        const item = items[index]!;
        return item.kind === 'group' ? (
          <Heading key={key} group={item.group} count={item.count} />
        ) : (
          <Row key={key} {...rowOf(item.session, item.place)} />
        );
      })}
    </ul>
  );
}
