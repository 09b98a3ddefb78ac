// The body of a request: its type, its size, its bytes. What is refused is answered at once, and drained.
import type { IncomingMessage } from 'node:http';
import { BODY_BYTES_MAX, badField, DRAIN_BYTES_MAX, Rejection } from '../protocol/index.ts';
import { parseJson } from './json-text.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

const tooLarge = (bytes_max: number) =>
  new Rejection('too_large', `The body is larger than ${bytes_max} bytes.`, { bytes_max });

/** As far as the body says of itself. @throws Rejection too_large */
export function refuseLarge(request: IncomingMessage, bytes_max: number): void {
  if (Number(request.headers['content-length'] ?? 0) > bytes_max) throw tooLarge(bytes_max);
}

/** The bytes of the body, at most `bytes_max` of them. @throws Rejection too_large, bad_request */
export function readBytes(request: IncomingMessage, bytes_max: number): Promise<Buffer> {
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
  });
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

/** The JSON value of the body. An empty body is an empty object where `optional`. */
export async function readJson(request: IncomingMessage, bytes_max = BODY_BYTES_MAX): Promise<unknown> {
  const announced = request.headers['content-length'];
  if (announced === '0' || (announced === undefined && request.headers['transfer-encoding'] === undefined))
    throw badField('body', 'is missing');
  requireType(request, 'application/json');
  const text = decodeText(await readBytes(request, bytes_max));
  if (text.trim() === '') throw badField('body', 'is missing');
  return parseJson(text);
}
