// What lies over the page is put away by Back, instead of leaving the page.
import { type RefObject, useEffect, useRef } from 'react';
import { layOver, whenStill } from '../over.ts';

/** Of a popover. */
export function useBack<Over extends HTMLElement = HTMLElement>(): RefObject<Over | null> {
  const frame = useRef<Over>(null);
  useEffect(() => {
    const over = frame.current;
    if (!over) return;
    let lieNoMore: (() => void) | null = null;
    const toggled = (event: Event): void => {
      const isOpen = (event as ToggleEvent).newState === 'open';
      if (isOpen)
        whenStill(() => {
          if (over.matches(':popover-open')) lieNoMore ??= layOver(() => over.hidePopover());
        });
      else {
        lieNoMore?.();
        lieNoMore = null;
      }
    };
    over.addEventListener('toggle', toggled);
    return () => over.removeEventListener('toggle', toggled);
  }, []);
  return frame;
}
