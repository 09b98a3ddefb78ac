// Fault 9: commands of an agent that ignore being asked to go, fork, flood, print a line of 100 MB, die between the call and
// its result, or lose their server. Real processes behind a real server, and a model that runs what a person says.
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { FRAME_BYTES_MAX } from '../../src/protocol/index.ts';
import { chunk, createEndpoint, type Endpoint, STOP, STREAM_HEADERS } from '../agents/endpoint.ts';
import type { Client, SseEvent } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/server.ts';
import { expectAtMost, type FaultCampaign, msSince, withServer } from './crowd.ts';
import { createHistory, type History, readWhole } from './history.ts';

const MIB = 1024 * 1024;
/** ST7: what was cancelled is over by then, whatever its agent does; and a second for a busy machine. */
const CANCEL_MS_MAX = 6000;
/** What the server may grow by while commands print five lines of 100 MB, and floods beside. */
const GROWTH_MIB_MAX = 400;

interface Misdeed {
  what: string;
  /** Prints the number of its process group first. */
  command: string;
  /** It ends only because it is told to. */
  isEndless: boolean;
}

const MISDEEDS: Misdeed[] = [
  {
    what: 'ignores SIGTERM',
    command: "trap '' TERM; echo $$; while :; do sleep 1000; done",
    isEndless: true,
  },
  { what: 'forks', command: 'echo $$; sleep 1000 & sleep 1001 & (sleep 1002 &) ; exit 0', isEndless: false },
  { what: 'floods', command: 'echo $$; exec yes', isEndless: true },
  {
    what: 'prints a line of 100 MB',
    command: `echo $$; head -c ${100 * MIB} /dev/zero | tr '\\0' x`,
    isEndless: false,
  },
  { what: 'dies before its result', command: 'echo $$; kill -9 $$', isEndless: false },
];
const ORPHAN = "trap '' TERM; echo $$; sleep 1000 & while :; do sleep 1001; done";

type Said = { role: string; content: string };

/** A model that runs the last message of a person as a command, and says one word when it hears how that went. */
async function createModel(): Promise<Endpoint> {
  const model = await createEndpoint((response, _request, nth) => {
    const { messages, tools } = model.requests[nth - 1]!.body as { messages: Said[]; tools?: unknown };
    const { role, content } = messages.at(-1)!;
    response.writeHead(200, STREAM_HEADERS);
    if (!tools || role !== 'user') return void response.end(chunk({ content: 'done' }) + STOP);
    const call = { name: 'shell', arguments: JSON.stringify({ command: content }) };
    const calls = chunk({ tool_calls: [{ index: 0, id: `call-${nth}`, function: call }] });
    response.end(calls + chunk({}, { finish_reason: 'tool_calls' }));
  });
  return model;
}

/** Who lives in a process group. The dead whom nobody collected do not. */
function membersOf(group: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [state, , of] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return Number(of) === group && state !== 'Z';
      } catch {
        return false;
      }
    })
    .map(Number);
}

interface Begun {
  session_id: string;
  stream_id: string;
  group: number;
  ended: Promise<void>;
}

/** Starts a command, gives it leave, and waits until it has said who it is. */
async function begin(client: Client, history: History, command: string): Promise<Begun> {
  const session_id = await client.session();
  const stream_id = await client.start(session_id, command);
  history.promised(stream_id);
  const reader = await history.follower(stream_id).attach(client);
  const asked = await reader.until(
    ({ event, data }) => event === 'approval' && JSON.parse(data).pending !== null,
  );
  const { approval_id } = JSON.parse(asked.data).pending;
  const leave = { session_id, approval_id, choice: 'once' };
  const { status } = await client.post('/api/approval/respond', leave);
  if (status !== 200) throw new Error(`leave for ${command}: ${status}`);
  const said = await reader.until(
    ({ event, data }) => event === 'tool_update' && /^\d+\n/.test(JSON.parse(data).output ?? ''),
  );
  const group = Number.parseInt(JSON.parse(said.data).output, 10);
  return { session_id, stream_id, group, ended: reader.ended };
}

