// What was written on a card and not sent: kept by the prompt's id, for every tab of this browser, over reloads and over the
// prompt's end (lesson 103). When a prompt ends without it, it becomes the draft of the message, if that is empty.
import { addDraft, keptDraft } from '../draft.ts';
import { keep, kept } from '../kept.ts';

export const promptDraftKey = (prompt_id: string): string => `prompt.${prompt_id}`;
export const formDraftKey = (prompt_id: string): string => `form.${prompt_id}`;

export const keptPromptDraft = (prompt_id: string): string => kept(promptDraftKey(prompt_id)) ?? '';

export function forgetPromptDraft(prompt_id: string): void {
  keep(promptDraftKey(prompt_id), null);
  keep(formDraftKey(prompt_id), null);
}

/** True: it is in the message now. */
export function returnPromptDraft(session_id: string, prompt_id: string): boolean {
  const text = keptPromptDraft(prompt_id);
  if (text.trim() === '' || keptDraft(session_id).trim() !== '') return false;
  appendPromptDraft(session_id, prompt_id);
  return true;
}

/** A person wants it in the message, behind what stands there. */
export function appendPromptDraft(session_id: string, prompt_id: string): void {
  const text = keptPromptDraft(prompt_id);
  // It goes first: a full storage has room for it then.
  forgetPromptDraft(prompt_id);
  addDraft(session_id, text);
}
