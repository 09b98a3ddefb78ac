// Cursors: the last id that a client has taken in. An invalid one is answered with a reset, never with silence or a guess.

import { badField } from './errors.ts';
import { isId } from './ids.ts';
import { CURSOR_BYTES_MAX } from './limits.ts';

export type ResetReason = 'malformed' | 'ahead' | 'foreign' | 'expired';

/** Where a reader begins: everything `> after`; with `reset`, from the start of what is kept. */
export type Start = { after: number; reset?: ResetReason };

export interface CursorInput {
  /** full ids of the feed: `Last-Event-ID`, `after_event_id` */
  ids: (string | undefined)[];
  /** bare numbers: `after_seq`, `after` */
  numbers: (string | undefined)[];
}

/** `<feed id>:<n>`, the id line of a feed. */
export const eventId = (feed_id: string, n: number): string => `${feed_id}:${n}`;

type Parsed = { n: number } | { reset: ResetReason };

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f]/;

const utf8 = new TextEncoder();

/** @throws Rejection bad_request for a cursor over 1 KiB or with control characters */
export function refuseHostile(name: string, raw: string): void {
  if (raw.length > CURSOR_BYTES_MAX || utf8.encode(raw).length > CURSOR_BYTES_MAX)
    throw badField(name, `a cursor is at most ${CURSOR_BYTES_MAX} bytes`);
  if (CONTROL.test(raw)) throw badField(name, 'a cursor has no control characters');
}

function parseNumber(raw: string): Parsed {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(raw)) return { reset: 'malformed' };
  const n = Number(raw);
  return Number.isSafeInteger(n) ? { n } : { reset: 'malformed' };
}

function parseId(raw: string, feed_id: string): Parsed {
  const colon = raw.lastIndexOf(':');
  const feed = raw.slice(0, colon);
  if (colon < 1 || !isId(feed)) return { reset: 'malformed' };
  const parsed = parseNumber(raw.slice(colon + 1));
  return 'n' in parsed && feed !== feed_id ? { reset: 'foreign' } : parsed;
}

/**
 * Where a reader of `feed_id` begins, from what it sent. Any cursor that is present and invalid resets; of valid ones the
 * greater wins. `head` is the feed's head now; `kept_from` the first number that retention kept. Source: PROTOCOL.md §3.
 * @throws Rejection bad_request for a cursor over 1 KiB or with control characters
 */
export function resolveCursor(feed_id: string, input: CursorInput, head: number, kept_from = 1): Start {
  let after = 0;
  let given = false;
  let reset: ResetReason | undefined;
  const take = (name: string, raw: string | undefined, parse: (raw: string) => Parsed) => {
    if (raw === undefined) return;
    refuseHostile(name, raw);
    const parsed = parse(raw);
    given = true;
    if ('reset' in parsed) reset ??= parsed.reset;
    else after = Math.max(after, parsed.n);
  };
  for (const raw of input.ids) take('cursor', raw, (id) => parseId(id, feed_id));
  for (const raw of input.numbers) take('cursor', raw, parseNumber);
  if (!reset && after > head) reset = 'ahead';
  if (!reset && given && after < kept_from - 1) reset = 'expired';
  return reset ? { after: kept_from - 1, reset } : { after: Math.max(after, kept_from - 1) };
}
