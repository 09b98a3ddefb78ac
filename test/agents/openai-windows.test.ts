import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { windowsIn } from '../../src/agents/openai/model-list.ts';
import { connectingFetch } from '../../src/agents/openai/transport.ts';
import {
  createWindows,
  WINDOWS_BYTES_MAX,
  WINDOWS_FRESH_MS,
  WINDOWS_MS_MAX,
} from '../../src/agents/openai/windows.ts';
import { createManualClock } from '../support/clock.ts';
import { type Answer, chunk, createEndpoint, DONE, type Endpoint, STOP, sends } from './endpoint.ts';
import { KEY, runToEnd, until } from './openai-run.ts';
import { createLogLines } from './recorder.ts';

const MODEL = 'gpt-4o-mini';
const ESTIMATE = { context_length: 128_000, context_estimated: true };
const TOLD = { context_length: 32_000, context_estimated: false };
const SAYS =
  chunk({ content: 'Hello' }) +
  STOP +
  `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 3 } })}\n\n${DONE}`;
const json = (value: unknown, status = 200): Answer =>
  sends(JSON.stringify(value), { 'content-type': 'application/json' }, status);
const LIST = json({ data: [{ id: 'other' }, { id: MODEL, context_length: 32_000 }] });

let endpoint: Endpoint | null = null;
afterEach(async () => {
  await endpoint?.close();
  endpoint = null;
});

/** An endpoint that is asked for its models, and runs against it. `asked`: how often it was. */
async function listen(list: Answer, answer: Answer = sends(SAYS)) {
  let asked = 0;
  const authorized: unknown[] = [];
  endpoint = await createEndpoint(answer, (response, request, nth) => {
    asked = nth;
    authorized.push(request.headers.authorization);
    list(response, request, nth);
  });
  const { base_url, quiet } = endpoint;
  const clock = createManualClock();
  const log = createLogLines();
  const of = { base_url, api_key: KEY };
  const windows = createWindows({ endpoint: of, fetch: connectingFetch, clock, log });
  const run = () => runToEnd(base_url, { windows, clock });
  return { windows, clock, log, run, quiet, asked: () => asked, authorized };
}

describe('windows', () => {
  test.each([
    ['OpenRouter', { context_length: 32_000, top_provider: { context_length: 16_000 } }, 32_000],
    ['OpenRouter’s provider', { context_length: null, top_provider: { context_length: 16_000 } }, 16_000],
    ['vLLM', { max_model_len: 4096 }, 4096],
    ['Groq', { context_window: 131_072 }, 131_072],
    ['Mistral', { max_context_length: 32_768 }, 32_768],
    ['OpenAI', { owned_by: 'openai' }, undefined],
    ['nobody sensible', { context_length: -1, max_model_len: 0.5, context_window: '8k' }, undefined],
  ])('lesson 94 a window is read as %s names it', (_name, fields, tokens) => {
    expect(windowsIn({ object: 'list', data: [{ id: 'm', ...fields }] }).get('m')).toBe(tokens);
    expect(windowsIn([null, { id: 'm', ...fields }]).get('m')).toBe(tokens);
  });

  test('lesson 94 a window is not known from a list of any other shape', () => {
    fc.assert(fc.property(fc.jsonValue(), (list) => windowsIn(list).size === 0));
  });

  test('lesson 94 a window is what the endpoint told, also when it tells in the middle of a run; once for all models', async () => {
    const { windows, run, asked, authorized } = await listen(LIST, async (response, request, nth) => {
      // The first answer ends when the list has been read.
      await until(() => windows.of(MODEL) !== undefined);
      sends(SAYS)(response, request, nth);
    });
    const { end, output } = await run();
    expect(end.usage).toMatchObject(TOLD);
    expect(output.of('metering').at(-1)?.usage).toMatchObject(TOLD);
    expect((await run()).end.usage).toMatchObject(TOLD);
    expect(asked()).toBe(1);
    expect(authorized).toEqual([`Bearer ${KEY}`]);
  });

  test('lesson 94 a window is asked again after an hour, also where the clock was set back; until then the last known counts', async () => {
    const { windows, run, clock, asked } = await listen((response, request, nth) =>
      nth === 1 ? LIST(response, request, nth) : response.writeHead(500).end(),
    );
    windows.ask();
    await until(() => windows.of(MODEL) === 32_000 && clock.pending() === 0);
    await run();
    expect(asked()).toBe(1);
    clock.jump(-WINDOWS_FRESH_MS);
    windows.ask();
    await until(() => asked() === 2 && clock.pending() === 0);
    expect((await run()).end.usage).toMatchObject(TOLD);
  });

  test('lesson 94 a window that is never told keeps no run waiting: the run takes the question with it, and the next asks again', async () => {
    const { run, clock, quiet, asked } = await listen(() => {});
    const { end } = await run();
    expect(end).toMatchObject({ kind: 'finished', usage: ESTIMATE });
    await quiet();
    await run();
    await quiet();
    expect(clock.pending()).toBe(0);
    expect(asked()).toBeLessThanOrEqual(2);
  });

  test('lesson 94 a window is asked for together by runs that run together, and the last of them gives it up', async () => {
    const { windows, clock, quiet, asked } = await listen(() => {});
    const [one, other] = [windows.ask(), windows.ask()];
    await until(() => asked() === 1);
    one();
    one();
    expect(clock.pending()).toBe(1);
    other();
    expect(clock.pending()).toBe(0);
    await quiet();
  });

  test.each<[string, Answer]>([
    ['a refusal', json({ data: [{ id: MODEL, context_length: 32_000 }] }, 401)],
    ['a page', sends('<!doctype html>', { 'content-type': 'text/html' })],
    ['a redirect', sends('', { location: 'http://127.0.0.1:1/models' }, 302)],
    ['more than anybody lists', sends(`"${'x'.repeat(WINDOWS_BYTES_MAX)}"`)],
    ['a connection that breaks', (response) => response.destroy()],
  ])(
    'is not told by %s: no run fails of that, and it is not asked for again at once',
    async (_name, list) => {
      const { windows, run, clock, log, asked } = await listen(list);
      windows.ask();
      await until(() => log.lines.some((line) => line.includes('tells no windows')) && clock.pending() === 0);
      expect(windows.of(MODEL)).toBeUndefined();
      expect((await run()).end).toMatchObject({ kind: 'finished', usage: ESTIMATE });
      expect(asked()).toBe(1);
      expect(log.lines.join()).not.toContain(KEY);
    },
  );

  test('lesson 94 a window is given up on after its time', async () => {
    const { windows, clock, quiet, log, asked } = await listen(() => {});
    const unasked = windows.ask();
    await until(() => asked() === 1);
    await clock.advance(WINDOWS_MS_MAX);
    await quiet();
    await until(() => log.lines.length > 0);
    unasked();
    expect(windows.of(MODEL)).toBeUndefined();
  });

  test('lesson 94 P8 a key that can be no header reaches no line of the log', async () => {
    const log = createLogLines();
    const of = { base_url: 'http://127.0.0.1:1', api_key: 'sk-half\nof-a-secret' };
    createWindows({ endpoint: of, fetch: connectingFetch, clock: createManualClock(), log }).ask();
    await until(() => log.lines.length > 0);
    expect(log.lines.join()).not.toMatch(/half|secret/);
  });
});
