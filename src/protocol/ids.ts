// Ids: what they look like, and how we make ours. Knows nothing of what an id names.
import * as z from 'zod/mini';
import { ID_LENGTH_MAX, ID_RANDOM_BYTES } from './limits.ts';
import type { Random } from './ports.ts';

const ID = new RegExp(`^[A-Za-z0-9_-]{1,${ID_LENGTH_MAX}}$`);

/** True for `^[A-Za-z0-9_-]{1,64}$`. Source: PROTOCOL.md §1. */
export const isId = (text: unknown): text is string => typeof text === 'string' && ID.test(text);

export const idSchema = z.string().check(z.regex(ID, `must match ${ID.source}`));

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A fresh id: a one-letter kind, an underscore and 128 random bits in base64url. */
export function createId(kind: string, random: Random): string {
  const bytes = random.bytes(ID_RANDOM_BYTES);
  let id = `${kind}_`;
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      id += ALPHABET[(held >> bits) & 63];
    }
  }
  return bits > 0 ? id + ALPHABET[(held << (6 - bits)) & 63] : id;
}
