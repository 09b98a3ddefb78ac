// What may be shown of a value to somebody who looks at machines: ids, numbers, states and words of ours. What a person or an
// agent wrote becomes its length. Done twice it is the same as done once, so that a recording can be stepped again.

/** A string that reads like an id, a state or a word of ours: no blank, and short. Any other is taken for prose. */
const WORD = /^[\w.:/~+-]{1,80}$/;
const REDACTED = /^‹(\d+ (chars|keys)|number|boolean|cut)›$/;
const CUT = '‹cut›';
/** Below these nothing is shown, however much it looks like a word: `Postgres` is an answer. */
const WRITTEN = new Set([
  ...[
    'text',
    'message',
    'title',
    'question',
    'choices',
    'choices_offered',
    'requested_schema',
    'description',
  ],
  ...[
    'command',
    'args',
    'cwd',
    'preview',
    'output',
    'result',
    'answer',
    'response',
    'content',
    'feedback',
    'reply',
  ],
  ...['hint', 'name', 'rule', 'asks'],
]);
/** Items of a list, and keys of an object, that are looked at. */
const ITEMS_MAX = 200;
/** Levels that are looked at. */
const DEPTH_MAX = 12;
/** What one value may weigh, roughly in bytes; what comes after is cut off, and says so. */
export const REDACTED_BYTES_MAX = 64 * 1024;

/** What is said of a key: the same few hundred come again and again. */
const keys = new Map<string, { name: string; isWritten: boolean }>();
/** Keys that are remembered: whoever sends others fills no memory with them. */
const KEYS_MAX = 1_000;

function aboutKey(key: string): { name: string; isWritten: boolean } {
  const known = keys.get(key);
  if (known) return known;
  // Set by that name a value would be no field.
  const isWord = WORD.test(key) && key !== '__proto__';
  const about = { name: isWord ? key : proseOf(key), isWritten: WRITTEN.has(key) };
  if (keys.size < KEYS_MAX) keys.set(key, about);
  return about;
}

interface Budget {
  bytes: number;
}

function proseOf(value: string): string {
  return REDACTED.test(value) ? value : `‹${value.length} chars›`;
}

function shapeOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return proseOf(value);
  return typeof value === 'object' ? `‹${Object.keys(value).length} keys›` : `‹${typeof value}›`;
}

/** What stands below a key of WRITTEN: shapes, no values; of a list those of its items. */
function hiddenOf(value: unknown): unknown {
  if (!Array.isArray(value)) return shapeOf(value);
  const shapes = value.slice(0, ITEMS_MAX).map(shapeOf);
  return value.length > ITEMS_MAX ? [...shapes, CUT] : shapes;
}

function shownOf(value: unknown, budget: Budget, depth: number): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') {
    budget.bytes -= 8;
    return value;
  }
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') {
    const shown = WORD.test(value) ? value : proseOf(value);
    budget.bytes -= shown.length + 4;
    return shown;
  }
  if (typeof value !== 'object' || depth === 0 || budget.bytes < 0) return CUT;
  if (value instanceof Map || value instanceof Set) return `‹${value.size} keys›`;
  return Array.isArray(value) ? listOf(value, budget, depth) : objectOf(value, budget, depth);
}

function listOf(list: readonly unknown[], budget: Budget, depth: number): unknown[] {
  const shown: unknown[] = [];
  for (const item of list) {
    if (shown.length === ITEMS_MAX || budget.bytes < 0) {
      shown.push(CUT);
      break;
    }
    shown.push(shownOf(item, budget, depth - 1));
  }
  return shown;
}

function objectOf(object: object, budget: Budget, depth: number): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  let left = ITEMS_MAX;
  for (const key in object) {
    if (left === 0 || budget.bytes < 0) {
      shown[CUT] = CUT;
      break;
    }
    left -= 1;
    const value = (object as Record<string, unknown>)[key];
    if (value === undefined) continue;
    const { name, isWritten } = aboutKey(key);
    budget.bytes -= name.length + 4;
    if (!isWritten) shown[name] = shownOf(value, budget, depth - 1);
    else {
      shown[name] = hiddenOf(value);
      budget.bytes -= 16 * (Array.isArray(value) ? Math.min(value.length, ITEMS_MAX) + 1 : 1);
    }
  }
  return shown;
}

/** `object` as it may be shown, and roughly its bytes as JSON. The original is not changed, and nothing of it is kept. Pure. */
export function redact(object: object): { value: Record<string, unknown>; bytes: number } {
  const budget = { bytes: REDACTED_BYTES_MAX };
  const value = objectOf(object, budget, DEPTH_MAX);
  return { value, bytes: REDACTED_BYTES_MAX - budget.bytes };
}
