// Settings as people get them wrong, and what each becomes: an error in words, never a guess (wire §7).
import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../src/config.ts';
import { createOriginGuard } from '../../src/http/origin.ts';
import { temporaryFolder } from '../support/server.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

function readFile(value: unknown) {
  const file = join(folder, 'weir.config.json');
  writeFileSync(file, JSON.stringify(value));
  return readConfig(['--config', file], {});
}

test('wire §7 the file takes texts, numbers, and a list of hosts', () => {
  expect(readFile({ port: 0, password: 'word', 'allowed-hosts': ['a.test', 'b.test'] })).toMatchObject({
    port: 0,
    password: 'word',
    allowed_hosts: ['a.test', 'b.test'],
  });
});

test.each([
  { password: null },
  { token: true },
  { port: {} },
  { host: ['127.0.0.1'] },
  { 'allowed-hosts': [null] },
  { password: '' },
])('wire §7 the file is refused by the name of what is wrong in it: %j', (value) => {
  expect(() => readFile(value)).toThrow(ConfigError);
  expect(() => readFile(value)).toThrow(Object.keys(value)[0]);
});

test.each(['--password=', '--token='])(
  'wire §6 a secret that was meant and is empty opens no door: %s',
  (flag) => {
    expect(() => readConfig([flag], {})).toThrow(ConfigError);
  },
);

test('wire §7 an empty variable is no setting', () => {
  const config = readConfig([], { WEIR_PASSWORD: '', WEIR_HOST: '' });
  expect(config).toMatchObject({ host: '127.0.0.1' });
  expect(config).not.toHaveProperty('password');
});

test('wire §6 a server on an IPv6 address answers to that address', () => {
  const guard = createOriginGuard(['fe80::1', 'weir.test']);
  const check = (host: string) =>
    guard.check({ headers: { host }, headersDistinct: {} } as IncomingMessage, false);
  for (const host of ['[fe80::1]:8787', '[fe80::1]', 'weir.test:1', 'localhost', '[::1]:8787'])
    expect(() => check(host)).not.toThrow();
  for (const host of ['[fe80::2]:8787', 'fe80::1', '']) expect(() => check(host)).toThrow('allow-list');
});

const refusal = (args: string[], env: NodeJS.ProcessEnv = {}): string => {
  try {
    return `taken: ${JSON.stringify(readConfig(args, env))}`;
  } catch (failure) {
    expect(failure).toBeInstanceOf(ConfigError);
    return (failure as Error).message;
  }
};

test.each<[string[], NodeJS.ProcessEnv, RegExp]>([
  [['--port', '-5'], {}, /^--port \(WEIR_PORT\) must be a whole number from 0 to 65535, not "-5"/],
  [['--retention-days', '-1'], {}, /^--retention-days \(WEIR_RETENTION_DAYS\).* not "-1"/],
  [['--port', '--data', 'x'], {}, /^--port needs a value: --port PORT/],
  [['--port'], {}, /^--port needs a value: --port PORT/],
  [['--password', '-x'], {}, /^--password needs a value: .*--password=/],
  [['--config'], {}, /^--config needs a value: --config FILE/],
  [['--data='], {}, /^--data \(WEIR_DATA\) is empty/],
  [['--host='], {}, /^--host \(WEIR_HOST\) is empty/],
  [['--log-level', 'loud'], {}, /^--log-level \(WEIR_LOG_LEVEL\) must be one of debug, /],
  [['--inspect=loud'], {}, /^--inspect \(WEIR_INSPECT\) must be one of off, /],
  [['--allowed-hosts', ','], {}, /^--allowed-hosts \(WEIR_ALLOWED_HOSTS\) .*,/],
  [[], { WEIR_ALLOWED_HOSTS: ' , ' }, /WEIR_ALLOWED_HOSTS/],
  [['--allowed-hosts', 'https://weir.test'], {}, /WEIR_ALLOWED_HOSTS.*https:\/\/weir\.test/],
  [['--allowed-hosts', 'a.test,*.b.test'], {}, /WEIR_ALLOWED_HOSTS.*\*\.b\.test/],
])('wire §7 what is wrong, and what would be right, is said in one line: %j %j', (args, env, words) => {
  expect(refusal(args, env)).toMatch(words);
  expect(refusal(args, env)).not.toContain('\n');
});

test('wire §7 hosts are names or addresses, with a port where they have one', () => {
  const hosts = ['a.test', 'B.test:8787', 'fe80::1', '[::1]:1', '10.0.0.1'];
  expect(readConfig(['--allowed-hosts', `${hosts.join(' , ')},`], {})).toMatchObject({
    allowed_hosts: hosts,
  });
});
