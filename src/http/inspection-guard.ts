// Who may see the inspector: this computer, by its own name, not through a proxy, from our own origin; and logged in, where
// there is a login. For everybody else it is not there. Knows nothing of what is inspected.
import type { Context } from 'koa';
import type { Auth } from './auth.ts';

const LOOPBACK_PEER = /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/;
const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
/** Whoever passes on what others ask says so in one of these; the peer is this computer then, and the reader may not be. */
const PASSED_ON = /^(forwarded|via|x-(forwarded|original|real)-.+|x-envoy-.+|cf-.+|.+-client-ip)$/;

export type MayInspect = (ctx: Context) => boolean;

/** What is served of the inspector, as paths below the root of the page's files. */
export const isInspectorFile = (name: string): boolean => /^(assets\/)?inspect/i.test(name);

export const nobodyInspects: MayInspect = () => false;

export function createInspectionGuard(auth: Auth): MayInspect {
  const isKnown = (ctx: Context): boolean => {
    try {
      ctx.state.principal = auth.require(ctx.req);
      return true;
    } catch {
      return false;
    }
  };
  return (ctx) => {
    const { headers, socket, httpVersion } = ctx.req;
    const site = headers['sec-fetch-site'];
    return (
      LOOPBACK_PEER.test(socket.remoteAddress ?? '') &&
      LOOPBACK_HOST.test(headers.host ?? '') &&
      !Object.keys(headers).some((name) => PASSED_ON.test(name)) &&
      // No browser speaks so; a proxy that says nothing of itself and calls us by our own name may.
      httpVersion !== '1.0' &&
      (site === undefined || site === 'same-origin' || site === 'none') &&
      (headers.origin === undefined || headers.origin === `http://${headers.host}`) &&
      isKnown(ctx)
    );
  };
}
