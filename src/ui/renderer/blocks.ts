// Where a markdown text may be cut so that what lies before can no longer change. It looks at lines only, each once, so the
// cuts are the same whether the text comes at once or in a thousand pieces. Knows neither a parser nor a page.

type Kind = 'none' | 'flow' | 'list' | 'indented';
interface Fence {
  char: string;
  length: number;
  /** opened inside a list item: its end does not end the list */
  nested: boolean;
}

const FENCE_CLOSE = /^ *(`{3,}|~{3,})[ \t]*$/;
const FENCE_OPEN = /^( *)(`{3,}|~{3,})([^\n]*)$/;
const LIST_ITEM = /^ {0,3}(?:[-+*]|[0-9]{1,9}[.)])(?:[ \t]|$)/;
// The beginning of a line that may still become a list item when more of it comes.
const LIST_MAYBE = /^ {0,3}(?:[-+*]|[0-9]{1,9}[.)]?)?$/;
const CODE_INDENT = 4;
const LIST_INDENT = 2;
const LIST_MARKS = /^ {0,3}(?:(?:[-+*]|[0-9]{1,9}[.)])[ \t]+)+/;
const BLANK = /^[ \t]*$/;

const indentOf = (line: string): number => {
  let width = 0;
  for (const char of line) {
    if (char === ' ') width += 1;
    else if (char === '\t') width += CODE_INDENT;
    else break;
  }
  return width;
};

function kindOf(line: string): Kind {
  if (LIST_ITEM.test(line)) return 'list';
  return indentOf(line) >= CODE_INDENT ? 'indented' : 'flow';
}

export interface Blocks {
  /** Takes more text; gives the blocks that this completed, each with its line breaks. */
  push(text: string): string[];
  /** What is not settled yet. */
  readonly tail: string;
}

type Verdict = 'on' | 'cut before' | 'cut after';

/** Looks at whole lines, one after the other, and says where a block ends. */
function createLines() {
  let kind: Kind = 'none';
  let afterBlank = false;
  let fence: Fence | null = null;

  const goesOn = (line: string): boolean => {
    const indent = indentOf(line);
    if (kind === 'list') return indent >= LIST_INDENT || LIST_ITEM.test(line);
    return kind === 'indented' && indent >= CODE_INDENT;
  };

  function opened(line: string): Fence | null {
    const marks = LIST_MARKS.exec(line)?.[0] ?? '';
    const match = FENCE_OPEN.exec(line.slice(marks.length));
    if (!match) return null;
    const [, indent = '', ticks = '', info = ''] = match;
    const nested = marks !== '' || (kind === 'list' && indent.length >= LIST_INDENT);
    if ((!nested && indent.length >= CODE_INDENT) || (ticks[0] === '`' && info.includes('`'))) return null;
    return { char: ticks[0] ?? '`', length: ticks.length, nested };
  }

  /** Inside a fence only its end counts. null: the list item that held it is over, so the line is like any other. */
  function fenced(line: string, open: Fence): Verdict | null {
    const closing = FENCE_CLOSE.exec(line)?.[1];
    if (closing?.startsWith(open.char.repeat(open.length))) {
      fence = null;
      return open.nested ? 'on' : 'cut after';
    }
    if (!open.nested || BLANK.test(line) || indentOf(line) >= LIST_INDENT) return 'on';
    fence = null;
    return null;
  }

  function flow(line: string): Verdict {
    if (BLANK.test(line)) {
      afterBlank = true;
      return 'on';
    }
    let verdict: Verdict = afterBlank && kind !== 'none' && !goesOn(line) ? 'cut before' : 'on';
    afterBlank = false;
    if (verdict === 'cut before') kind = 'none';
    fence = opened(line);
    // A fence ends the paragraph or the list before it.
    if (fence && !fence.nested && kind !== 'none') verdict = 'cut before';
    if (fence) kind = fence.nested ? 'list' : 'none';
    else if (kind === 'none') kind = kindOf(line);
    return verdict;
  }

  return {
    look: (line: string): Verdict => (fence ? fenced(line, fence) : null) ?? flow(line),
    /** The line is not whole yet, but what there is of it already begins a new block. */
    foresees(line: string): boolean {
      if (fence || !afterBlank || kind === 'none') return false;
      return !BLANK.test(line) && !LIST_MAYBE.test(line) && !goesOn(line);
    },
    /** The cut that `foresees` allowed was made. */
    begin(): void {
      kind = 'none';
      afterBlank = false;
    },
  };
}

/** A scanner of one text. Its tail at the end of the text is the last block. */
export function createBlocks(): Blocks {
  const lines = createLines();
  let tail = '';
  // Where in the tail the line begins that was not looked at as a whole.
  let next = 0;

  function cut(done: string[]): void {
    if (next === 0) return;
    done.push(tail.slice(0, next));
    tail = tail.slice(next);
    next = 0;
  }

  return {
    push(text) {
      const done: string[] = [];
      tail += text;
      for (let end = tail.indexOf('\n', next); end >= 0; end = tail.indexOf('\n', next)) {
        const line = tail.slice(next, end);
        const verdict = lines.look(line);
        if (verdict === 'cut before') cut(done);
        next += line.length + 1;
        if (verdict === 'cut after') cut(done);
      }
      if (lines.foresees(tail.slice(next))) {
        lines.begin();
        cut(done);
      }
      return done;
    },
    get tail() {
      return tail;
    },
  };
}

/** All blocks of a whole text, in order. Joined, they are the text. */
export function splitBlocks(text: string): string[] {
  const blocks = createBlocks();
  const done = blocks.push(text);
  return blocks.tail === '' ? done : [...done, blocks.tail];
}