async function play(
  client: Client,
  history: History,
  { what, command, isEndless }: Misdeed,
): Promise<number> {
  const { stream_id, group, ended } = await begin(client, history, command);
  const since = performance.now();
  if (isEndless) {
    const { status } = await client.post('/api/chat/cancel', { stream_id });
    if (status !== 200) throw new Error(`one that ${what} could not be cancelled`);
  }
  history.promised(stream_id, isEndless ? 'cancelled' : 'completed');
  await ended;
  // AG13: nothing of the group is left before the run ends.
  const left = membersOf(group);
  if (left.length > 0) throw new Error(`one that ${what} left ${left}`);
  const took_ms = msSince(since);
  if (isEndless) expectAtMost(`ms until one that ${what} was over`, took_ms, CANCEL_MS_MAX);
  const frames = await readWhole(history, client, stream_id);
  expectAtMost('bytes of a frame', Math.max(...frames.map(({ data }) => data.length)), FRAME_BYTES_MAX);
  if (!frames.some(({ event }) => event === 'tool_complete') && !isEndless)
    throw new Error(`one that ${what} has no result`);
  return isEndless ? took_ms : 0;
}

const memoryOf = async (client: Client): Promise<number> => {
  const { body } = await client.get('/metrics');
  return Number(/^weir_process_resident_memory_bytes (\S+)/m.exec(body)![1]) / MIB;
};

const endOf = (frames: SseEvent[]): string => frames.at(-2)?.data ?? '';

/**
 * The server dies between a call and its result: nobody of the command lives on, the run is interrupted, and its transcript
 * says so of the tool. @returns ms from the kill until nobody lived
 */
async function orphan(client: Client, history: History, again: () => Promise<unknown>): Promise<number> {
  const { session_id, stream_id, group, ended } = await begin(client, history, ORPHAN);
  history.promised(stream_id, 'interrupted');
  try {
    const since = performance.now();
    // AG13: who kills the group is not the next start.
    const next = again();
    await eventually(
      () => membersOf(group),
      (left) => left.length === 0,
    );
    const gone_ms = msSince(since);
    await next;
    await ended;
    const frames = await readWhole(history, client, stream_id);
    if (!endOf(frames).includes('"restart"')) throw new Error(`it ends with ${endOf(frames)}`);
    const { session } = (await client.get(`/api/session?session_id=${session_id}`)).body;
    const [tool] = session.messages.at(-1).parts.filter(({ type }: { type: string }) => type === 'tool');
    if (tool?.status !== 'interrupted') throw new Error(`its tool is ${JSON.stringify(tool)}`);
    return gone_ms;
  } finally {
    for (const pid of membersOf(group)) process.kill(pid, 'SIGKILL');
  }
}

export const agentsCampaign: FaultCampaign = async (scale) => {
  const [model, folder] = await Promise.all([createModel(), temporaryFolder()]);
  const env = {
    WEIR_OPENAI_BASE_URL: model.base_url,
    WEIR_OPENAI_API_KEY: 'none',
    WEIR_OPENAI_MODEL: 'one',
    WEIR_SHELL_FOLDER: folder,
  };
  try {
    return await withServer({ env, args: ['--agent', 'openai'] }, async (_server, client, again) => {
      const history = createHistory();
      const before = await memoryOf(client);
      const misdeeds =
        scale === 'whole' ? [...MISDEEDS, ...MISDEEDS, ...MISDEEDS, ...MISDEEDS, ...MISDEEDS] : MISDEEDS;
      const took = await Promise.all(misdeeds.map((misdeed) => play(client, history, misdeed)));
      const grown = Math.round((await memoryOf(client)) - before);
      const gone_ms = await orphan(client, history, again);
      const { frames } = history.judge('agents');
      expectAtMost('MiB that the server grew', grown, GROWTH_MIB_MAX);
      return `commands: ${misdeeds.length} that ${MISDEEDS.map(({ what }) => what).join(', ')}: every run ended, ${Math.max(...took)} ms at most after its stop; none of their processes left, the server grew by ${grown} MiB; one that lost its server: interrupted, nobody of its group left ${gone_ms} ms after the kill; ${frames} frames once, in order`;
    });
  } finally {
    await model.close();
    await rm(folder, { recursive: true, force: true });
  }
};
