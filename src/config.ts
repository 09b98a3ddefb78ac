// Settings: flags over environment over weir.config.json. An unknown one is an error, in words.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isHostName } from './http/origin.ts';
import { type Retention, TIMEOUT_SECONDS_MAX } from './protocol/index.ts';
import { MIB, SETTINGS, type Setting } from './settings.ts';

type Name = keyof typeof SETTINGS;
const NAMES = Object.keys(SETTINGS) as Name[];
const INSPECT = ['off', 'on', 'stately'] as const;
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'];
/** Read from the environment only: they are secrets, or belong to one agent. */
const OTHER_ENVIRONMENT = [
  'WEIR_OPENAI_BASE_URL',
  'WEIR_OPENAI_API_KEY',
  'WEIR_OPENAI_MODEL',
  'WEIR_SHELL_FOLDER',
];

export interface Config {
  host: string;
  port: number;
  data: string;
  agent: string;
  password?: string;
  token?: string;
  allowed_hosts: string[];
  heartbeat_ms: number;
  stream_max_seconds: number;
  clarify_timeout_seconds: number;
  approval_timeout_seconds: number;
  retention: Retention;
  /** what the machines do is shown, to this computer; `stately`: in the official viewer as well */
  inspect: (typeof INSPECT)[number];
  log_level: string;
  openai: { base_url?: string; api_key?: string; model?: string };
  /** the folder in which the openai agent may run commands, each after leave was given */
  shell?: { folder: string };
}

/** A setting that is wrong: shown to a person, exit code 2. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

export function helpText(): string {
  const rows = NAMES.map((name): [string, string] => {
    const setting: Setting = SETTINGS[name];
    const fallback = setting.fallback ? ` (default ${setting.fallback})` : '';
    return [`  --${name} ${setting.value ?? ''}`, `${setting.help}${fallback}; ${setting.env}`];
  });
  rows.push(['  --config FILE', 'a JSON file with these names (default weir.config.json, if it is there)']);
  rows.push(['  --help', 'this text']);
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [
    'weir: a live-session server for AI agents, with its browser page',
    '',
    'usage: npm start -- [flags]',
    '',
    ...rows.map(([left, right]) => left.padEnd(width) + right),
    '',
    'The openai agent reads WEIR_OPENAI_BASE_URL, WEIR_OPENAI_API_KEY and WEIR_OPENAI_MODEL. With WEIR_SHELL_FOLDER it',
    'may run commands in that folder, each after you allowed it.',
    'Exit codes: 0 stopped, 1 failed, 2 a wrong setting.',
  ].join('\n');
}

/** As the parser takes them: a flag without a value means `on`, and a number may be below zero, to be refused as one. */
function spelled(args: string[]): string[] {
  const all: string[] = [];
  for (const arg of args) {
    const last = all.at(-1);
    const name = NAMES.find((each) => arg === `--${each}`);
    if (name && SETTINGS[name].kind === 'flag') all.push(`${arg}=on`);
    else if (/^-\d/.test(arg) && NAMES.some((each) => last === `--${each}`))
      all.splice(-1, 1, `${last}=${arg}`);
    else all.push(arg);
  }
  return all;
}

/** What the parser says, in one line. */
function refusedFlag({ message }: Error): ConfigError {
  const [, flag] = /^Option '(--[a-z-]+)(?: <value>)?' argument/.exec(message) ?? [];
  if (flag === undefined) return new ConfigError(`${message.split(/\. |\n/)[0]}. --help lists the flags.`);
  const setting: Setting | undefined = SETTINGS[flag.slice(2) as Name];
  return new ConfigError(
    `${flag} needs a value: ${flag} ${setting?.value ?? 'FILE'}, and where that begins with a dash ${flag}=…`,
  );
}

