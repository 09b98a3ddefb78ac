// Whether there is room for one column only.
import { useState, useSyncExternalStore } from 'react';

const NARROW = '(max-width: 639px)';

export function useNarrow(): boolean {
  const [media] = useState(() => matchMedia(NARROW));
  return useSyncExternalStore(
    (listener) => {
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => media.matches,
  );
}
