// The house as its routes serve it, over sockets: Koa, sessions and a real log, with a clock that goes on by hand, an agent
// on strings and a hand on the log. It can be killed, and starts again on the same folder. Knows no expectation.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../src/http/app.ts';
import { createAuth } from '../../src/http/auth.ts';
import type { Parts } from '../../src/http/context.ts';
import { createOriginGuard } from '../../src/http/origin.ts';
import { createSseBytes } from '../../src/http/sse-bytes.ts';
import { createSseHub } from '../../src/http/sse-hub.ts';
import { createAttachmentFiles } from '../../src/journal/attachment-files.ts';
import { openJournal } from '../../src/journal/open.ts';
import { systemRandom } from '../../src/server.ts';
import { createSessions, type Sessions } from '../../src/sessions/sessions.ts';
import { createManualClock, type ManualClock, settled } from '../support/clock.ts';
import { createPuppet, type Puppet } from '../support/puppet.ts';
import { quietLog } from '../support/server.ts';
import { type HeldLog, holdLog } from './held-log.ts';

/** Longer than all that any path waits for: no heartbeat and no lifetime of a connection gets in its way. */
const NEVER_MS = 2_000_000_000;
/** Turns of the event loop without anything under way, before nothing is. */
const CALM_TURNS = 4;

export interface Titling {
  asked: number;
  answer(title: string): void;
}

export interface House {
  url: string;
  clock: ManualClock;
  log: HeldLog;
  puppet: Puppet;
  titling: Titling;
  sessions: Sessions;
  /** stops that have come in over HTTP */
  readonly cancels: number;
  /** Resolves when nothing is under way but what is held. */
  rest(): Promise<void>;
  /** No goodbye to anybody: what was not written is lost. */
  kill(): Promise<void>;
}

export async function openHouse(folder: string, now: number): Promise<House> {
  const real = await openJournal({ folder, log: quietLog, reserve_bytes: 1024 * 1024 });
  const log = holdLog(real);
  const clock = createManualClock(now);
  const puppet = createPuppet();
  const titling: Titling = { asked: 0, answer: () => {} };
  puppet.title = () => {
    titling.asked += 1;
    return new Promise((resolve) => {
      titling.answer = resolve;
    });
  };
  const catalog = {
    list: () => [puppet.describe()],
    get: (name: string) => (name === 'puppet' ? puppet : undefined),
    default: 'puppet',
  };
  const sessions = createSessions({
    journal: log.journal,
    files: createAttachmentFiles(folder),
    catalog,
    clock,
    random: systemRandom,
    log: quietLog,
    timeout_seconds: { clarify: 0, approval: 0 },
  });
  let cancels = 0;
  const counting: Sessions = Object.create(sessions, {
    cancel: {
      value: (...given: Parameters<Sessions['cancel']>) => {
        cancels += 1;
        return sessions.cancel(...given);
      },
    },
  });
  const hub = createSseHub({ heartbeat_ms: NEVER_MS, lifetime_ms: NEVER_MS, clock, random: systemRandom });
  const shared = { journal: log.journal, catalog, clock, log: quietLog, hub, bytes: createSseBytes() };
  // Nobody here is called; the routes of notices are not asked.
  const notices = null as unknown as Parts['notices'];
  const app = createApp({
    ...shared,
    notices,
    sessions: counting,
    auth: createAuth({ clock }),
    guard: createOriginGuard([]),
    page_folder: folder,
  });
  const server = createServer(app.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Not waited for: an end that is held holds it too, and paths look at what is so meanwhile.
  void sessions.recover();

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clock,
    log,
    puppet,
    titling,
    sessions,
    get cancels() {
      return cancels;
    },
    async rest() {
      for (let calm = 0; calm < CALM_TURNS; calm = log.busy() === 0 ? calm + 1 : 0) await settled();
    },
    async kill() {
      server.closeAllConnections();
      server.close();
      await real.close();
    },
  };
}
