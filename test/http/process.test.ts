// The process: its settings, its refusals in words, and how it ends. Real processes, real signals.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
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
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...childEnvironment(), ...env } });
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
  await rm(join(folder, 'weir.config.json'));
  for (const [result, words] of [
    [byFile, /"prot" is not a setting/],
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

test('wire §7 a second process on the same folder, or port, is refused in words', async () => {
  const data = join(folder, 'shared');
  const first = await spawnServer(data);
  const second = await run(['--port', '0', '--data', data]);
  expect(second.code).toBe(1);
  expect(second.err).toMatch(/in use|another/i);
  expect(second.err).not.toMatch(/\n\s+at /);
  const samePort = await run(['--port', new URL(first.url).port, '--data', join(folder, 'other')]);
  expect([samePort.code, /in use/.test(samePort.err)]).toEqual([1, true]);
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
