// The composition: config → parts → listen → drain. It decides nothing; it puts together.
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createCatalog, mistakeOf } from './agents/catalog.ts';
import type { Catalog } from './agents/port.ts';
import { type Config, ConfigError, isLoopback } from './config.ts';
import { createApp } from './http/app.ts';
import { createAuth, OWNER } from './http/auth.ts';
import { BODY_PACE, type Pace } from './http/body.ts';
import { createClientErrors } from './http/client-error.ts';
import type { Parts } from './http/context.ts';
import { createOriginGuard } from './http/origin.ts';
import { createSseBytes } from './http/sse-bytes.ts';
import { createSseHub } from './http/sse-hub.ts';
import { createInspector, type Inspector } from './inspect/inspection.ts';
import { createAttachmentFiles } from './journal/attachment-files.ts';
import { openJournal, type TestOptions } from './journal/open.ts';
import { listen } from './listen.ts';
import { createNotices } from './notices/notices.ts';
import type { PostPorts } from './notices/post.ts';
import {
  type Clock,
  createId,
  HEADER_BYTES_MAX,
  HEADERS_TIMEOUT_MS,
  IMPORT_BYTES_MAX,
  type Log,
  type Random,
} from './protocol/index.ts';
import { createSessions } from './sessions/sessions.ts';

/** How often overdue requests are looked for. */
const CONNECTIONS_CHECK_MS = 5_000;
const PAGE_FOLDER = fileURLToPath(new URL('../dist/ui', import.meta.url));

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

export const systemRandom: Random = { bytes: (count) => randomBytes(count), fraction: () => Math.random() };

export interface WeirServer {
  url: string;
  port: number;
  /** What the routes are handed. Tests look here for what no client can see. */
  parts: Parts;
  /** No new runs; streams end; runs settle as interrupted; files are let go. Idempotent. */
  close(): Promise<void>;
}

/** Bounds that a test makes smaller, and faults that it puts in. Nobody else hands them over. */
export interface TestSettings {
  silent_ms?: number;
  pace?: Partial<Pace>;
  journal?: TestOptions;
  /** a push service on this machine */
  push?: Partial<PostPorts>;
}

/** §6: nothing listens to the world without a password or token. Checked before anything else is done. */
export function refuseOpenBind(config: Config): void {
  if (isLoopback(config.host) || config.password !== undefined || config.token !== undefined) return;
  throw new ConfigError(
    `--host ${config.host} (WEIR_HOST) can be reached from other machines. Set WEIR_PASSWORD or WEIR_TOKEN first, or listen on 127.0.0.1.`,
  );
}

function catalogOf({ agent, openai, shell }: Config, clock: Clock, log: Log): Catalog {
  const settings = { default_agent: agent, openai, shell };
  const mistake = mistakeOf(settings);
  if (mistake !== null) throw new ConfigError(mistake);
  const catalog = createCatalog(settings, { clock, log });
  const names = catalog.list().map((each) => each.agent);
  if (!names.includes(agent))
    throw new ConfigError(`--agent (WEIR_AGENT) ${agent} is no agent. There are ${names.join(', ')}.`);
  return catalog;
}

/** An agent that was meant and lacks something is unavailable (§8). Nobody should find that out by a run of it. */
function warnOfAgents({ agent, openai, shell }: Config, catalog: Catalog, log: Log): void {
  const isSet = [shell, ...Object.values(openai)].some(Boolean);
  for (const each of catalog.list())
    if (!each.available && (isSet || each.agent === agent))
      log.warn({ agent: each.agent, reason: each.reason }, 'this agent can not run');
}

/** Whom a push service may write to about our pushes: where we are, as far as the settings know (RFC 8292 §2.1). */
function contactOf({ allowed_hosts }: Config): string {
  const [host] = allowed_hosts;
  return host === undefined ? 'mailto:weir@example.com' : `https://${host}`;
}

/** What the official viewer is told with is large, and loaded only for it. */
async function inspectorOf({ inspect }: Config, clock: Clock, random: Random): Promise<Inspector> {
  const stately = inspect === 'stately' ? (await import('./inspect/stately.ts')).createStately() : undefined;
  return createInspector({ boot: createId('b', random), clock, stately });
}

/** Starts a whole server. @throws ConfigError, JournalRefusal, PortInUse */
export async function startServer(config: Config, log: Log, test: TestSettings = {}): Promise<WeirServer> {
  refuseOpenBind(config);
  const clock = systemClock;
  const random = systemRandom;
  const catalog = catalogOf(config, clock, log);
  const inspector = config.inspect === 'off' ? undefined : await inspectorOf(config, clock, random);
  const journal = await openJournal({ folder: config.data, log, ...test.journal });
  const sessions = createSessions({
    journal,
    files: createAttachmentFiles(config.data),
    catalog,
    clock,
    random,
    log,
    retention: config.retention,
    inspect: inspector?.observer,
    timeout_seconds: { clarify: config.clarify_timeout_seconds, approval: config.approval_timeout_seconds },
  });
  const auth = createAuth({ ...config, clock });
  const hub = createSseHub({
    heartbeat_ms: config.heartbeat_ms,
    lifetime_ms: config.stream_max_seconds * 1000,
    silent_ms: test.silent_ms,
    knows: auth.knows,
    clock,
    random,
  });
  auth.onRevoked((login) => hub.endOf(login));
  const guard = createOriginGuard([...config.allowed_hosts, config.host]);
  const notices = await createNotices({
    journal,
    clock,
    log,
    folder: config.data,
    subject: contactOf(config),
    post: test.push,
  });
  const bytes = createSseBytes();
  const pace = { ...BODY_PACE, ...test.pace };
  const parts: Parts = { sessions, journal, catalog, clock, log, auth, hub, bytes, notices, pace };
  const app = createApp({ ...parts, guard, page_folder: PAGE_FOLDER, inspection: inspector });
  const answer = app.callback();
  const recovered = Promise.withResolvers<void>();
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      // A body is bounded by whoever reads it, and as what nobody reads. This one is for none of them, but can't be less.
      requestTimeout: pace.silent_ms + (IMPORT_BYTES_MAX / pace.bytes_per_second_min) * 1000,
      headersTimeout: Math.min(HEADERS_TIMEOUT_MS, pace.silent_ms),
      connectionsCheckingInterval: Math.min(CONNECTIONS_CHECK_MS, pace.silent_ms),
    },
    (request, response) => void recovered.promise.then(() => answer(request, response)),
  );
  server.on('clientError', createClientErrors());
  let closing: Promise<void> | undefined;
  const stop = async () => {
    sessions.refuseStarts();
    notices.close();
    hub.endAll('shutdown');
    await sessions.close();
    await closeServer(server);
    // Nobody is left who could tell it anything.
    inspector?.close();
    await journal.close();
  };
  try {
    // Listening comes first: a start that finds its port in use must not have begun a run, or taken a follow-up.
    await listen(server, config);
    // ST9: what a dead process left behind is settled before anybody is answered.
    await sessions.recover();
    sessions.housekeeping.begin();
    notices.follow(OWNER, sessions.board(OWNER));
    recovered.resolve();
    warnOfAgents(config, catalog, log);
  } catch (failure) {
    await stop();
    throw failure;
  }
  const { port } = server.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return {
    url: `http://${host}:${port}`,
    port,
    parts,
    close() {
      closing ??= stop();
      return closing;
    },
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    server.closeIdleConnections();
    // Readers were told `end`; one that does not take it in is not waited for.
    setTimeout(() => server.closeAllConnections(), 1_000).unref();
  });
}
