// What of an actor a step changed, key by key, as lines. Pure.
import type { ActorNow } from './fold.ts';

export interface DiffLine {
  sign: '' | '-' | '+';
  key: string;
  value: string;
}

/** What is longer is cut. */
const VALUE_CHARS_MAX = 160;
/** ms since 1970, this century */
const isMoment = (key: string, value: unknown): value is number =>
  typeof value === 'number' && value > 1e12 && value < 5e12 && /(^|_)(at|now|since)$/.test(key);

export function valueText(key: string, value: unknown, clock: (ms: number) => string): string {
  if (isMoment(key, value)) return clock(value);
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text;
}

/** `before`: null: it began with this */
export function diffOf(before: ActorNow | null, after: ActorNow, clock: (ms: number) => string) {
  const lines: DiffLine[] = [];
  let changed = 0;
  const say = (key: string, was: unknown, is: unknown): void => {
    const [old, now] = [valueText(key, was, clock), valueText(key, is, clock)];
    if (before && old !== now) {
      changed += 1;
      if (was !== undefined) lines.push({ sign: '-', key, value: old });
      lines.push({ sign: '+', key, value: now });
    } else lines.push({ sign: '', key, value: now });
  };
  if (after.state !== '' || before?.state) say('state', before?.state, after.state);
  const keys = Object.keys(after.context);
  for (const key of keys) say(key, before?.context[key], after.context[key]);
  return { lines, changed, fields: keys.length + 1 };
}