function flagsOf(args: string[]): { help: boolean; config?: string; flags: Map<string, string> } {
  const options = Object.fromEntries(NAMES.map((name) => [name, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({
      args: spelled(args),
      allowPositionals: false,
      options: { ...options, help: { type: 'boolean', short: 'h' }, config: { type: 'string' } },
    });
    const {
      help = false,
      config,
      ...rest
    } = values as { help?: boolean; config?: string } & Record<string, string>;
    return { help, ...(config === undefined ? {} : { config }), flags: new Map(Object.entries(rest)) };
  } catch (error) {
    throw refusedFlag(error as Error);
  }
}

function fileOf(named: string | undefined): Map<string, string> {
  const path = named ?? 'weir.config.json';
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw new ConfigError(`${path} can't be read: ${(error as Error).message}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`${path} is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigError(`${path} must hold one JSON object.`);
  for (const key of Object.keys(value))
    if (!(NAMES as string[]).includes(key)) throw new ConfigError(`${path}: "${key}" is not a setting.`);
  return new Map(Object.entries(value).map(([key, each]) => [key, textOf(path, key, each)]));
}

/** What a value of the file is as a flag would say it. */
function textOf(path: string, key: string, value: unknown): string {
  const isText = (each: unknown) => typeof each === 'string' || typeof each === 'number';
  if (key === 'allowed-hosts' && Array.isArray(value) && value.every(isText)) return value.join(',');
  if (isText(value)) return String(value);
  throw new ConfigError(`${path}: --${key} must be a text or a number.`);
}

function refuseUnknownEnvironment(env: NodeJS.ProcessEnv): void {
  const known = new Set([...NAMES.map((name) => SETTINGS[name].env as string), ...OTHER_ENVIRONMENT]);
  for (const name of Object.keys(env))
    if (name.startsWith('WEIR_') && !known.has(name))
      throw new ConfigError(`${name} is not a setting. --help lists them.`);
}

/** A setting by its two names. */
const named = (name: Name): string => `--${name} (${SETTINGS[name].env})`;

function countOf(name: Name, text: string, min: number, max: number): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= min && count <= max) return count;
  throw new ConfigError(`${named(name)} must be a whole number from ${min} to ${max}, not "${text}".`);
}

function oneOf<T extends string>(name: Name, text: string, all: readonly T[]): T {
  const found = all.find((each) => each === text);
  if (found) return found;
  throw new ConfigError(`${named(name)} must be one of ${all.join(', ')}, not "${text}".`);
}

function hostsOf(text: string): string[] {
  const hosts = text
    .split(',')
    .map((host) => host.trim())
    .filter(Boolean);
  const wrong = text !== '' && hosts.length === 0 ? text : hosts.find((host) => !isHostName(host));
  if (wrong === undefined) return hosts;
  throw new ConfigError(
    `${named('allowed-hosts')} must be host names or addresses, with commas between them, not "${wrong}".`,
  );
}

/** The settings, or `help`. @throws ConfigError */
export function readConfig(args: string[], env: NodeJS.ProcessEnv): Config | 'help' {
  const { help, config, flags } = flagsOf(args);
  if (help) return 'help';
  refuseUnknownEnvironment(env);
  const file = fileOf(config);
  const text = (name: Name): string | undefined => {
    const setting: Setting = SETTINGS[name];
    const given = flags.get(name) ?? (env[setting.env] || undefined) ?? file.get(name);
    return given ?? setting.fallback;
  };
  // Not set is one thing; meant and empty must not open the door.
  const secret = (name: 'password' | 'token'): string | undefined => {
    if (text(name) === '')
      throw new ConfigError(`--${name} is empty. Say one, best as ${SETTINGS[name].env}, or leave it out.`);
    return text(name);
  };
  const word = (name: 'host' | 'data' | 'agent'): string => {
    if (text(name) === '') throw new ConfigError(`${named(name)} is empty. Say one, or leave it out.`);
    return text(name)!;
  };
  return {
    host: word('host'),
    port: countOf('port', text('port')!, 0, 65_535),
    data: word('data'),
    agent: word('agent'),
    ...(secret('password') === undefined ? {} : { password: secret('password') }),
    ...(secret('token') === undefined ? {} : { token: secret('token') }),
    allowed_hosts: hostsOf(text('allowed-hosts')!),
    heartbeat_ms: countOf('heartbeat-ms', text('heartbeat-ms')!, 10, 600_000),
    stream_max_seconds: countOf('stream-max-seconds', text('stream-max-seconds')!, 1, 86_400),
    clarify_timeout_seconds: countOf(
      'clarify-timeout-seconds',
      text('clarify-timeout-seconds')!,
      0,
      TIMEOUT_SECONDS_MAX,
    ),
    approval_timeout_seconds: countOf(
      'approval-timeout-seconds',
      text('approval-timeout-seconds')!,
      0,
      TIMEOUT_SECONDS_MAX,
    ),
    retention: {
      days: countOf('retention-days', text('retention-days')!, 0, 36_500),
      runs: countOf('retention-runs', text('retention-runs')!, 0, 100_000_000),
      bytes: countOf('retention-mib', text('retention-mib')!, 0, 100_000_000) * MIB,
    },
    inspect: oneOf('inspect', text('inspect')!, INSPECT),
    log_level: oneOf('log-level', text('log-level')!, LOG_LEVELS),
    openai: {
      base_url: env.WEIR_OPENAI_BASE_URL,
      api_key: env.WEIR_OPENAI_API_KEY,
      model: env.WEIR_OPENAI_MODEL,
    },
    ...(env.WEIR_SHELL_FOLDER ? { shell: { folder: env.WEIR_SHELL_FOLDER } } : {}),
  };
}

/** An address that only this machine can reach. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
