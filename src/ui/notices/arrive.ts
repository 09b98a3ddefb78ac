// Who comes by a notice comes to the card that it told of: `?prompt=<id>`. The address is cleaned when it was found, or does
// not come. Knows no notice.

import { PROMPT_KINDS } from '../../protocol/prompts.ts';
import type { App } from '../app.ts';

/** A card that is not there by then was answered, or is behind others. */
const CARD_MS = 10_000;
const QUERY = 'prompt';

function show(app: App, prompt_id: string): boolean {
  const { prompts } = app.pane.getSnapshot().context;
  for (const kind of PROMPT_KINDS)
    if (prompts[kind].put_away?.prompt_id === prompt_id) app.commands.tellPrompt(kind, 'recall', prompt_id);
  const card = document.querySelector<HTMLElement>(`.ask[data-prompt-id="${CSS.escape(prompt_id)}"]`);
  if (!card) return false;
  card.scrollIntoView({ block: 'nearest' });
  // Whoever writes goes on writing: the card stands above the words.
  if (!/^(INPUT|TEXTAREA)$/.test(document.activeElement?.tagName ?? '')) card.focus({ preventScroll: true });
  return true;
}

/** Goes to the card of this prompt as soon as it is there. */
export function goToCard(app: App, prompt_id: string): void {
  if (show(app, prompt_id)) return;
  const over = (): void => {
    looks.disconnect();
    clearTimeout(timer);
  };
  const looks = new MutationObserver(() => show(app, prompt_id) && over());
  const timer = setTimeout(over, CARD_MS);
  looks.observe(document.body, { childList: true, subtree: true });
}

/** Of the address that the page was opened with. */
export function arrive(app: App): void {
  const url = new URL(location.href);
  const prompt_id = url.searchParams.get(QUERY);
  if (prompt_id === null) return;
  url.searchParams.delete(QUERY);
  history.replaceState(history.state, '', url);
  goToCard(app, prompt_id);
}

/** The session and card of a notice's path, without loading the page anew. False: it is no path of the page. */
export function open(app: App, path: string): boolean {
  const url = new URL(path, location.origin);
  const session_id = /^\/s\/([^/]+)$/.exec(url.pathname)?.[1];
  if (session_id === undefined) return url.pathname === '/';
  app.commands.open(session_id);
  const prompt_id = url.searchParams.get(QUERY);
  if (prompt_id !== null) goToCard(app, prompt_id);
  return true;
}
