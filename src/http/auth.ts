// Who it is: nobody asks on loopback; with a password or token every request says so. Secrets are kept as keyed hashes and
// compared in constant time; they never reach a URL or a log line.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Clock, LOGIN_FAILURES_MAX, LOGIN_WINDOW_MS, Rejection } from '../protocol/index.ts';

/** The one principal, for now. */
export const OWNER = 'owner';
const COOKIE = 'weir_login';
const LOGINS_MAX = 1_000;

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
  login(password: string, isTls: boolean): string;
  /** Ends the login that this request shows; the cookie that says so. */
  logout(request: IncomingMessage): string;
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
  let failures: number[] = [];
  const isOpen = password === null && token === null;

  const equals = (secret: string, known: Buffer | null) =>
    known !== null && timingSafeEqual(digest(secret), known);
  const cookieOf = (request: IncomingMessage) =>
    new RegExp(`(?:^|;\\s*)${COOKIE}=([A-Za-z0-9_-]{43})(?:;|$)`).exec(request.headers.cookie ?? '')?.[1];
  const bearerOf = (request: IncomingMessage) =>
    /^Bearer (\S{1,1024})$/.exec(request.headers.authorization ?? '')?.[1];
  const cookieWith = (value: string, isTls: boolean, age = '') =>
    `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict${isTls ? '; Secure' : ''}${age}`;

  function refuseFlood(): void {
    failures = failures.filter((at) => clock.now() - at < LOGIN_WINDOW_MS);
    if (failures.length < LOGIN_FAILURES_MAX) return;
    throw new Rejection('too_many', 'Too many wrong passwords. Wait a minute.', { retry_after_seconds: 60 });
  }

  return {
    isOpen,
    hasBearer: (request) => bearerOf(request) !== undefined,
    require(request) {
      if (isOpen) return { owner: OWNER, login: null };
      const bearer = bearerOf(request);
      if (bearer !== undefined && (equals(bearer, token) || equals(bearer, password)))
        return { owner: OWNER, login: 'bearer' };
      const cookie = cookieOf(request);
      const login = cookie === undefined ? undefined : digest(cookie).toString('hex');
      if (login !== undefined && logins.has(login)) return { owner: OWNER, login };
      throw new Rejection('unauthorized', 'Log in, or send Authorization: Bearer.');
    },
    login(given, isTls) {
      refuseFlood();
      if (!isOpen && !equals(given, password) && !equals(given, token)) {
        failures.push(clock.now());
        throw new Rejection('unauthorized', 'That password is not right.');
      }
      const secret = randomBytes(32).toString('base64url');
      logins.add(digest(secret).toString('hex'));
      const [oldest] = logins;
      if (logins.size > LOGINS_MAX && oldest !== undefined) logins.delete(oldest);
      return cookieWith(secret, isTls);
    },
    logout(request) {
      const cookie = cookieOf(request);
      const login = cookie === undefined ? undefined : digest(cookie).toString('hex');
      if (login !== undefined && logins.delete(login)) for (const tell of listeners) tell(login);
      return cookieWith('', false, '; Max-Age=0');
    },
    onRevoked: (listener) => void listeners.push(listener),
  };
}
