// An underscore inside a word is a letter (CommonMark), but the streaming parser takes it for emphasis: until its block is
// settled, `stream_end` would flicker. Such an underscore is handed over escaped. Knows no document.
import * as smd from 'streaming-markdown';

/** Where an underscore is no markup anyway, or ends the emphasis that one began. */
const LEFT_ALONE = new Set<number>([
  smd.CODE_BLOCK,
  smd.CODE_FENCE,
  smd.CODE_INLINE,
  smd.RAW_URL,
  smd.IMAGE,
  smd.EQUATION_BLOCK,
  smd.EQUATION_INLINE,
  smd.ITALIC_UND,
  smd.STRONG_UND,
]);
/** What the parser holds back at the start of a fence, and of a link's address. */
const HELD_RAW = /^(?:`|~|\]\()/;
const IN_WORD = /[\p{L}\p{N}]$/u;

/** A writer to `parser`, piece by piece. */
export function createMarkdownWriter(parser: smd.Parser): (piece: string) => void {
  /** the two letters before, which may be halves of one */
  let before = '';
  /** the underscore before was a letter: those that follow it at once are too */
  let isLetter = false;

  function underscore(): void {
    const isRun = before.endsWith('_');
    if (!isRun)
      isLetter = IN_WORD.test(before) && !LEFT_ALONE.has(parser.token) && !HELD_RAW.test(parser.pending);
    smd.parser_write(parser, isLetter ? '\\_' : '_');
    before = '_';
  }
  function others(text: string): void {
    if (text === '') return;
    smd.parser_write(parser, text);
    before = (before + text).slice(-2);
  }

  return (piece) => {
    let from = 0;
    for (let at = piece.indexOf('_'); at >= 0; at = piece.indexOf('_', from)) {
      others(piece.slice(from, at));
      underscore();
      from = at + 1;
    }
    others(from === 0 ? piece : piece.slice(from));
  };
}
