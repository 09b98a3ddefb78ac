// A settled block: markdown in, clean nodes out, once. The markup is ours, the text the agent's: its HTML is shown as text,
// its images are links, and DOMPurify has the last word. Knows nothing of streams and of React.
import DOMPurify from 'dompurify';
import { Marked, type Tokens } from 'marked';
import { enTranscript } from '../text/en-transcript.ts';
import { LINK_REL, linkTarget } from './links.ts';

const HEADING_LEVEL_MIN = 2;
const HEADING_DEPTH_FLAT = 3;
const HEADING_LEVEL_MAX = 6;

const escapeHtml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

/** Depths 1 to 3 are one level in the page's outline (the title above is level 1); the class keeps their looks apart. */
export const headingLevel = (depth: number): number =>
  Math.min(HEADING_LEVEL_MAX, HEADING_LEVEL_MIN + Math.max(0, depth - HEADING_DEPTH_FLAT));

/** The first word of a fence's info line, if it is one that a class may hold. */
export const languageOf = (info: string | undefined): string =>
  /^[A-Za-z0-9_+#.-]{1,24}/.exec(info?.trim() ?? '')?.[0] ?? '';

const anchor = (href: string | null, inner: string): string =>
  href === null ? inner : `<a href="${escapeHtml(href)}" target="_blank" rel="${LINK_REL}">${inner}</a>`;

function codeFigure(text: string, info: string | undefined): string {
  const language = languageOf(info);
  const named = language === '' ? '' : ` class="language-${escapeHtml(language)}"`;
  return (
    `<figure class="frame"><figcaption class="cap"><span class="mono cut">${escapeHtml(language || enTranscript.code.plain)}</span>` +
    `<button type="button" class="tool-btn push copy" data-copy="code" aria-label="${enTranscript.code.copy}"></button></figcaption>` +
    `<pre class="scroll" tabindex="0" role="group" aria-label="${escapeHtml(enTranscript.code.label(language))}">` +
    `<code${named}>${escapeHtml(text)}\n</code></pre></figure>`
  );
}

const marked = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }) => escapeHtml(text),
    code: ({ text, lang }) => codeFigure(text, lang),
    heading({ tokens, depth }) {
      const level = headingLevel(depth);
      return `<h${level} class="d${depth}">${this.parser.parseInline(tokens)}</h${level}>`;
    },
    link({ href, tokens }) {
      return anchor(linkTarget(href), this.parser.parseInline(tokens));
    },
    image: ({ href, text }) => anchor(linkTarget(href), escapeHtml(text || enTranscript.code.image)),
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    table(token: Tokens.Table) {
      const cell = (tag: string, { tokens, align }: Tokens.TableCell, extra = ''): string =>
        `<${tag}${extra}${align === 'right' ? ' class="r"' : ''}>${this.parser.parseInline(tokens)}</${tag}>`;
      const head = token.header.map((one) => cell('th', one, ' scope="col"')).join('');
      const rows = token.rows.map((row) => `<tr>${row.map((one) => cell('td', one)).join('')}</tr>`).join('');
      return (
        `<div class="frame scroll" tabindex="0" role="group" aria-label="${enTranscript.code.table}"><table>` +
        `<thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`
      );
    },
  },
});

const ALLOWED = {
  ALLOWED_TAGS: (
    'p br hr h2 h3 h4 h5 h6 em strong del code pre figure figcaption button span a ul ol li blockquote ' +
    'table thead tbody tr th td div'
  ).split(' '),
  ALLOWED_ATTR: 'href class start rel target tabindex role aria-label data-copy scope type'.split(' '),
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  // The pattern above would be asked about every other attribute too.
  ADD_URI_SAFE_ATTR: 'class start rel target tabindex role aria-label data-copy scope type'.split(' '),
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true as const,
};

/** Nesting beyond reason (a line of a thousand `>`) costs a parser its stack: such a block is shown as it was written. */
const TOO_DEEP = /^(?:[ \t]*>){24}|^(?:[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]){16}|^[ \t]{120}/m;
export const isTooDeep = (text: string): boolean => TOO_DEEP.test(text);

/** The text as it was written, in one paragraph that keeps its lines. */
const verbatim = (text: string): string => `<p class="verbatim">${escapeHtml(text.trim())}</p>`;

function markup(markdown: string): string {
  if (isTooDeep(markdown)) return verbatim(markdown);
  try {
    return marked.parse(markdown, { async: false });
  } catch {
    // A text that the parser can't take is still a text.
    return verbatim(markdown);
  }
}

const wrapped = (html: string): string => `<div class="block">${html}</div>`;

/** Blocks of markdown as nodes that can't do anything, one each. The texts are plain already (`plainText`). */
export function settledBlocks(texts: string[]): HTMLElement[] {
  const html = texts.map(markup);
  // One pass for all that settled together: a pass costs more than what is in it.
  const nodes = [...DOMPurify.sanitize(html.map(wrapped).join(''), ALLOWED).children] as HTMLElement[];
  if (nodes.length === texts.length) return nodes;
  // Markup of ours that doesn't close what it opens would run into its neighbour: then each goes alone.
  return html.map((one) => {
    const node = document.createElement('div');
    node.className = 'block';
    node.append(DOMPurify.sanitize(one, ALLOWED));
    return node;
  });
}

/** Highlighted code, from the highlighter's own markup. */
export const cleanSpans = (html: string): DocumentFragment =>
  DOMPurify.sanitize(html, {
    ALLOWED_TAGS: ['span'],
    ALLOWED_ATTR: ['class'],
    RETURN_DOM_FRAGMENT: true,
  });
