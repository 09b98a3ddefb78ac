// The body of a request: its type, its size, its bytes. What is too large is read to its end, so that the answer is.
import type { IncomingMessage } from 'node:http';
import { BODY_BYTES_MAX, badField, DRAIN_BYTES_MAX, Rejection } from '../protocol/index.ts';
import { parseJson } from './json-text.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** @throws Rejection too_large, bad_request */
export async function readBytes(request: IncomingMessage, bytes_max: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request) {
      bytes += part.length;
      if (bytes <= bytes_max) parts.push(part);
      if (Math.max(bytes, announced) > DRAIN_BYTES_MAX) break;
    }
  } catch {
    throw badField('body', 'was cut off');
  }
  if (Math.max(bytes, announced) > bytes_max)
    throw new Rejection('too_large', `The body is larger than ${bytes_max} bytes.`, { bytes_max });
  return Buffer.concat(parts);
}

export function requireType(request: IncomingMessage, ...types: string[]): void {
  const given = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (!types.includes(given))
    throw new Rejection('unsupported_media_type', `The body must be ${types.join(' or ')}.`, { given });
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
