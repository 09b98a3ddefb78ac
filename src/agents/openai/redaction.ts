// Keeps secrets out of frames and log lines, whatever an endpoint sends back. It knows the secrets, not who holds them.
import type { Log } from '../../protocol/index.ts';

const PUT_INSTEAD = '[redacted]';
/** Shorter ones are the placeholders that local servers ask for ("none", "ollama"): words, not secrets. */
const SECRET_LENGTH_MIN = 8;
/** Endpoints quote keys in part ("sk-abc***wxyz"): this many characters in a row give one away. */
const SHARED_LENGTH_MIN = 6;
const WORD = /[^\s"'`<>(){}[\],;]+/g;
const KEY_LIKE = /^(?:sk|pk|rk|xai|gsk|hf|AIza)[-_]?[A-Za-z0-9_*.-]{8,}/;

export interface Redaction {
  /** For text that is whole and short: errors, log lines. Takes out what resembles a secret, too. */
  strictly(text: string): string;
  /** For text that is whole: takes out the secrets themselves. */
  exactly(text: string): string;
  /** For text that comes in pieces: a secret that is cut in two is found as well. */
  stream(): TextStream;
}

export interface TextStream {
  /** What of the text so far can be shown. */
  push(piece: string): string;
  /** What was held back. */
  rest(): string;
}

export function createRedaction(given: readonly (string | undefined)[]): Redaction {
  const secrets = [...new Set(given.flatMap(forms))].sort((a, b) => b.length - a.length);
  const exactly = (text: string): string =>
    secrets.reduce((left, secret) => left.replaceAll(secret, PUT_INSTEAD), text);
  return {
    exactly,
    strictly: (text) =>
      exactly(text).replace(WORD, (word) =>
        KEY_LIKE.test(word) || secrets.some((secret) => sharesRun(word, secret)) ? PUT_INSTEAD : word,
      ),
    stream() {
      let held = '';
      return {
        push(piece) {
          const text = exactly(held + piece);
          const from = heldFrom(text, secrets);
          held = text.slice(from);
          return text.slice(0, from);
        },
        rest() {
          const text = held;
          held = '';
          return text;
        },
      };
    },
  };
}

/** A log whose fields pass through the redaction; whatever is no plain data is turned into text first. */
export function redactLog(log: Log, redaction: Redaction): Log {
  const line = (level: keyof Log) => (fields: object, text: string) => {
    const safe = Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'number' ? value : redaction.strictly(String(value)),
    ]);
    log[level](Object.fromEntries(safe), redaction.strictly(text));
  };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}

function forms(secret: string | undefined): string[] {
  if (!secret || secret.length < SECRET_LENGTH_MIN) return [];
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')];
}

function sharesRun(word: string, secret: string): boolean {
  if (word === PUT_INSTEAD) return false;
  for (let at = 0; at + SHARED_LENGTH_MIN <= word.length; at++)
    if (secret.includes(word.slice(at, at + SHARED_LENGTH_MIN))) return true;
  return false;
}

/** Where the longest end of `text` begins that may be the beginning of a secret. */
function heldFrom(text: string, secrets: readonly string[]): number {
  let from = text.length;
  for (const secret of secrets)
    for (let at = Math.max(0, text.length - secret.length + 1); at < from; at++)
      if (text.charCodeAt(at) === secret.charCodeAt(0) && secret.startsWith(text.slice(at))) from = at;
  return from;
}
