// The keys of the page. What they do comes with the first session or the first key; whoever composes or holds AltGraph is left
// alone.
import { useEffect } from 'react';
import type { App } from '../app.ts';
import { createChunk } from '../chunk.ts';
import { currentPlace } from '../router.ts';

const keyActs = createChunk(() => import('./key-acts.ts'));

/** Until what they do is here, browsers would take these for themselves. */
const isBrowsers = ({ ctrlKey, metaKey, key }: KeyboardEvent): boolean =>
  (ctrlKey || metaKey) && /^[bk]$/i.test(key);

export function useKeys(app: App): void {
  useEffect(() => {
    let press: ((event: KeyboardEvent) => void) | null = null;
    const load = (): Promise<void> =>
      keyActs.load().then(({ createKeys }) => {
        press ??= createKeys(app);
      });
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || event.getModifierState('AltGraph')) return;
      if (press) {
        press(event);
        return;
      }
      if (isBrowsers(event)) event.preventDefault();
      load().then(
        () => press?.(event),
        () => undefined,
      );
    };
    if (currentPlace().page !== 'start') load().catch(() => undefined);
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [app]);
}
