// The two views of the page, and which of them this tab shows.
import type { MouseEvent } from 'react';
import { go, type Place, pathOf } from '../router.ts';
import { en } from '../text/en.ts';
import { useApp, usePlace, useStore } from './context.tsx';

const words = en.sidebar;

export function Views() {
  const { list } = useApp();
  const isBoard = usePlace().page === 'board';
  const newest = useStore(list, (context) => context.sessions[0]?.session_id);
  const sessions: Place = newest === undefined ? { page: 'start' } : { page: 'session', session_id: newest };
  const views: [string, Place, boolean][] = [
    [words.sessions, isBoard ? sessions : { page: 'start' }, !isBoard],
    [words.board, { page: 'board' }, isBoard],
  ];
  return (
    <div className="views">
      {views.map(([name, place, isHere]) => (
        <a
          key={name}
          href={pathOf(place)}
          aria-current={isHere ? 'page' : undefined}
          onClick={(event: MouseEvent) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
            event.preventDefault();
            if (!isHere) go(place);
          }}
        >
          {name}
        </a>
      ))}
    </div>
  );
}
