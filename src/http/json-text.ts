// JSON from strangers: refused where JSON.parse would be too kind. One walk over the text, no recursion.
import { badField, JSON_DEPTH_MAX } from '../protocol/index.ts';

/**
 * The value of `text`. Keys such as `__proto__` stay plain data.
 * @throws Rejection bad_request: no JSON, deeper than JSON_DEPTH_MAX, a key twice in one object, a number that is not finite
 */
export function parseJson(text: string): unknown {
  refuseDepth(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badField('body', 'is not JSON');
  }
  refuseAmbiguous(text);
  return value;
}

const STRING = /"(?:[^"\\]|\\.)*"/y;
const NUMBER = /-?\d[\d.eE+-]*/y;

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function refuseDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') at += Math.max(matchAt(STRING, text, at).length - 1, 0);
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth > JSON_DEPTH_MAX) throw badField('body', `is nested deeper than ${JSON_DEPTH_MAX}`);
  }
}

/** For text that is known to be JSON: duplicate keys and numbers beyond the finite. */
function refuseAmbiguous(text: string): void {
  const open: (Set<string> | null)[] = [];
  let isKey = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]!;
    if (char === '"') {
      const literal = matchAt(STRING, text, at);
      const keys = open.at(-1);
      if (isKey && keys) noteKey(keys, JSON.parse(literal));
      isKey = false;
      at += literal.length - 1;
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      const literal = matchAt(NUMBER, text, at);
      if (!Number.isFinite(Number(literal)))
        throw badField('body', `the number ${literal.slice(0, 32)} is out of range`);
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
