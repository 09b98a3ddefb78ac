// One text of an answer on the page: settled blocks are rendered once and left alone, only the tail is written to.
// Source: ui.md, "The hybrid renderer". It owns the children of its root; whoever owns the root never touches them.
import { createBlocks, splitBlocks } from './blocks.ts';
import { highlightIn } from './highlight.ts';
import { createPlain, plainText } from './plain.ts';
import { settledBlocks } from './settled.ts';
import { createTail, type Tail } from './tail.ts';

const block = (className: string): HTMLElement => {
  const node = document.createElement('div');
  node.className = className;
  return node;
};

function settledNodes(texts: string[]): HTMLElement[] {
  const nodes = settledBlocks(texts);
  for (const node of nodes) highlightIn(node);
  return nodes;
}

export interface Prose {
  /** Shows `text`. What extends the text before is written at its end; anything else is built anew and swapped in at once. */
  show(text: string): void;
  /** `text`, and no more will come: what is rendered stays, the tail is rendered as a reload would render it. */
  settle(text: string): void;
}

export function createProse(root: HTMLElement): Prose {
  let shown = '';
  let plain = createPlain();
  let blocks = createBlocks();
  let tail: { node: HTMLElement; writer: Tail } | null = null;
  let settled = false;

  function openTail(): { node: HTMLElement; writer: Tail } {
    const node = block('block tail');
    root.append(node);
    return { node, writer: createTail(node) };
  }

  function write(piece: string): void {
    const done = blocks.push(piece);
    if (done.length === 0) {
      tail ??= openTail();
      tail.writer.write(piece);
      return;
    }
    const fresh = settledNodes(done);
    if (tail) tail.node.replaceWith(...fresh);
    else root.append(...fresh);
    tail = null;
    if (blocks.tail === '') return;
    tail = openTail();
    tail.writer.write(blocks.tail);
  }

  function restart(): void {
    shown = '';
    plain = createPlain();
    blocks = createBlocks();
    tail = null;
    settled = false;
    root.replaceChildren();
  }

  function renderWhole(text: string): void {
    restart();
    shown = text;
    root.replaceChildren(...settledNodes(splitBlocks(plainText(text))));
  }

  return {
    show(text) {
      if (text === shown) return;
      // AT8: the view is built anew in the same task, so nobody sees it empty.
      if (settled || !text.startsWith(shown)) restart();
      const piece = plain.push(text.slice(shown.length));
      shown = text;
      if (piece !== '') write(piece);
    },
    settle(text) {
      if (settled && text === shown) return;
      if (settled || shown === '' || !text.startsWith(shown)) renderWhole(text);
      else {
        this.show(text);
        const rest = plain.end();
        if (rest !== '') write(rest);
        tail?.node.replaceWith(...settledNodes([blocks.tail]));
      }
      tail = null;
      settled = true;
    },
  };
}
