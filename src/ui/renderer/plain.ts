// What agents write, freed of what only a terminal understands: ANSI sequences, control characters, CR. Knows no markdown.

// Control sequences (CSI), strings to the terminal (OSC), and two-character escapes.
const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it removes
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]{0,2048}(?:\u0007|\u001b\\)|\u001b[@-Z\\^_]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: everything below space but tab and line feed
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
// Half a sequence at the end of a text, which more text may complete.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same characters
const BEGUN = /\u001b(?:\[[0-?]*[ -/]*|\][^\u0007\u001b]{0,2048}\u001b?)?$/y;
const WHOLE = new RegExp(SEQUENCE.source, 'y');
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same characters
const CARE = /[\u001b\r]/g;
const NEEDS_CARE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the same characters
  /[\u0000-\u0008\u000b-\u001f\u007f]/;

/** The whole text, plain. */
export function plainText(text: string): string {
  if (!NEEDS_CARE.test(text)) return text;
  return text.replace(SEQUENCE, '').replace(/\r\n?/g, '\n').replace(CONTROL, '');
}

/** Where `pattern` ends if it begins at `at`; else -1. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** From where on more text may still change what a text means: half a sequence, or a CR that waits for its LF. Else -1. */
function unfinishedFrom(text: string): number {
  CARE.lastIndex = 0;
  for (let found = CARE.exec(text); found; found = CARE.exec(text)) {
    const at = found.index;
    // Sequences between a CR and its LF are nothing.
    let next = found[0] === '\r' ? at + 1 : at;
    for (let end = endOf(WHOLE, text, next); end >= 0; end = endOf(WHOLE, text, next)) next = end;
    if (endOf(BEGUN, text, next) >= 0) return found[0] === '\r' ? at : next;
    if (found[0] === '\r' && next === text.length) return at;
    CARE.lastIndex = Math.max(next, at + 1);
  }
  return -1;
}

/**
 * The same in pieces: `push` gives what is certain of a piece, `end` the rest. Joined, the pieces are `plainText` of all
 * that was pushed.
 */
export function createPlain(): { push(piece: string): string; end(): string } {
  let held = '';
  return {
    push(piece) {
      const text = held + piece;
      const from = unfinishedFrom(text);
      held = from < 0 ? '' : text.slice(from);
      return plainText(from < 0 ? text : text.slice(0, from));
    },
    end() {
      const rest = plainText(held);
      held = '';
      return rest;
    },
  };
}
