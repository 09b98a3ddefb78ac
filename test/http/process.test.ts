// The process: its settings, its refusals in words, and how it ends. Real processes, real signals.
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient, named, numbersOf, upTo } from '../support/client.ts';
import { within } from '../support/raw.ts';
import { childEnvironment, spawnServer } from '../support/server.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** Runs it to its end, in a folder without a settings file; what it said. */
function run(args: string[], env: NodeJS.ProcessEnv = {}, cwd = folder) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...childEnvironment(), ...env },
    // One that never comes to its end takes no core from the others.
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (part) => {
    out += part;
    // One that starts although it should refuse is ended, and seen by its line.
    if (out.includes('listening')) child.kill();
  });
  child.stderr.on('data', (part) => {
    err += part;
  });
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, out, err })),
  );
}

test('wire §7 a wrong setting ends the process with code 2 and a sentence, before anything else is done', async () => {
  await writeFile(join(folder, 'weir.config.json'), '{"prot":1}');
  const byFile = await run([]);
  await writeFile(join(folder, 'weir.config.json'), '{\n"port"\n8787}');
  const byForm = await run([]);
  await rm(join(folder, 'weir.config.json'));
  for (const [result, words] of [
    [byFile, /"prot" is not a setting/],
    [byForm, /^weir: weir\.config\.json is not JSON: [^\n]+\n$/],
    [await run(['--host', '0.0.0.0']), /WEIR_PASSWORD or WEIR_TOKEN/],
    [await run(['--agent', 'nobody']), /nobody/],
  ] as const) {
    expect(result.code).toBe(2);
    expect(result.err).toMatch(words);
    expect(result.err).not.toMatch(/\n\s+at /);
    expect(result.out).toBe('');
  }
  await expect(stat(join(folder, 'data'))).rejects.toThrow(/ENOENT/);
});

/** One line that names the setting, and the exit code of its kind. */
async function isRefused(code: number, words: RegExp, args: string[], env: NodeJS.ProcessEnv = {}) {
  const result = await run(['--port', '0', ...args], env);
  expect(result.err).toMatch(words);
  expect(result.err).toMatch(/^weir: [^\n]+\n$/);
  expect([result.code, result.out]).toEqual([code, '']);
}

test('wire §7 a folder that can’t hold the data is refused by its setting, and left as it is', async () => {
  const file = join(folder, 'file');
  await writeFile(file, 'theirs');
  await isRefused(2, /--data \(WEIR_DATA\).*\/file is no folder/, ['--data', file]);
  await isRefused(2, /--data \(WEIR_DATA\).*\/file is no folder/, [], { WEIR_DATA: join(file, 'x', 'y') });
  // Where the system makes no folders, whoever asks: this one was once asked for ever.
  await isRefused(2, /--data \(WEIR_DATA\).*\/proc/, ['--data', '/proc/weir/x']);
  const taken = join(folder, 'taken');
  await mkdir(join(taken, 'lock.db'), { recursive: true });
  await chmod(taken, 0o755);
  await isRefused(2, /--data \(WEIR_DATA\).*lock\.db/, ['--data', taken]);
  expect((await stat(taken)).mode & 0o777).toBe(0o755);
});

test('wire §7 an address that can’t be listened on is refused by its setting', async () => {
  const data = ['--data', join(folder, 'unheard'), '--token', 't'];
  // Source: RFC 5737, RFC 6761: an address, and a name, that nobody has.
  await isRefused(2, /--host 192\.0\.2\.1 \(WEIR_HOST\) is no address of this computer/, [
    ...data,
    '--host',
    '192.0.2.1',
  ]);
  await isRefused(2, /--host no-such\.invalid \(WEIR_HOST\)/, [...data, '--host', 'no-such.invalid']);
});

