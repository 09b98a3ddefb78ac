import { afterEach, describe, expect, test } from 'vitest';
import { createOpenAiAgent } from '../../src/agents/openai/agent.ts';
import { createTools } from '../../src/agents/openai/tools.ts';
import { connectingFetch } from '../../src/agents/openai/transport.ts';
import { createManualClock } from '../support/clock.ts';
import { type Answer, createEndpoint, type Endpoint, sends } from './endpoint.ts';
import { KEY, until, untold } from './openai-run.ts';
import { createLogLines, input } from './recorder.ts';

let endpoint: Endpoint | null = null;
afterEach(async () => {
  await endpoint?.close();
  endpoint = null;
});

async function ask(answer: Answer, signal = new AbortController().signal) {
  endpoint = await createEndpoint(answer);
  const clock = createManualClock();
  const log = createLogLines();
  const agent = createOpenAiAgent({
    baseURL: endpoint.base_url,
    apiKey: KEY,
    model: 'gpt-4o-mini',
    fetch: connectingFetch,
    windows: untold,
    tools: createTools({ clock }),
    clock,
    log,
  });
  const title = agent.title!(input(`hello ${'long '.repeat(5000)}`), 'the answer', signal);
  return { title, clock, log };
}

const says = (content: string): Answer =>
  sends(JSON.stringify({ choices: [{ message: { content }, finish_reason: 'stop' }] }), {
    'content-type': 'application/json',
  });

describe('title', () => {
  test.each([
    ['A Small Weir', 'A Small Weir'],
    ['"Title: A Small Weir."\n\nHope this helps!', 'A Small Weir'],
    ['<think>let me think\nabout it</think>\n**A Small Weir**', 'A Small Weir'],
    ['<think>never ends', null],
    ['   \n ', null],
    [`x${'y'.repeat(500)}`, `x${'y'.repeat(79)}`],
    [`Key ${KEY}`, 'Key [redacted]'],
  ])('AG10 of %o it takes %o', async (content, expected) => {
    const { title, clock } = await ask(says(content));
    expect(await title).toBe(expected);
    expect(clock.pending()).toBe(0);
    await endpoint?.quiet();
  });

  test('AG10 the request is small, and offers no tools', async () => {
    await (await ask(says('x'))).title;
    const { body } = endpoint!.requests[0]!;
    expect(JSON.stringify(body).length).toBeLessThan(6000);
    expect(body.max_tokens).toBeLessThan(100);
    expect(body).not.toHaveProperty('tools');
  });

  test.each<[string, Answer]>([
    ['an error', sends(JSON.stringify({ error: { message: `no ${KEY}` } }), {}, 400)],
    ['a web page', sends('<html>', { 'content-type': 'text/html' })],
    ['a broken connection', (response) => response.destroy()],
  ])('AG10 %s gives no title, and no key in the log', async (_name, answer) => {
    const { title, clock, log } = await ask(answer);
    expect(await title).toBeNull();
    expect(clock.pending()).toBe(0);
    expect(log.lines.join()).not.toContain(KEY);
    await endpoint?.quiet();
  });

  test('AG10 a caller who gives up gets null at once, and the connection is closed', async () => {
    const control = new AbortController();
    const { title, clock } = await ask(() => {}, control.signal);
    await until(() => endpoint!.requests.length === 1);
    control.abort();
    expect(await title).toBeNull();
    expect(clock.pending()).toBe(0);
    await endpoint?.quiet();
  });
});
