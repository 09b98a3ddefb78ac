// A real server for a test: in this process (fast, faults by argument) or as a child of its own (to be killed).
// It listens on 127.0.0.1 with port 0 and a folder of its own, and leaves neither behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import pino from 'pino';
import { type Config, readConfig } from '../../src/config.ts';
import { startServer, type TestSettings, type WeirServer } from '../../src/server.ts';

export const temporaryFolder = (parent = tmpdir()): Promise<string> => mkdtemp(join(parent, 'weir-test-'));

export const quietLog = pino({ level: 'silent' });

export interface Running {
  readonly url: string;
  readonly folder: string;
  readonly server: WeirServer;
}
export interface TestServer extends Running {
  /** Stops it and removes its folder. */
  close(): Promise<void>;
}

/** A server in this process. `changes`: over the defaults; `test`: smaller bounds, and faults. */
export async function startTestServer(
  changes: Partial<Config> = {},
  test: TestSettings = {},
): Promise<TestServer> {
  const folder = changes.data ?? (await temporaryFolder());
  const config = readConfig([], {});
  if (config === 'help') throw new Error('unreachable');
  const server = await startServer(
    { ...config, port: 0, data: folder, log_level: 'silent', ...changes },
    quietLog,
    test,
  );
  return {
    url: server.url,
    folder,
    server,
    async close() {
      await server.close();
      if (changes.data === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface ServerProcess {
  url: string;
  child: ChildProcess;
  /** What it wrote to stderr so far. */
  errors(): string;
  /** Resolves with exit code or signal. */
  ended: Promise<number | NodeJS.Signals>;
}

/** All that a child has of our environment: no setting of ours, and compiled code that is kept, for half the time to start. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const { PATH, NODE_COMPILE_CACHE: kept } = process.env;
  return { PATH, ...(kept === undefined ? {} : { NODE_COMPILE_CACHE: resolve(kept) }) };
}

const MAIN = 'src/main.ts';

/**
 * A server as a process of its own: `node src/main.ts`. Resolves when it says that it listens. `script`: another one than
 * the real one, with a channel for messages.
 */
export function spawnServer(
  folder: string,
  args: string[] = [],
  env: NodeJS.ProcessEnv = {},
  script = MAIN,
): Promise<ServerProcess> {
  const child = spawn(
    process.execPath,
    [script, '--port', '0', '--data', folder, '--log-level', 'warn', ...args],
    {
      env: { ...childEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...(script === MAIN ? [] : ['ipc' as const])],
    },
  );
  let errors = '';
  child.stderr?.on('data', (part) => {
    errors += part;
  });
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code ?? -1));
  });
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const url = /^Weir listening on (\S+)$/.exec(line)?.[1];
      if (url) resolve({ url, child, errors: () => errors, ended });
    });
    ended.then((how) => reject(new Error(`the server ended (${how}) before it listened:\n${errors}`)));
  });
}
