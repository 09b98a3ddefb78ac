// One request to a push service: to an address that was looked at before, with a bound on its time and its answer, and
// nowhere else. Knows no notice and no key.
import { lookup } from 'node:dns/promises';
import { request } from 'node:https';
import { isIP } from 'node:net';

/** A push service that has not answered by then has not taken it. */
export const PUSH_ANSWER_MS = 10_000;
/** What is read of its answer; nobody needs more than its status. */
const ANSWER_BYTES_MAX = 16 * 1024;

export interface Posted {
  status: number;
  /** what `Retry-After` says; null: nothing, or a date */
  retry_after_seconds: number | null;
}

export interface Post {
  endpoint: string;
  headers: Record<string, string | number>;
  body: Buffer;
  signal: AbortSignal;
}

export interface PostPorts {
  mayReach(address: string): boolean;
  /** more authorities, PEM; for tests */
  ca?: string;
}

/** It may not be asked: no https, or an address that is not public. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** A look-up can't be called off; its asker can go. */
function bounded<T>(work: Promise<T>, bound: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    bound.addEventListener('abort', () => reject(bound.reason), { once: true });
    work.then(resolve, reject);
  });
}

/** The address to connect to. Of several one that is not public spoils all: whoever mixes them means harm. */
async function addressOf(
  host: string,
  mayReach: (address: string) => boolean,
  bound: AbortSignal,
): Promise<string> {
  const look = () => bounded(lookup(host, { all: true, order: 'ipv4first' }), bound);
  const found = isIP(host) ? [host] : (await look()).map(({ address }) => address);
  const [first] = found;
  if (first === undefined || !found.every(mayReach)) throw new Unreachable(`${host} is not a public address`);
  return first;
}

/** @throws Unreachable; or what kept the request from its answer. A redirect is an answer, and is not followed. */
export async function post({ endpoint, headers, body, signal }: Post, ports: PostPorts): Promise<Posted> {
  const url = new URL(endpoint);
  if (url.protocol !== 'https:') throw new Unreachable('only https');
  const bound = AbortSignal.any([signal, AbortSignal.timeout(PUSH_ANSWER_MS)]);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const address = await addressOf(host, ports.mayReach, bound);
  bound.throwIfAborted();
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        // The address that was looked at, not the name: asked again, the name could mean another.
        host: address,
        servername: isIP(host) ? '' : host,
        port: url.port || 443,
        path: url.pathname + url.search,
        method: 'POST',
        headers: { ...headers, Host: url.host },
        ca: ports.ca,
        agent: false,
        signal: bound,
        maxHeaderSize: ANSWER_BYTES_MAX,
      },
      (response) => {
        const wait = response.headers['retry-after'] ?? '';
        const posted = {
          status: response.statusCode ?? 0,
          retry_after_seconds: /^\d{1,7}$/.test(wait) ? Number(wait) : null,
        };
        response.destroy();
        resolve(posted);
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}
