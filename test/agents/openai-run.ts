// Runs the openai agent for a test: a manual clock, a recorder, a log that is read afterwards.
import { createOpenAiAgent, type OpenAiOptions } from '../../src/agents/openai/agent.ts';
import { createTools } from '../../src/agents/openai/tools.ts';
import { connectingFetch } from '../../src/agents/openai/transport.ts';
import type { Windows } from '../../src/agents/openai/windows.ts';
import type { Agent, AgentEnd, AgentInput, AgentRun } from '../../src/agents/port.ts';
import { createManualClock, type ManualClock } from '../support/clock.ts';
import {
  createLogLines,
  createRecorder,
  input,
  type LogLines,
  type Recorder,
  type Script,
} from './recorder.ts';

export const KEY = 'sk-test-4f9a0c1e77b2d3';

/** An endpoint that tells no windows, without being asked: the clock has the timers of the run alone. */
export const untold: Windows = { ask: () => () => {}, of: () => undefined };

export interface Started {
  agent: Agent;
  run: AgentRun;
  output: Recorder;
  clock: ManualClock;
  log: LogLines;
}

export interface Given extends Omit<Partial<OpenAiOptions>, 'clock'> {
  text?: string;
  input?: Partial<AgentInput>;
  take?: (count: number) => Promise<void>;
  script?: Script;
  clock?: ManualClock;
}

export function start(base_url: string, given: Given = {}): Started {
  const clock = given.clock ?? createManualClock();
  const log = createLogLines();
  const agent = createOpenAiAgent({
    baseURL: base_url,
    apiKey: KEY,
    model: 'gpt-4o-mini',
    fetch: connectingFetch,
    windows: untold,
    tools: createTools({ clock }),
    clock,
    log,
    ...given,
  });
  const output = createRecorder(given.take, given.script);
  const run = agent.run(input(given.text ?? 'hello', given.input), output);
  return { agent, run, output, clock, log };
}

/** Runs to the end. Everything that anybody could read is checked for the key; no timer may be left. */
export async function runToEnd(base_url: string, given: Given = {}): Promise<Started & { end: AgentEnd }> {
  const started = start(base_url, given);
  const end = await started.run.ended;
  const { output, log, agent, clock } = started;
  const seen = JSON.stringify([
    output.frames,
    output.text('token'),
    output.text('reasoning'),
    end,
    log.lines,
    agent.describe(),
  ]);
  const base64 = Buffer.from(KEY).toString('base64');
  const parts = [KEY.slice(0, 9), KEY.slice(3, 12), KEY.slice(-9), base64.slice(0, 16)];
  const leaks = parts.filter((part) => seen.includes(part));
  if (leaks.length > 0) throw new Error(`the key got out: ${seen}`);
  if (clock.pending() > 0) throw new Error(`${clock.pending()} timers are left`);
  return { ...started, end };
}

/** Waits for a fact. The bound is vitest's own. */
export async function until(fact: () => boolean): Promise<void> {
  while (!fact()) await new Promise((resolve) => setImmediate(resolve));
}
