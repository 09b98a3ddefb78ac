// An agent on strings: it does what the test pulls, and remembers what it was asked. And the room above a real log, with it.
import { rm } from 'node:fs/promises';
import { onTestFinished, vi } from 'vitest';
import type {
  Agent,
  AgentDescription,
  AgentEnd,
  AgentInput,
  AgentOutput,
  Catalog,
} from '../../src/agents/port.ts';
import { createAttachmentFiles } from '../../src/journal/attachment-files.ts';
import { openJournal } from '../../src/journal/open.ts';
import type { Journal } from '../../src/journal/port.ts';
import type { Message } from '../../src/protocol/index.ts';
import { systemRandom } from '../../src/server.ts';
import { createSessions, type Sessions } from '../../src/sessions/sessions.ts';
import { createManualClock, type ManualClock } from './clock.ts';
import { quietLog, temporaryFolder } from './server.ts';

export interface Call {
  input: AgentInput;
  output: AgentOutput;
  stops: number;
  kills: number;
  /** The agent is gone, and this is how. */
  end(end: AgentEnd): void;
}

export interface Puppet extends Agent {
  /** Runs of it, in order. */
  calls: Call[];
  /** What else is to happen when it is called, instead of waiting on its strings. */
  onRun?: () => void;
}

const ABOUT: AgentDescription = {
  agent: 'puppet',
  title: 'Puppet',
  note: '',
  is_demo: false,
  available: true,
};

export function createPuppet(): Puppet {
  const puppet: Puppet = {
    calls: [],
    describe: () => ABOUT,
    run(input, output) {
      puppet.onRun?.();
      let end: (end: AgentEnd) => void = () => {};
      const ended = new Promise<AgentEnd>((resolve) => {
        end = resolve;
      });
      const call: Call = { input, output, stops: 0, kills: 0, end };
      puppet.calls.push(call);
      return {
        ended,
        stop() {
          call.stops += 1;
        },
        kill() {
          call.kills += 1;
        },
      };
    },
  };
  return puppet;
}

export const OWNER = 'owner';

export interface Room {
  sessions: Sessions;
  journal: Journal;
  clock: ManualClock;
  puppet: Puppet;
  /** A session with a run whose agent was called. */
  begin(message?: string): Promise<{ session_id: string; stream_id: string; call: Call }>;
  /** The names of a stream's frames, as they stand in the log. */
  frames(stream_id: string): Promise<{ event: string; data: Record<string, unknown> }[]>;
  messages(session_id: string): Promise<Message[]>;
}

/** Sessions over a real log, with the puppet as the only agent and a clock that goes on by hand. */
export async function openRoom(folder?: string): Promise<Room> {
  const own = folder ?? (await temporaryFolder());
  const journal = await openJournal({ folder: own, log: quietLog });
  const clock = createManualClock(Date.now());
  const puppet = createPuppet();
  const catalog: Catalog = {
    list: () => [puppet.describe()],
    get: (name) => (name === 'puppet' ? puppet : undefined),
    default: 'puppet',
  };
  const sessions = createSessions({
    journal,
    files: createAttachmentFiles(own),
    catalog,
    clock,
    random: systemRandom,
    log: quietLog,
    timeout_seconds: { clarify: 0, approval: 0 },
  });
  onTestFinished(async () => {
    for (const call of puppet.calls) call.end({ kind: 'stopped' });
    await journal.close();
    await rm(own, { recursive: true, force: true });
  });
  return {
    sessions,
    journal,
    clock,
    puppet,
    async begin(message = 'hello') {
      const count = puppet.calls.length;
      const { session_id } = await sessions.create(OWNER, {});
      const started = await sessions.start(OWNER, { session_id, message });
      if ('queued' in started) throw new Error('it was queued');
      const call = await vi.waitFor(() => puppet.calls[count] ?? Promise.reject(new Error('not called')), {
        interval: 2,
        timeout: 5_000,
      });
      return { session_id, stream_id: started.stream_id, call };
    },
    async frames(stream_id) {
      const { records } = await journal.readStream(stream_id, 0, 100_000);
      return records.map(({ event, json }) => ({ event, data: JSON.parse(json) }));
    },
    messages: async (session_id) =>
      (await journal.getTranscript(OWNER, session_id, { limit: 1_000 }))?.messages ?? [],
  };
}
