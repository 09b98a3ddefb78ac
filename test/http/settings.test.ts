// Settings: flags over environment over a file; what is unknown or wrong is refused in words.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Config, ConfigError, helpText, readConfig } from '../../src/config.ts';
import { refuseOpenBind } from '../../src/server.ts';
import { SETTINGS } from '../../src/settings.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** As the process reads them: the settings, then the rule of §6. */
function settingsOf(args: string[], env: NodeJS.ProcessEnv = {}): Config {
  const config = readConfig(args, env);
  if (config === 'help') throw new Error('help was asked for');
  refuseOpenBind(config);
  return config;
}
function refusalOf(args: string[], env: NodeJS.ProcessEnv = {}): string {
  try {
    return `taken: ${JSON.stringify(settingsOf(args, env))}`;
  } catch (failure) {
    expect(failure).toBeInstanceOf(ConfigError);
    return (failure as Error).message;
  }
}
async function file(text: string): Promise<string[]> {
  const path = join(folder, 'settings.json');
  await writeFile(path, text);
  return ['--config', path];
}

test('wire §6 a bind to the world without a password or token is refused, however it is asked for', () => {
  for (const host of [
    '0.0.0.0',
    '::',
    '::0',
    '192.168.1.2',
    '127.0.0.1.evil.example',
    'example.org',
    '127.1',
    '0',
  ])
    expect(refusalOf(['--host', host]), host).toMatch(/WEIR_PASSWORD or WEIR_TOKEN/);
  expect(refusalOf([], { WEIR_HOST: '0.0.0.0' })).toMatch(/WEIR_PASSWORD/);
  expect(refusalOf(['--host', '0.0.0.0'], { WEIR_PASSWORD: '', WEIR_TOKEN: '' })).toMatch(/WEIR_PASSWORD/);
  expect(refusalOf(['--host', '0.0.0.0', '--password', ''])).toMatch(/WEIR_PASSWORD/);
  for (const host of ['127.0.0.1', 'localhost', '::1', '127.0.0.2'])
    expect(settingsOf(['--host', host]).host).toBe(host);
  expect(settingsOf(['--host', '0.0.0.0', '--token', 't']).host).toBe('0.0.0.0');
});

const WRONG: [string[], NodeJS.ProcessEnv, RegExp][] = [
  [['--prot', '1'], {}, /--prot/],
  [['start'], {}, /start/],
  [['--port'], {}, /port/],
  [['--port', '99999'], {}, /--port.*99999/],
  [['--port=-1'], {}, /--port/],
  [['--port', '1e3'], {}, /--port.*1e3/],
  [['--heartbeat-ms', '0'], {}, /--heartbeat-ms/],
  [['--stream-max-seconds', '1.5'], {}, /--stream-max-seconds/],
  [['--log-level', 'loud'], {}, /--log-level/],
  [['--config', 'nowhere.json'], {}, /nowhere\.json/],
  [[], { WEIR_PROT: '1' }, /WEIR_PROT/],
  [[], { WEIR_PORT: 'many' }, /--port.*many/],
];

test('wire §7 an unknown or wrong flag, word or variable is refused by name', () => {
  for (const [args, env, words] of WRONG) expect(refusalOf(args, env)).toMatch(words);
});

test('wire §7 a file is refused as a whole for one key or value that is wrong', async () => {
  for (const [text, words] of [
    ['{"prot":1}', /"prot" is not a setting/],
    ['{"__proto__":1}', /__proto__/],
    ['{"port":"many"}', /--port.*many/],
    ['{"port":null}', /--port/],
    ['{"port":[]}', /--port/],
    ['{"title":{}}', /title/],
    ['[]', /one JSON object/],
    ['null', /one JSON object/],
    ['{', /is not JSON/],
    ['{"host":"0.0.0.0"}', /WEIR_PASSWORD/],
  ] as const)
    expect(refusalOf(await file(text)), text).toMatch(words);
});

test('wire §7 flags win over the environment, and that over the file', async () => {
  const args = await file(
    '{"port":1,"agent":"file","heartbeat-ms":50,"allowed-hosts":["a.example","b.example"]}',
  );
  const settings = settingsOf([...args, '--port', '3'], { WEIR_PORT: '2', WEIR_AGENT: 'environment' });
  expect(settings).toMatchObject({
    port: 3,
    agent: 'environment',
    heartbeat_ms: 50,
    stream_max_seconds: 1800,
    allowed_hosts: ['a.example', 'b.example'],
  });
});

test('wire §7 --help lists every flag with its variable', () => {
  expect(readConfig(['--help'], {})).toBe('help');
  expect(readConfig(['-h', '--port', '1'], { WEIR_PROT: '1' })).toBe('help');
  for (const [flag, { env }] of Object.entries(SETTINGS)) {
    expect(helpText()).toMatch(new RegExp(`--${flag} .*${env}`));
    expect(env).toBe(`WEIR_${flag.toUpperCase().replaceAll('-', '_')}`);
  }
});
