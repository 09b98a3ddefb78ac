// Who it is: nobody asks on loopback; with a password or token every request says so. Secrets are kept as keyed hashes and
// compared in constant time; they never reach a URL or a log line.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Clock, LOGIN_FAILURES_MAX, LOGIN_WINDOW_MS, Rejection } from '../protocol/index.ts';

/** The one principal, for now. */
export const OWNER = 'owner';
const COOKIE = 'weir_login';
/** The login of whoever sends the secret each time: it is never over. */
const BEARER = 'bearer';
const LOGINS_MAX = 1_000;
/** Addresses whose wrong guesses are remembered. */
const ADDRESSES_MAX = 10_000;

export interface Principal {
  owner: string;
  /** the login or token that said so; null: nobody was asked */
  login: string | null;
}

export interface Auth {
  readonly isOpen: boolean;
  hasBearer(request: IncomingMessage): boolean;
  /** @throws Rejection unauthorized */
  require(request: IncomingMessage): Principal;
  /** The cookie of a new login. @throws Rejection unauthorized, too_many */
  login(request: IncomingMessage, password: string, isTls: boolean): string;
  /** Ends the login that this request shows; the cookie that says so. */
  logout(request: IncomingMessage): string;
  /** Whether a principal's login still counts. */
  knows(login: string): boolean;
  onRevoked(listener: (login: string) => void): void;
}

export function createAuth(settings: { password?: string; token?: string; clock: Clock }): Auth {
  const { clock } = settings;
  const key = randomBytes(32);
  const digest = (secret: string) => createHmac('sha256', key).update(secret).digest();
  const password = settings.password === undefined ? null : digest(settings.password);
  const token = settings.token === undefined ? null : digest(settings.token);
  const logins = new Set<string>();
  const listeners: ((login: string) => void)[] = [];
  const failures = new Map<string, number[]>();
  const isOpen = password === null && token === null;

  function revoke(login: string): void {
    if (logins.delete(login)) for (const tell of listeners) tell(login);
  }

  const equals = (secret: string, known: Buffer | null) =>
    known !== null && timingSafeEqual(digest(secret), known);
  const cookieOf = (request: IncomingMessage) =>
    new RegExp(`(?:^|;\\s*)${COOKIE}=([A-Za-z0-9_-]{43})(?:;|$)`).exec(request.headers.cookie ?? '')?.[1];
  const bearerOf = (request: IncomingMessage) =>
    /^Bearer (\S{1,1024})$/.exec(request.headers.authorization ?? '')?.[1];
  const cookieWith = (value: string, isTls: boolean, age = '') =>
    `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict${isTls ? '; Secure' : ''}${age}`;

  const recentOf = (address: string) =>
    (failures.get(address) ?? []).filter((at) => Math.abs(clock.now() - at) < LOGIN_WINDOW_MS);

  /** Guesses are counted by address, whichever way they come: a stranger's do not lock out the owner. */
  function checkSecret(request: IncomingMessage, isRight: () => boolean, wrong: string): void {
    const address = request.socket.remoteAddress ?? '';
    const recent = recentOf(address);
    if (recent.length >= LOGIN_FAILURES_MAX)
      throw new Rejection('too_many', 'Too many wrong passwords. Wait a minute.', {
        retry_after_seconds: 60,
      });
    if (isRight()) return;
    failures.delete(address);
    failures.set(address, [...recent, clock.now()]);
    const [oldest] = failures.keys();
    if (failures.size > ADDRESSES_MAX && oldest !== undefined) failures.delete(oldest);
    throw new Rejection('unauthorized', wrong);
  }

  return {
    isOpen,
    hasBearer: (request) => bearerOf(request) !== undefined,
    require(request) {
      if (isOpen) return { owner: OWNER, login: null };
      const bearer = bearerOf(request);
      if (bearer !== undefined) {
        const isRight = () => equals(bearer, token) || equals(bearer, password);
        checkSecret(request, isRight, 'That token is not right.');
        return { owner: OWNER, login: BEARER };
      }
      const cookie = cookieOf(request);
      const login = cookie === undefined ? undefined : digest(cookie).toString('hex');
      if (login !== undefined && logins.has(login)) return { owner: OWNER, login };
      throw new Rejection('unauthorized', 'Log in, or send Authorization: Bearer.');
    },
    login(request, given, isTls) {
      const isRight = () => isOpen || equals(given, password) || equals(given, token);
      checkSecret(request, isRight, 'That password is not right.');
      const secret = randomBytes(32).toString('base64url');
      logins.add(digest(secret).toString('hex'));
      const [oldest] = logins;
      if (logins.size > LOGINS_MAX && oldest !== undefined) revoke(oldest);
      return cookieWith(secret, isTls);
    },
    logout(request) {
      const cookie = cookieOf(request);
      const login = cookie === undefined ? undefined : digest(cookie).toString('hex');
      if (login !== undefined) revoke(login);
      return cookieWith('', false, '; Max-Age=0');
    },
    knows: (login) => login === BEARER || logins.has(login),
    onRevoked: (listener) => void listeners.push(listener),
  };
}
