// Who may speak to us at all: a Host that we answer to (DNS rebinding), and, for a browser, our own origin.
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { Rejection } from '../protocol/index.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

const nameOf = (host: string): string => host.toLowerCase().replace(/:\d+$/, '');

export interface OriginGuard {
  /** @throws Rejection forbidden */
  check(request: IncomingMessage, hasBearer: boolean): void;
}

/** An IPv6 address as a Host header says it: in brackets. */
const asHost = (name: string): string => (isIPv6(name) ? `[${name}]` : name).toLowerCase();

/** As a Host header may say it. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/;
export const isHostName = (text: string): boolean => HOST.test(asHost(text));

/** `allowed`: host names, addresses, or host:port, besides the loopback names. */
export function createOriginGuard(allowed: string[]): OriginGuard {
  const names = new Set([...LOOPBACK, ...allowed.map(asHost)]);

  function checkHost({ headers, headersDistinct }: IncomingMessage): string {
    const given = (headers.host ?? '').toLowerCase();
    // Two of them: whoever stands before us may have believed the other one. Source: RFC 9112 §3.2.
    if (
      (headersDistinct.host?.length ?? 0) > 1 ||
      !HOST.test(given) ||
      !(names.has(given) || names.has(nameOf(given)))
    )
      throw new Rejection('forbidden', 'This host name is not on the allow-list (--allowed-hosts).');
    return given;
  }

  function isOwn(request: IncomingMessage, host: string): boolean {
    const site = request.headers['sec-fetch-site'];
    const { origin } = request.headers;
    if (origin !== undefined) return origin === `http://${host}` || origin === `https://${host}`;
    return site === undefined || site === 'same-origin' || site === 'none';
  }

  return {
    check(request, hasBearer) {
      const host = checkHost(request);
      if (hasBearer || isOwn(request, host)) return;
      const path = request.url ?? '/';
      // A link from elsewhere may open the page; nothing from elsewhere may read or change anything.
      const isNavigation = request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate';
      if (isNavigation && !path.startsWith('/api/')) return;
      throw new Rejection('forbidden', 'This request comes from another origin.');
    },
  };
}
