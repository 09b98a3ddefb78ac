// What lies over the page, and is closed by Back.
import { useEffect } from 'react';
import { layOver } from '../over.ts';

/** `close` may be called whatever the state of what it closes. */
export function useOver(isOver: boolean, close: () => void): void {
  useEffect(() => (isOver ? layOver(close) : undefined), [isOver]);
}
