// Colours code when its fence is closed: never while it grows, never in the first load. Same letters, other colours.
import { cleanSpans } from './settled.ts';

/** Longer code stays plain: colouring it would cost more than it helps. */
const CODE_LENGTH_MAX = 20_000;

type Highlighter = (language: string, code: string) => string | null;
let loading: Promise<Highlighter> | null = null;

const idle = (run: () => void): void => {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(run, { timeout: 500 });
  else setTimeout(run, 0);
};

function colour(code: HTMLElement, language: string, highlight: Highlighter): void {
  const html = highlight(language, code.textContent);
  if (html !== null) code.replaceChildren(cleanSpans(html));
}

/** Colours every named code block under `root`, some time soon. A chunk that doesn't load leaves the code plain. */
export function highlightIn(root: ParentNode): void {
  for (const code of root.querySelectorAll<HTMLElement>('pre > code[class^="language-"]')) {
    if (code.textContent.length > CODE_LENGTH_MAX) continue;
    const language = code.className.slice('language-'.length).toLowerCase();
    loading ??= import('./languages.ts').then((module) => module.highlight);
    loading.then(
      (highlight) => idle(() => colour(code, language, highlight)),
      () => {
        loading = null;
      },
    );
  }
}
