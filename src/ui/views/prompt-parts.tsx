// Cards and lines, which come in a chunk of their own. What fails takes only itself down (lesson 90).
import { type ReactNode, useSyncExternalStore } from 'react';
import type { PromptPart } from '../../protocol/views.ts';
import { promptParts, watchPromptParts } from '../prompts/load.ts';
import { Guard } from './guard.tsx';

type Parts = NonNullable<ReturnType<typeof promptParts>>;

/** Shows nothing until they are here. */
function WithParts({ children }: { children: (parts: Parts) => ReactNode }) {
  const parts = useSyncExternalStore(watchPromptParts, promptParts);
  return parts && <Guard>{children(parts)}</Guard>;
}

export const Prompts = () => <WithParts>{(parts) => <parts.Prompts />}</WithParts>;

export const PromptLine = (props: { part: PromptPart; copied: boolean }) => (
  <WithParts>{(parts) => <parts.PromptLine {...props} />}</WithParts>
);
