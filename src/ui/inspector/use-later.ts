// What changes all the time is drawn in two frames, so that neither is long: some of the page at once, the rest in the next.
import { useEffect, useState } from 'react';

/** `value`, a frame later. */
export function useLater<T>(value: T): T {
  const [later, setLater] = useState(value);
  useEffect(() => {
    const frame = requestAnimationFrame(() => setLater(value));
    return () => cancelAnimationFrame(frame);
  }, [value]);
  return later;
}
