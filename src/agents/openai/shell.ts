// The tool `shell`: runs a command in the one folder of the settings, after a person or a rule allowed it. Off unless the
// folder is set. It knows the words for the model; command.ts knows how a command lives and ends.
import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import * as z from 'zod/mini';
import type { ApprovalAnswer, Clock, PromptEnd } from '../../protocol/index.ts';
import { type CommandEnd, outlive } from './command.ts';
import { watchOutput } from './live-output.ts';
import type { SpawnGroup } from './process-group.ts';
import { readArgs, shorten, type Tool, ToolRefusal, type ToolResult, type ToolUse } from './tool.ts';

const TIME_LIMIT_SECONDS = 120;
const TIME_LIMIT_SECONDS_MAX = 600;
const COMMAND_LENGTH_MAX = 32_768;

const argsSchema = z.object({
  // The system takes no command with a NUL in it.
  command: z.string().check(z.maxLength(COMMAND_LENGTH_MAX), z.regex(/^[^\0]*[^\s\0][^\0]*$/)),
  timeout_seconds: z.nullish(z.int().check(z.minimum(1), z.maximum(TIME_LIMIT_SECONDS_MAX))),
});
const SHAPE = `shell takes {"command": text of at most ${COMMAND_LENGTH_MAX} characters, "timeout_seconds"?: whole number from 1 to ${TIME_LIMIT_SECONDS_MAX}}.`;

export interface ShellPorts {
  clock: Clock;
  folder: string;
  spawn: SpawnGroup;
}

/** Why nothing of this name could be the folder, in words that name the variable; null: a folder could. */
export const shellMistake = (folder: string): string | null =>
  isAbsolute(folder) ? null : 'WEIR_SHELL_FOLDER is no absolute path, one that begins with /.';

/** Why this can't be the folder now, in the same words; null: it can. */
export function shellProblem(folder: string): string | null {
  const mistake = shellMistake(folder);
  if (mistake !== null) return mistake;
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory()
    ? null
    : 'WEIR_SHELL_FOLDER names no folder.';
}

export function createShell(ports: ShellPorts): Tool {
  return {
    name: 'shell',
    description: `Runs a command with /bin/sh in ${ports.folder}, without input, and gives its exit code and output. The user is asked first. What it leaves running is ended with it.`,
    parameters: {
      type: 'object',
      properties: {
        command: { type: 'string' },
        timeout_seconds: {
          type: 'integer',
          minimum: 1,
          maximum: TIME_LIMIT_SECONDS_MAX,
          description: `default ${TIME_LIMIT_SECONDS}`,
        },
      },
      required: ['command'],
      additionalProperties: false,
    },
    preview: (args) => shorten((args as { command?: unknown } | null)?.command),
    async run(args, use) {
      const { command, timeout_seconds } = readArgs(argsSchema, args, SHAPE);
      const seconds = timeout_seconds ?? TIME_LIMIT_SECONDS;
      await askLeave(command, seconds, ports.folder, use);
      const life = live(command, seconds, ports, use);
      use.scope.outlast(life);
      return await life;
    },
  };
}

/** @throws ToolRefusal unless this very command was allowed */
async function askLeave(
  command: string,
  seconds: number,
  folder: string,
  { scope, tid }: ToolUse,
): Promise<void> {
  const end = await scope.approve({
    tool: 'shell',
    command,
    description: `Run this command in ${folder}, for at most ${seconds} s.`,
    args: { command },
    cwd: folder,
    tool_call_id: tid,
  });
  const refusal = refusalOf(end);
  if (refusal !== null) throw new ToolRefusal(refusal);
  // Leave and a stop may come in the same moment: then nothing is started.
  scope.signal.throwIfAborted();
}

function refusalOf(end: PromptEnd<ApprovalAnswer>): string | null {
  switch (end.kind) {
    case 'answered': {
      const { option_kind, feedback } = end.answer;
      if (option_kind.startsWith('allow_')) return null;
      return feedback ? `The user denied this command: ${feedback}` : 'The user denied this command.';
    }
    case 'declined':
      return 'The user denied this command.';
    case 'expired':
      return 'Nobody allowed this command in time; it was not run.';
    case 'cancelled':
      return 'The question whether to run this command was withdrawn; it was not run.';
    case 'too_many':
      return 'Too many approvals are waiting; the command was not run.';
    case 'refused':
      return `Nobody was asked, and the command was not run. ${end.reason}`;
  }
}

/** From the start of the command until nothing of it is left: no process, no pipe, no timer. */
async function live(
  command: string,
  seconds: number,
  { clock, spawn, folder }: ShellPorts,
  { scope, tid, redaction }: ToolUse,
): Promise<ToolResult> {
  const group = spawn(command, folder);
  const output = watchOutput(group.output, {
    clock,
    redaction,
    show: async (text) => scope.frame('tool_update', { tid, output: text }),
  });
  const { signal, killed } = scope;
  const alive = () => scope.alive();
  const end = await outlive(group, { clock, time_limit_ms: seconds * 1000, signal, killed, alive });
  const { text, isCut, full_bytes } = await output.end();
  if (end.error !== undefined) throw new ToolRefusal(`The command could not be started (${end.error}).`);
  return {
    is_error: end.exit_code !== 0 || end.cut !== null,
    result: { ...resultOf(end, seconds), output: text },
    ...(isCut ? { truncated: true, full_bytes } : {}),
  };
}

const resultOf = ({ exit_code, signal, cut }: CommandEnd, seconds: number) => ({
  exit_code,
  ...(signal === null ? {} : { signal }),
  ...(cut === 'time_limit' ? { ended_after_seconds: seconds } : {}),
});