test('wire §7 §8 what is set for an agent and can’t work is refused; what is missing is told in a line, and by the agent', async () => {
  await isRefused(2, /--agent \(WEIR_AGENT\).*nobody.* demo, openai/, ['--agent', 'nobody']);
  await isRefused(2, /WEIR_SHELL_FOLDER.*absolute/, [], { WEIR_SHELL_FOLDER: 'rel' });
  await isRefused(2, /WEIR_OPENAI_BASE_URL.*http/, ['--agent', 'openai'], { WEIR_OPENAI_BASE_URL: 'abc' });
  const weir = await spawnServer(join(folder, 'agentless'), ['--agent', 'openai']);
  await expect.poll(weir.errors).toMatch(/"reason":"WEIR_OPENAI_BASE_URL is not set.*can not run/);
  const { agents } = (await createClient(weir.url).get('/api/agents')).body;
  expect(agents[0]).toMatchObject({ agent: 'openai', available: false });
  weir.child.kill('SIGTERM');
  expect(await weir.ended).toBe(0);
});

test('wire §7 --help says what there is, and exits 0', async () => {
  const { code, out } = await run(['--help']);
  expect([code, out.includes('--port'), out.includes('8787')]).toEqual([0, true, true]);
});

test('wire §7 the process runs with its flags, environment and file; its folder is nobody else’s, its secrets in no log', async () => {
  const own = await mkdtemp(join(tmpdir(), 'weir-test-'));
  await writeFile(
    join(own, 'c.json'),
    JSON.stringify({ 'heartbeat-ms': 10, token: 'from-file', password: 'p' }),
  );
  const weir = await spawnServer(
    join(own, 'data'),
    ['--config', join(own, 'c.json'), '--heartbeat-ms', '40'],
    {
      WEIR_TOKEN: 'from-environment',
      WEIR_HEARTBEAT_MS: '600000',
    },
  );
  const withToken = (token: string) => createClient(weir.url, { authorization: `Bearer ${token}` });
  expect((await withToken('from-file').get('/api/sessions')).status).toBe(401);
  const client = withToken('from-environment');
  const reader = await client.read(`/api/sessions/${await client.session()}/events`);
  await within(2_000, 'a heartbeat', reader.until(named('heartbeat')));
  reader.close();
  expect((await stat(join(own, 'data'))).mode & 0o777).toBe(0o700);
  weir.child.kill('SIGTERM');
  expect(await weir.ended).toBe(0);
  // Secrets never reach a log line.
  expect(weir.errors()).not.toMatch(/from-environment|from-file/);
  await rm(own, { recursive: true, force: true });
});

test('wire §7 a process says which one it is; a second one on the same folder, or port, is refused in words', async () => {
  const data = join(folder, 'shared');
  const first = await spawnServer(data, ['--log-level', 'info']);
  // Whoever means to kill it: npm, that started it, is another process.
  await expect.poll(first.errors).toContain(`"msg":"this is process ${first.child.pid}"`);
  const second = await run(['--port', '0', '--data', data]);
  expect(second.code).toBe(1);
  expect(second.err).toMatch(/in use|another/i);
  expect(second.err).not.toMatch(/\n\s+at /);
  const samePort = await run(['--port', new URL(first.url).port, '--data', join(folder, 'other')]);
  expect(samePort.err).toMatch(/^weir: --port \d+ \(WEIR_PORT\) is in use[^\n]*\n$/);
  expect(samePort.code).toBe(1);
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);
});

test('wire §7 SIGTERM in the middle of runs: readers are told, runs settle as interrupted, exit 0 in time', async () => {
  const data = join(folder, 'term');
  const weir = await spawnServer(data);
  const client = createClient(weir.url);
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'tokens=1000 rate=50');
  const deaf_session = await client.session();
  const deaf_id = await client.start(deaf_session, 'tokens=4 hang@2');
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  const deaf = await client.read(`/api/sessions/${deaf_session}/events`);
  await Promise.all([reader.until(({ id }) => id === `${stream_id}:5`), deaf.until(named('token'))]);
  const begun = performance.now();
  weir.child.kill('SIGTERM');
  await within(2_000, 'the readers are told', Promise.all([reader.ended, deaf.ended]));
  for (const { events } of [reader, deaf])
    expect(events.at(-1)).toMatchObject({ event: 'end', data: '{"reason":"shutdown"}' });
  // The deaf one has until 6 s; meanwhile it is said that nothing new begins.
  const refused = await client.post('/api/chat/start', { session_id, message: 'tokens=1' });
  expect([refused.status, refused.body.code]).toEqual([503, 'shutting_down']);
  expect((await client.get('/health')).body.closing).toBe(true);
  expect(await within(10_000, 'the exit', weir.ended)).toBe(0);
  expect(performance.now() - begun).toBeLessThan(10_000);
  const again = await spawnServer(data);
  const after = createClient(again.url);
  for (const id of [stream_id, deaf_id]) {
    const replay = await after.read(`/api/chat/stream?stream_id=${id}`);
    await replay.ended;
    const frames = replay.events.filter(({ id: at }) => at);
    expect(numbersOf(frames)).toEqual(upTo(frames.length));
    expect(frames.slice(-2).map(({ event }) => event)).toEqual(['apperror', 'stream_end']);
    expect(JSON.parse(frames.at(-2)!.data)).toMatchObject({ type: 'interrupted' });
    expect(frames.some(({ data }) => JSON.parse(data).reason === 'shutdown')).toBe(true);
    // P2: what was shown before is the beginning of what is shown now.
    if (id === stream_id)
      expect(frames.slice(0, 5)).toEqual(reader.events.filter(({ id: at }) => at).slice(0, 5));
  }
  expect((await after.get(`/api/session?session_id=${session_id}`)).body.session).toMatchObject({
    state: 'idle',
    last_outcome: 'interrupted',
  });
  again.child.kill('SIGINT');
  expect(await again.ended).toBe(0);
});

test('wire §7 a second SIGTERM exits at once', async () => {
  const weir = await spawnServer(join(folder, 'twice'));
  const client = createClient(weir.url);
  const stream_id = await client.start(await client.session(), 'hang@1');
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await reader.until(named('token'));
  weir.child.kill('SIGTERM');
  await reader.ended;
  weir.child.kill('SIGTERM');
  const how = await within(1_500, 'the exit', weir.ended);
  expect(how).not.toBe(0);
});
