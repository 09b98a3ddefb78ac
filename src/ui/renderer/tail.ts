// The live tail of an answer: what may still change, parsed as it grows and never twice. It only shows: when its block is
// settled, `settled.ts` renders the same text once more and these nodes go. Sets no attribute that an agent could use.
import * as smd from 'streaming-markdown';
import { enTranscript } from '../text/en-transcript.ts';
import { LINK_REL, linkTarget } from './links.ts';
import { headingLevel, isTooDeep, languageOf } from './settled.ts';
import { createMarkdownWriter } from './underscores.ts';

/** A text node longer than this gets a successor: appending to one costs its length. */
const TEXT_NODE_LENGTH_MAX = 2048;
/** Long code is laid out in slices, so that a line more costs a slice and not the whole. */
const SLICE_LINES_MAX = 48;

/** Kept characters that can't be the beginning of markup. */
const LETTERS = /^[^*_`~[\]!<>$\\|#\n(){}]+$/;

interface Open {
  node: HTMLElement;
  /** where text goes, if not into the node itself */
  slice?: { node: HTMLElement; lines: number };
  closing?: string;
}

const element = (tag: string, className = ''): HTMLElement => {
  const node = document.createElement(tag);
  if (className !== '') node.className = className;
  return node;
};

const TAG_OF: Partial<Record<number, string>> = {
  [smd.PARAGRAPH]: 'p',
  [smd.BLOCKQUOTE]: 'blockquote',
  [smd.LINE_BREAK]: 'br',
  [smd.RULE]: 'hr',
  [smd.ITALIC_AST]: 'em',
  [smd.ITALIC_UND]: 'em',
  [smd.STRONG_AST]: 'strong',
  [smd.STRONG_UND]: 'strong',
  [smd.STRIKE]: 'del',
  [smd.CODE_INLINE]: 'code',
  [smd.LIST_UNORDERED]: 'ul',
  [smd.LIST_ORDERED]: 'ol',
  [smd.LIST_ITEM]: 'li',
  [smd.RAW_URL]: 'a',
  [smd.LINK]: 'a',
  [smd.IMAGE]: 'a',
};
const FORMULA: Partial<Record<number, string>> = { [smd.EQUATION_BLOCK]: '$$', [smd.EQUATION_INLINE]: '$' };

function codeFigure(parent: HTMLElement): HTMLElement {
  const figure = element('figure', 'frame');
  const caption = element('figcaption', 'cap');
  const name = element('span', 'mono cut');
  name.textContent = enTranscript.code.plain;
  // The height of the caption that the settled block will have.
  caption.append(name, element('span', 'tool-btn push'));
  const pre = element('pre', 'scroll');
  const code = element('code');
  pre.append(code);
  figure.append(caption, pre);
  parent.append(figure);
  return code;
}

function tableRow(table: HTMLElement): HTMLElement {
  const inBody = table.children.length > 0;
  let section = table.querySelector<HTMLElement>(':scope > tbody');
  if (!section) {
    section = element(inBody ? 'tbody' : 'thead');
    table.append(section);
  }
  const row = element('tr');
  section.append(row);
  return row;
}

function nodeFor(type: number, parent: HTMLElement): HTMLElement {
  if (type === smd.CODE_BLOCK || type === smd.CODE_FENCE) return codeFigure(parent);
  if (type === smd.TABLE_ROW) return tableRow(parent);
  if (type === smd.TABLE) {
    const frame = element('div', 'frame scroll');
    const table = element('table');
    frame.append(table);
    parent.append(frame);
    return table;
  }
  const level = type >= smd.HEADING_1 && type <= smd.HEADING_6 ? type - smd.HEADING_1 + 1 : 0;
  const tag =
    type === smd.TABLE_CELL
      ? parent.parentElement?.tagName === 'THEAD'
        ? 'th'
        : 'td'
      : level > 0
        ? `h${headingLevel(level)}`
        : (TAG_OF[type] ?? 'span');
  const node = element(tag, level > 0 ? `d${level}` : '');
  parent.append(node);
  return node;
}

function appendText(into: HTMLElement, text: string): void {
  const last = into.lastChild;
  if (last instanceof Text && last.length < TEXT_NODE_LENGTH_MAX) last.appendData(text);
  else into.append(text);
}

function appendCode(open: Open, text: string): void {
  let rest = text;
  while (rest !== '') {
    if (!open.slice || open.slice.lines >= SLICE_LINES_MAX) {
      const node = element('span', 'slice');
      open.node.append(node);
      open.slice = { node, lines: 0 };
    }
    const end = rest.indexOf('\n') + 1;
    const piece = end === 0 ? rest : rest.slice(0, end);
    appendText(open.slice.node, piece);
    if (end > 0) open.slice.lines += 1;
    rest = rest.slice(piece.length);
  }
}

function setAttribute(node: HTMLElement, type: number, value: string): void {
  if (type === smd.HREF || type === smd.SRC) {
    const href = linkTarget(value);
    if (href === null) return;
    node.setAttribute('href', href);
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', LINK_REL);
  } else if (type === smd.LANG) {
    const name = node.closest('figure')?.querySelector('figcaption > span');
    if (name) name.textContent = languageOf(value) || enTranscript.code.plain;
  } else if (type === smd.START && /^[0-9]{1,9}$/.test(value)) node.setAttribute('start', value);
}

function renderer(root: HTMLElement): { port: smd.Any_Renderer; top: () => Open } {
  const stack: Open[] = [{ node: root }];
  const top = (): Open => stack.at(-1) ?? { node: root };
  const port: smd.Any_Renderer = {
    data: null,
    add_token(_, type) {
      const parent = top();
      if (type === smd.CHECKBOX) {
        stack.push({ node: element('span') });
        appendText(parent.node, '☐ ');
        return;
      }
      const node = nodeFor(type, parent.node);
      const code = type === smd.CODE_BLOCK || type === smd.CODE_FENCE;
      const closing = FORMULA[type];
      if (closing) appendText(node, closing);
      stack.push({ node, ...(closing ? { closing } : {}), ...(code ? { slice: undefined } : {}) });
    },
    end_token() {
      const { closing, node } = top();
      if (closing) appendText(node, closing);
      if (stack.length > 1) stack.pop();
    },
    add_text(_, text) {
      const open = top();
      if ('slice' in open) appendCode(open, text);
      else appendText(open.node, text);
    },
    set_attr: (_, type, value) => setAttribute(top().node, type, value),
  };
  return { port, top };
}

export interface Tail {
  write(text: string): void;
}

/** Shows a growing markdown text in `root`. It is thrown away with its block; nothing needs closing. */
export function createTail(root: HTMLElement): Tail {
  const { port, top } = renderer(root);
  const parser = smd.parser(port);
  const writeMarkdown = createMarkdownWriter(parser);
  // The parser keeps back what may become markup. Letters that it keeps are shown all the same: a stalled answer has no hole.
  const kept = document.createTextNode('');
  let text = '';
  let plain: Text | null = null;
  const fall = (): void => {
    plain = document.createTextNode(text);
    const paragraph = element('p', 'verbatim');
    paragraph.append(plain);
    root.replaceChildren(paragraph);
  };
  function showKept(): void {
    const { node } = top();
    if (node === root || !LETTERS.test(parser.pending)) return;
    kept.data = parser.pending;
    node.append(kept);
  }
  return {
    write(piece) {
      text += piece;
      kept.remove();
      if (plain) plain.appendData(piece);
      // The parser holds at most 24 levels; deeper text is shown as it was written, here as in the settled block.
      else if (isTooDeep(text.slice(text.lastIndexOf('\n', text.length - piece.length - 1) + 1))) fall();
      else {
        try {
          writeMarkdown(piece);
          showKept();
        } catch {
          fall();
        }
      }
    },
  };
}
