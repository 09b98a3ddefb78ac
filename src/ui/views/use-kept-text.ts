// A text that is kept by its key in every tab of this browser: what one writes, the others show.
import { useEffect, useState } from 'react';
import { keep, kept, watchKept } from '../kept.ts';

export function useKeptText(key: string): readonly [string, (text: string) => void] {
  const [text, setText] = useState(() => kept(key) ?? '');
  useEffect(() => {
    const read = (): void => setText(kept(key) ?? '');
    read();
    return watchKept(key, read);
  }, [key]);
  const change = (next: string): void => {
    setText(next);
    keep(key, next);
  };
  return [text, change];
}
