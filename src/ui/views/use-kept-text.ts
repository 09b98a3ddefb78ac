// A text that is kept by its key in every tab of this browser: what one writes, the others show.
import { useEffect, useState } from 'react';
import { keep, kept } from '../kept.ts';

export function useKeptText(key: string): readonly [string, (text: string) => void] {
  const [text, setText] = useState(() => kept(key) ?? '');
  useEffect(() => {
    setText(kept(key) ?? '');
    const heard = (event: StorageEvent): void => {
      if (event.key === `weir.${key}`) setText(event.newValue ?? '');
    };
    addEventListener('storage', heard);
    return () => removeEventListener('storage', heard);
  }, [key]);
  const change = (next: string): void => {
    setText(next);
    keep(key, next);
  };
  return [text, change];
}
