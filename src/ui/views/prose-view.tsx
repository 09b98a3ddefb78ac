// The shell of one text: React gives it a place and the newest words, the renderer owns what is inside.
import { memo, useLayoutEffect, useRef } from 'react';
import { renderer } from '../renderer/load.ts';
import type { Prose } from '../renderer/prose.ts';

export const ProseView = memo(function ProseView({ text, live }: { text: string; live: boolean }) {
  const root = useRef<HTMLDivElement>(null);
  const prose = useRef<Prose>(null);
  useLayoutEffect(() => {
    if (!root.current) return;
    prose.current ??= renderer().createProse(root.current);
    if (live) prose.current.show(text);
    else prose.current.settle(text);
  }, [text, live]);
  return <div className="prose" dir="auto" data-live={live ? '' : undefined} ref={root} />;
});
