// Runs the shell tool for a test, with real processes and a clock that stands still, as a run would.
import { readFileSync } from 'node:fs';
import { createSpawnGroup, type SpawnGroup } from '../../src/agents/openai/process-group.ts';
import { createRedaction } from '../../src/agents/openai/redaction.ts';
import { createShell } from '../../src/agents/openai/shell.ts';
import { ToolRefusal, type ToolResult } from '../../src/agents/openai/tool.ts';
import type { AgentEnd, AgentRun } from '../../src/agents/port.ts';
import { startRun } from '../../src/agents/run.ts';
import { createManualClock, type ManualClock, settled } from '../support/clock.ts';
import { type ApprovalEnd, createLogLines, createRecorder, type Recorder, type Script } from './recorder.ts';

export interface Shell {
  clock: ManualClock;
  output: Recorder;
  run: AgentRun;
  folder: string;
  /** null: not yet */
  end(): AgentEnd | null;
  /** what the model would be told; a refusal as its words */
  result(): (ToolResult & { result: ShellResult }) | string | null;
  /** what was shown while it ran */
  shown(): string;
  /** Waits for a fact; time goes on as far as the run only looks again. */
  until(fact: () => boolean): Promise<void>;
  /** Lets the run go on to its end, without letting any bound pass that a test has not let pass. */
  finish(): Promise<ShellResult>;
  /** Waits until the command has shown `count` numbers, its pids. */
  pids(count: number): Promise<number[]>;
}

export interface ShellResult {
  exit_code: number | null;
  signal?: string;
  ended_after_seconds?: number;
  output: string;
}

export interface GivenShell {
  timeout_seconds?: number;
  script?: Script;
  take?: (count: number) => Promise<void>;
  folder?: string;
  secret?: string;
  spawn?: SpawnGroup;
}

export const allowed: ApprovalEnd = {
  kind: 'answered',
  answer: { option_id: 'once', option_kind: 'allow_once' },
  by: 'tab1',
};

const { PATH, HOME } = process.env;
export const spawnGroup = createSpawnGroup({ PATH, HOME, LANG: 'C.UTF-8', WEIR_TOKEN: 'hunter2hunter2' });

/** Commands run here; none of them writes. */
export const workFolder = import.meta.dirname;

/** Longer waits of a run than this are its bounds; what is shorter only looks again. */
export const LOOK_MS_MAX = 100;

export function startShell(command: unknown, given: GivenShell = {}): Shell {
  const clock = createManualClock();
  const folder = given.folder ?? workFolder;
  const output = createRecorder(given.take, given.script ?? { approve: () => allowed });
  const tool = createShell({ clock, folder, spawn: given.spawn ?? spawnGroup });
  const args = { command, ...(given.timeout_seconds ? { timeout_seconds: given.timeout_seconds } : {}) };
  let result: ToolResult | string | null = null;
  let end: AgentEnd | null = null;
  const run = startRun({ clock, log: createLogLines() }, output, {
    usage: () => undefined,
    async play(scope) {
      const use = { tid: 'tool-1', scope, redaction: createRedaction([given.secret]) };
      result = await scope.wait(tool.run(args, use)).catch((error: unknown) => {
        if (error instanceof ToolRefusal) return error.message;
        throw error;
      });
      return { kind: 'finished' };
    },
  });
  void run.ended.then((how) => {
    end = how;
  });
  async function until(fact: () => boolean): Promise<void> {
    while (!fact()) {
      const next = clock.next();
      if (next !== null && next <= LOOK_MS_MAX) await clock.advance(next);
      await settled();
    }
  }
  const shell: Shell = {
    clock,
    output,
    run,
    folder,
    end: () => end,
    result: () => result as ReturnType<Shell['result']>,
    shown: () =>
      output
        .of('tool_update')
        .map((update) => update.output ?? '')
        .join(''),
    until,
    async finish() {
      await until(() => end !== null);
      return (result as { result: ShellResult } | null)?.result as ShellResult;
    },
    async pids(count) {
      const found = () => shell.shown().match(/\d+(?=\n)/g) ?? [];
      await until(() => found().length >= count);
      for (const pid of found()) seen.add(Number(pid));
      return found().map(Number);
    },
  };
  return shell;
}

/** False for what is dead and waits to be collected: nobody runs there. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    // A system without /proc has told all it tells; with it the process has gone meanwhile.
    return process.platform !== 'linux' && (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

export const gone = async (pids: number[]): Promise<void> => {
  while (pids.some(lives)) await settled();
};

const seen = new Set<number>();
/** Whatever a test that failed has left. */
export function killSeen(): void {
  for (const pid of seen) if (lives(pid)) process.kill(pid, 'SIGKILL');
}
