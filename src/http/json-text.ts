// JSON from strangers: refused where JSON.parse would be too kind. One walk over the text, no recursion.
import { badField, JSON_DEPTH_MAX } from '../protocol/index.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The value of `text`, which is called `where`. Keys such as `__proto__` stay plain data.
 * @throws Rejection bad_request: no JSON, deeper than JSON_DEPTH_MAX, a key twice in one object, a number that is not finite
 */
export function parseJson(text: string, where = 'body'): unknown {
  refuseDepth(text, where);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badField(where, 'is not JSON');
  }
  refuseAmbiguous(text, where);
  return value;
}

const NUMBER = /-?\d[\d.eE+-]*/y;

/** Where the string that begins at `at` ends: the index of its closing quote; -1: it has none. Each unit is seen once. */
function endOfString(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end += 1) {
    const unit = text.charCodeAt(end);
    if (unit === QUOTE) return end;
    if (unit === BACKSLASH) end += 1;
  }
  return -1;
}

function numberAt(text: string, at: number): string {
  NUMBER.lastIndex = at;
  return NUMBER.exec(text)?.[0] ?? text[at]!;
}

function refuseDepth(text: string, where: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') {
      at = endOfString(text, at);
      if (at < 0) throw badField(where, 'is not JSON');
    } else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth > JSON_DEPTH_MAX) throw badField(where, `is nested deeper than ${JSON_DEPTH_MAX}`);
  }
}

/** For text that is known to be JSON: duplicate keys and numbers beyond the finite. */
function refuseAmbiguous(text: string, where: string): void {
  const open: (Set<string> | null)[] = [];
  let isKey = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]!;
    if (char === '"') {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (isKey && keys) noteKey(keys, JSON.parse(text.slice(at, end + 1)));
      isKey = false;
      at = end;
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      const literal = numberAt(text, at);
      if (!Number.isFinite(Number(literal)))
        throw badField(where, `the number ${literal.slice(0, 32)} is out of range`);
      at += literal.length - 1;
    } else if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : null);
      isKey = char === '{';
    } else if (char === '}' || char === ']') {
      open.pop();
      isKey = false;
    } else if (char === ',') isKey = open.at(-1) !== null;
  }
}

function noteKey(keys: Set<string>, key: string): void {
  if (keys.has(key)) throw badField(key.slice(0, 64), 'stands twice in one object');
  keys.add(key);
}
