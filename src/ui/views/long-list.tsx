// A long list: of its rows only those in sight, and a few beyond, are in the page.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { Listed } from '../list-store.ts';
import { en } from '../text/en.ts';
import { Heading, type Item, keyOf } from './session-list.tsx';
import { Row, type RowProps } from './session-row.tsx';

const BEYOND_ROWS = 12;
const GROUP_PX = 32;
const ROW_PX = 30;
const TWO_LINES_PX = 46;

/** Before it is measured. */
const guess = (item: Item | undefined): number =>
  item?.kind !== 'session' ? GROUP_PX : item.session.state === 'idle' ? ROW_PX : TWO_LINES_PX;

interface LongListProps {
  items: Item[];
  current: string | null;
  rowOf(session: Listed, place: number): RowProps;
}

export default function LongList({ items, current, rowOf }: LongListProps) {
  const root = useRef<HTMLUListElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => root.current?.parentElement ?? null,
    estimateSize: (index) => guess(items[index]),
    getItemKey: (index) => keyOf(items[index]!),
    overscan: BEYOND_ROWS,
  });
  const at = items.findIndex((item) => item.kind === 'session' && item.session.session_id === current);
  // Only another session is a reason to move the list.
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at, { align: 'auto' });
  }, [current]);
  return (
    <ul ref={root} className="long" aria-label={en.sidebar.list} style={{ blockSize: rows.getTotalSize() }}>
      {rows.getVirtualItems().map(({ key, index, start }) => {
        const item = items[index]!;
        return item.kind === 'group' ? (
          <Heading key={key} group={item.group} count={item.count} start={start} />
        ) : (
          <Row
            key={key}
            {...rowOf(item.session, item.place)}
            start={start}
            index={index}
            measure={rows.measureElement}
          />
        );
      })}
    </ul>
  );
}
