// What agents write, freed of what only a terminal understands: ANSI sequences, control characters, CR. Knows no markdown.

// Control sequences (CSI), strings to the terminal (OSC), and two-character escapes.
const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it removes
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]{0,2048}(?:\u0007|\u001b\\)|\u001b[@-Z\\^_]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: everything below space but tab and line feed
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
// A beginning that more text may complete: half a sequence, or a CR whose LF is still to come.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same characters
const UNFINISHED = /(?:\u001b(?:\[[0-?]*[ -/]*|\][^\u0007\u001b]{0,2048}\u001b?)?|\r)$/;
const NEEDS_CARE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the same characters
  /[\u0000-\u0008\u000b-\u001f\u007f]/;

/** The whole text, plain. */
export function plainText(text: string): string {
  if (!NEEDS_CARE.test(text)) return text;
  return text.replace(SEQUENCE, '').replace(/\r\n?/g, '\n').replace(CONTROL, '');
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
      const from = text.search(UNFINISHED);
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
