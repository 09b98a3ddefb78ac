// What the chunk of the prompts holds.
export { PromptLine } from '../views/prompt-line.tsx';
export { Prompts } from '../views/prompts.tsx';
export { RulesDialog } from '../views/rules.tsx';
export { createPromptDesk } from './prompt-desk.ts';
