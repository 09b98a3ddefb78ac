// Who answers: a tab says so with `Weir-Client`; without it, a connection is taken for a client.
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { badField, isId } from '../protocol/index.ts';

/** @throws Rejection bad_request for a header that is no id */
export function clientName(request: IncomingMessage): string {
  const named = request.headers['weir-client'];
  if (named !== undefined) {
    if (!isId(named)) throw badField('Weir-Client', 'must be an id');
    return named;
  }
  const { remoteAddress, remotePort } = request.socket;
  return `connection-${createHash('sha256').update(`${remoteAddress} ${remotePort}`).digest('base64url').slice(0, 10)}`;
}
