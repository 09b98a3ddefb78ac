// Times, durations and sizes as people read them. Only `Intl` and the catalogue decide the words.

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_DAYS = 6;

const LOCALE = 'en-GB';
const clock = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit' });
const seconds = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const weekday = new Intl.DateTimeFormat(LOCALE, { weekday: 'short' });
const date = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short' });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en');
const KB = new Intl.NumberFormat('en', { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 });

export const clockTime = (at: number): string => clock.format(at);
export const secondTime = (at: number): string => seconds.format(at);
export const isoTime = (at: number): string => new Date(at).toISOString();
export const wholeNumber = (n: number): string => whole.format(n);
export const shortNumber = (n: number): string => compact.format(n).replace('K', 'k');
export const kilobytes = (bytes: number): string => KB.format(Math.max(1, Math.round(bytes / 1024)));

/** A clock time to the millisecond, for what is compared line by line. */
export const exactTime = (at: number): string =>
  `${seconds.format(at)}.${String(new Date(at).getMilliseconds()).padStart(3, '0')}`;

/** `0.2 s`, `38 s`, `1 min 52 s`, `2 h 4 min`; never negative, whatever the clocks say. */
export function duration(ms: number): string {
  const time = Math.max(0, ms);
  if (time < 10 * SECOND_MS) return `${(time / SECOND_MS).toFixed(1)} s`;
  if (time < MINUTE_MS) return `${Math.round(time / SECOND_MS)} s`;
  if (time < HOUR_MS) {
    const rest = Math.floor((time % MINUTE_MS) / SECOND_MS);
    return `${Math.floor(time / MINUTE_MS)} min${rest > 0 ? ` ${rest} s` : ''}`;
  }
  const rest = Math.floor((time % HOUR_MS) / MINUTE_MS);
  return `${Math.floor(time / HOUR_MS)} h${rest > 0 ? ` ${rest} min` : ''}`;
}

/** How long something has been so, in whole seconds, then minutes: for what ticks. */
export function elapsed(ms: number): string {
  const time = Math.max(0, ms);
  if (time < MINUTE_MS) return `${Math.floor(time / SECOND_MS)} s`;
  if (time < HOUR_MS) return `${Math.floor(time / MINUTE_MS)} min`;
  return duration(time);
}

/** What is left, as a clock that runs down: `0:09`, `58:51`, `2:05:00`, `3 d 4 h`. */
export function countdown(ms: number): string {
  const left = Math.max(0, Math.ceil(ms / SECOND_MS));
  const days = Math.floor(left / (DAY_MS / SECOND_MS));
  const hours = Math.floor(left / 3600) % 24;
  if (days > 0) return `${days} d ${hours} h`;
  const two = (n: number): string => String(n).padStart(2, '0');
  const minutes = Math.floor(left / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(left % 60)}` : `${minutes}:${two(left % 60)}`;
}

/** A length of time as HTML has it: `PT3531S`. */
export const isoDuration = (ms: number): string => `PT${Math.max(0, Math.ceil(ms / SECOND_MS))}S`;

/** When the day of `now` began, as this reader's clock has it. */
export const midnightOf = (now: number): number => new Date(now).setHours(0, 0, 0, 0);

/** When the next day begins: a day may have 23 or 25 hours. */
export const nextMidnightOf = (now: number): number => new Date(now).setHours(24, 0, 0, 0);

export const isToday = (at: number, now: number): boolean =>
  at >= midnightOf(now) && at < nextMidnightOf(now);

/** The clock today, the weekday within a week, else the date. */
export function dayTime(at: number, now: number): string {
  if (isToday(at, now)) return clock.format(at);
  if (now - at < WEEK_DAYS * DAY_MS) return weekday.format(at);
  return date.format(at);
}
