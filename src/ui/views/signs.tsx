// What this tab says outside of its page, to whoever looks elsewhere: how many sessions wait, in its title, its icon and on
// the badge of the installed app.
import { useEffect } from 'react';
import { en } from '../text/en.ts';
import { useApp, usePlace, useStore, useWaiting } from './context.tsx';

const CALM_ICON = new URL('../icon.svg', import.meta.url).pathname;
const WAITING_ICON = new URL('../icon-waiting.svg', import.meta.url).pathname;

function useTitle(): string {
  const { pane } = useApp();
  const place = usePlace();
  const session = useStore(pane, (context) => context.session);
  if (place.page === 'board') return en.sidebar.board;
  return session ? session.title || en.sidebar.untitled : place.page === 'start' ? en.start.title : '';
}

/** Not every browser has a badge, and not every one lets a page set it. */
const setBadge = (waiting: number): void => {
  const told = waiting > 0 ? navigator.setAppBadge?.(waiting) : navigator.clearAppBadge?.();
  told?.catch(() => {});
};

export function Signs() {
  const waiting = useWaiting();
  const title = useTitle();
  useEffect(() => {
    document.title = en.sidebar.titled(waiting, title === '' ? en.app : `${title} · ${en.app}`);
  }, [title, waiting]);
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    const href = waiting > 0 ? WAITING_ICON : CALM_ICON;
    if (icon && new URL(icon.href).pathname !== href) icon.href = href;
    setBadge(waiting);
  }, [waiting]);
  return null;
}
