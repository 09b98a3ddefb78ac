// Cards, lines and rules, which come in a chunk of their own. What doesn't load takes only itself down (lesson 90).
import { lazy, Suspense } from 'react';
import type { PromptPart } from '../../protocol/views.ts';
import { loadPrompts } from '../prompts/load.ts';
import { Guard } from './guard.tsx';

const LazyPrompts = lazy(() => loadPrompts().then(({ Prompts }) => ({ default: Prompts })));
const LazyLine = lazy(() => loadPrompts().then(({ PromptLine }) => ({ default: PromptLine })));
const LazyRules = lazy(() => loadPrompts().then(({ RulesDialog }) => ({ default: RulesDialog })));

export const Prompts = () => (
  <Guard>
    <Suspense fallback={null}>
      <LazyPrompts />
    </Suspense>
  </Guard>
);

export const PromptLine = ({ part }: { part: PromptPart }) => (
  <Guard>
    <Suspense fallback={null}>
      <LazyLine part={part} />
    </Suspense>
  </Guard>
);

export const RulesDialog = () => (
  <Guard>
    <Suspense fallback={null}>
      <LazyRules />
    </Suspense>
  </Guard>
);
