// The body of a request: its type, its size, its bytes. What is refused is answered at once, and drained.
import type { IncomingMessage } from 'node:http';
import {
  BODY_BYTES_MAX,
  BODY_BYTES_PER_SECOND_MIN,
  BODY_SILENT_MS,
  badField,
  type Clock,
  DRAIN_BYTES_MAX,
  Rejection,
} from '../protocol/index.ts';
import { parseJson } from './json-text.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

const tooLarge = (bytes_max: number) =>
  new Rejection('too_large', `The body is larger than ${bytes_max} bytes.`, { bytes_max });

/** As far as the body says of itself. @throws Rejection too_large */
export function refuseLarge(request: IncomingMessage, bytes_max: number): void {
  if (Number(request.headers['content-length'] ?? 0) > bytes_max) throw tooLarge(bytes_max);
}

/** How slowly a body may come. */
export interface Pace {
  silent_ms: number;
  bytes_per_second_min: number;
  /** by which it is watched; not said: the process's own */
  clock?: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
}

const OWN_CLOCK: Required<Pace>['clock'] = {
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

export const BODY_PACE: Pace = {
  silent_ms: BODY_SILENT_MS,
  bytes_per_second_min: BODY_BYTES_PER_SECOND_MIN,
};

/** Watches a body that is being read, until its end. `onSlow`: it is given up; once. */
function watchPace(request: IncomingMessage, bytes_max: number, pace: Pace, onSlow: () => void): void {
  const { silent_ms, bytes_per_second_min, clock = OWN_CLOCK } = pace;
  const bytes = Number(request.headers['content-length'] ?? bytes_max);
  const slow = () => {
    stop();
    onSlow();
  };
  let silence = clock.setTimeout(slow, silent_ms);
  const whole = clock.setTimeout(slow, silent_ms + (bytes / bytes_per_second_min) * 1000);
  const heard = () => {
    clock.clearTimeout(silence);
    silence = clock.setTimeout(slow, silent_ms);
  };
  const stop = () => {
    clock.clearTimeout(silence);
    clock.clearTimeout(whole);
    request.off('data', heard);
  };
  request.on('data', heard);
  request.once('end', stop);
  request.once('close', stop);
}

/** The bytes of the body, at most `bytes_max` of them. @throws Rejection too_large, too_slow, bad_request */
export function readBytes(request: IncomingMessage, bytes_max: number, pace = BODY_PACE): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    refuseLarge(request, bytes_max);
    // Whoever left while others had their turn says `close` no more.
    if (request.destroyed) throw badField('body', 'was cut off');
    const parts: Buffer[] = [];
    let bytes = 0;
    request.on('data', (part) => {
      bytes += part.length;
      if (bytes <= bytes_max) return void parts.push(part);
      parts.length = 0;
      reject(tooLarge(bytes_max));
    });
    request.on('end', () => resolve(Buffer.concat(parts)));
    request.on('close', () => reject(badField('body', 'was cut off')));
    request.on('error', () => {});
    watchPace(request, bytes_max, pace, () => reject(new Rejection('too_slow', 'The body came too slowly.')));
  });
}

/** A body that nobody reads, or nobody any more, may take so long to come to its end. */
export function boundRest(request: IncomingMessage, ms: number): void {
  if (request.complete || request.destroyed) return;
  const timer = setTimeout(() => request.destroy(), ms);
  request.once('close', () => clearTimeout(timer));
}

/** Takes in what is left of a body that nobody wants, so that its sender comes to read the answer; up to a bound. */
export function drainBody(request: IncomingMessage): void {
  if (request.complete) return;
  let bytes = 0;
  request.on('error', () => {});
  request.on('data', (part) => {
    bytes += part.length;
    if (bytes > DRAIN_BYTES_MAX) request.destroy();
  });
}

/** The type of the body, one of `types`. @throws Rejection unsupported_media_type */
export function requireType(request: IncomingMessage, ...types: string[]): string {
  const given = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (!types.includes(given))
    throw new Rejection('unsupported_media_type', `The body must be ${types.join(' or ')}.`, { given });
  return given;
}

export function decodeText(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw badField('body', 'is not UTF-8');
  }
}

/** The JSON value of the body. @throws Rejection bad_request, too_large, too_slow, unsupported_media_type */
export async function readJson(request: IncomingMessage, pace = BODY_PACE): Promise<unknown> {
  const announced = request.headers['content-length'];
  if (announced === '0' || (announced === undefined && request.headers['transfer-encoding'] === undefined))
    throw badField('body', 'is missing');
  requireType(request, 'application/json');
  const text = decodeText(await readBytes(request, BODY_BYTES_MAX, pace));
  if (text.trim() === '') throw badField('body', 'is missing');
  return parseJson(text);
}
