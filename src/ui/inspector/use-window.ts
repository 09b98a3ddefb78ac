// Of many rows of one height, those in sight. Nothing is measured but the frame that scrolls.
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';

const BEYOND_ROWS = 4;

export interface Window {
  frame: RefObject<HTMLDivElement | null>;
  first: number;
  /** after the last one */
  end: number;
  width: number;
}

/** `at`: the row that should be in sight; `sticks`: at the end, whatever comes. */
export function useWindow(count: number, row_px: number, at: number, sticks: boolean): Window {
  const frame = useRef<HTMLDivElement>(null);
  const [{ top, height, width }, setSize] = useState({ top: 0, height: 600, width: 600 });
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const read = (): void => {
      const { scrollTop: top, clientHeight: height, clientWidth: width } = element;
      setSize((old) =>
        old.top === top && old.height === height && old.width === width ? old : { top, height, width },
      );
    };
    const observer = new ResizeObserver(read);
    observer.observe(element);
    element.addEventListener('scroll', read, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', read);
    };
  }, []);
  useLayoutEffect(() => {
    if (sticks && frame.current) frame.current.scrollTop = count * row_px;
  }, [sticks, count, row_px, height]);
  // Only when it is another: whoever has scrolled away from it stays there, whatever comes.
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element || sticks || at < 0) return;
    const place = at * row_px;
    if (place < element.scrollTop || place + 2 * row_px > element.scrollTop + element.clientHeight)
      element.scrollTop = place - element.clientHeight / 2;
  }, [at, sticks, row_px, height]);
  const from = sticks ? Math.max(0, count * row_px - height) : top;
  const first = Math.max(0, Math.floor(from / row_px) - BEYOND_ROWS);
  const end = Math.min(count, Math.ceil((from + height) / row_px) + BEYOND_ROWS);
  return { frame, first, end, width };
}
