import { afterEach, describe, expect, test } from 'vitest';
import type { ModelUsage } from '../../src/agents/openai/model.ts';
import { createUsageCount } from '../../src/agents/openai/usage.ts';
import { usageSchema } from '../../src/protocol/index.ts';
import {
  type Answer,
  chunk,
  createEndpoint,
  DONE,
  type Endpoint,
  STOP,
  STREAM_HEADERS,
  sends,
} from './endpoint.ts';
import { KEY, runToEnd } from './openai-run.ts';

let endpoint: Endpoint | null = null;
afterEach(async () => {
  await endpoint?.close();
  endpoint = null;
});

async function against(answer: Answer) {
  endpoint = await createEndpoint(answer);
  const done = await runToEnd(endpoint.base_url);
  // P11: nothing idles behind a run.
  await endpoint.quiet();
  return done;
}

const HELLO = chunk({ role: 'assistant', content: 'Hel' }) + chunk({ content: 'lo' });
const HTML = '<!doctype html><title>Sign in</title>';

/** Sends what it is told, then breaks the connection. */
const breaksAfter =
  (bytes: string): Answer =>
  (response) => {
    response.writeHead(200, STREAM_HEADERS);
    response.write(bytes, () => response.destroy());
  };

const rubbish = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919 + 13) % 256);

describe('the end of a stream', () => {
  test.each<[string, Answer]>([
    ['finish_reason and [DONE]', sends(HELLO + STOP + DONE)],
    ['finish_reason without [DONE]', sends(HELLO + STOP)],
    ['[DONE] without finish_reason', sends(HELLO + DONE)],
    ['finish_reason with the last word', sends(chunk({ content: 'Hello' }, { finish_reason: 'stop' }))],
    ['no content type at all', sends(HELLO + STOP + DONE, {})],
    ['carriage returns', sends((HELLO + STOP + DONE).replaceAll('\n', '\r\n'))],
    ['comments in between', sends(`: hold on\n\n${HELLO}: still here\n\n${STOP}`)],
  ])('AG4 %s is an end', async (_name, answer) => {
    const { end, output } = await against(answer);
    expect(end.kind).toBe('finished');
    expect(output.text('token')).toBe('Hello');
  });

  test.each<[string, Answer, string]>([
    ['an end without either', sends(HELLO), 'Hello'],
    ['an immediate end', sends(''), ''],
    ['a connection that breaks', breaksAfter(HELLO), 'Hello'],
    ['a break in the middle of a frame', breaksAfter(HELLO + chunk({ content: '!' }).slice(0, 30)), 'Hello'],
    ['an end in the middle of a frame', sends(HELLO + STOP.slice(0, 40)), 'Hello'],
    ['a break after the finish_reason of a tool call', breaksAfter(toolCall('{"time_')), ''],
    ['[DONE] inside of text', sends(chunk({ content: '\ndata: [DONE]\n\n' })), '\ndata: [DONE]\n\n'],
  ])('AG4 %s is an interruption, and the text is kept', async (_name, answer, text) => {
    const { end, output } = await against(answer);
    expect(end).toMatchObject({ kind: 'failed', type: 'interrupted_stream' });
    expect(output.text('token')).toBe(text);
    expect(output.of('tool')).toEqual([]);
  });

  test.each<[string, Answer]>([
    ['half JSON', sends(`${HELLO}data: {"choices":[{"del\n\n${STOP}${DONE}`)],
    ['JSON that is no chunk', sends(`data: [1,2,3]\n\n${DONE}`)],
    ['rubbish bytes', sends(rubbish)],
    ['rubbish bytes without a type', sends(rubbish, {})],
    ['rubbish in a data line', sends(Buffer.concat([Buffer.from('data: '), rubbish, Buffer.from('\n\n')]))],
    ['a web page', sends(HTML, { 'content-type': 'text/html' })],
    ['a web page that calls itself a stream', sends(HTML)],
    [
      'one JSON document',
      sends('{"choices":[{"message":{"content":"hi"}}]}', { 'content-type': 'application/json' }),
    ],
    ['a redirect', sends('', { location: 'http://127.0.0.1:9/' }, 307)],
    ['a __proto__ key', sends(`data: {"choices":[],"__proto__":{"a":1}}\n\n${DONE}`)],
    [
      'a tool call without a name',
      sends(chunk({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }) + STOP),
    ],
    ['more tool calls than anybody needs', sends(manyCalls(65))],
  ])('AG4 %s is a bad response', async (_name, answer) => {
    const { end } = await against(answer);
    expect(end).toMatchObject({ kind: 'failed', type: 'bad_response' });
  });

  test.each<[string, Answer]>([
    ['a line without end', floods('x'.repeat(64 * 1024))],
    ['an answer without end', floods(`: ${'x'.repeat(64 * 1024)}\n`)],
    ['an error page without end', floods('x'.repeat(64 * 1024), 500)],
  ])('P10 %s is given up', async (_name, answer) => {
    const { end } = await against(answer);
    expect(end).toMatchObject({ kind: 'failed', type: expect.stringMatching(/bad_response|model_error/) });
  });

  test('AG3 an address where nobody listens is a network failure, named by its code', async () => {
    endpoint = await createEndpoint(sends(''));
    const { base_url } = endpoint;
    await endpoint.close();
    endpoint = null;
    const { end } = await runToEnd(base_url);
    expect(end).toMatchObject({
      kind: 'failed',
      type: 'network',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('AG3 a connection that is closed without a word is a network failure', async () => {
    const { end } = await against((response) => response.destroy());
    expect(end).toMatchObject({ kind: 'failed', type: 'network' });
  });

  test.each<[string, object | string, string]>([
    ['an overload', { error: { message: 'The server is overloaded', type: 'server_error' } }, 'model_error'],
    ['a rate limit', { error: { message: 'Rate limit reached', code: 429 } }, 'rate_limited'],
    ['a full context', { error: { message: 'prompt is too long: 9000 tokens' } }, 'context_exceeded'],
    ['a word', { error: 'model crashed' }, 'model_error'],
  ])('AG3 %s in the middle of a stream is told as what it is', async (_name, event, type) => {
    const { end, output } = await against(sends(`${HELLO}data: ${JSON.stringify(event)}\n\n${DONE}`));
    expect(end).toMatchObject({ kind: 'failed', type });
    expect(output.text('token')).toBe('Hello');
  });

  test.each([100, 199, 204, 304, 600, 999])('AG3 status %i is a typed failure', async (status) => {
    const { end } = await against((response) => {
      response.socket?.end(`HTTP/1.1 ${status} Odd\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    });
    expect(end.kind).toBe('failed');
  });
});

describe('usage', () => {
  test.each([
    ['fractions and negatives', { prompt_tokens: 3.4, completion_tokens: -1 }, { input_tokens: 3 }],
    ['nothing', null, undefined],
  ])('AG5 %s of an endpoint’s count stay out of the numbers', async (_name, usage, expected) => {
    const last = `data: ${JSON.stringify({ choices: [], usage })}\n\n`;
    const { end } = await against(sends(HELLO + STOP + last + DONE));
    expect(end.kind).toBe('finished');
    if (expected) expect(end.usage).toMatchObject(expected);
    else expect(end.usage).toBeUndefined();
    expect(end.usage ?? {}).not.toHaveProperty('output_tokens');
  });
});

describe('money', () => {
  const costing = (cost: unknown) =>
    chunk({ content: 'Hi' }) +
    STOP +
    `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 1, cost } })}\n\n`;

  test.each([0, 0.000_42, 3])('AG5 a cost of %d is taken through as it was told', async (cost) => {
    const { end, output } = await against(sends(costing(cost) + DONE));
    expect(end.usage).toMatchObject({ cost });
    expect(output.of('metering').at(-1)?.usage.cost).toBe(cost);
  });

  test.each([undefined, null, -1, '0.5', 1e300])('AG5 a cost of %j is no cost', async (cost) => {
    const { end } = await against(sends(costing(cost) + DONE));
    expect(end.usage).not.toHaveProperty('cost');
  });

  test('AG5 P3 the sums of a run can be told, whatever its requests say that they used', () => {
    const usage = createUsageCount('model', { ask: () => () => {}, of: () => undefined });
    const total = Number.MAX_SAFE_INTEGER;
    const told = {
      inputTokens: { total },
      outputTokens: { total },
      raw: { cost: total },
    } as unknown as ModelUsage;
    usage.add(told);
    usage.add(told);
    expect(usageSchema.parse(usage.value())).toMatchObject({ input_tokens: total, output_tokens: total });
  });
});

describe('the key', () => {
  test('AG6 it is sent to the endpoint, and nowhere else', async () => {
    await against(sends(HELLO + STOP + DONE));
    expect(endpoint?.requests[0]?.authorization).toBe(`Bearer ${KEY}`);
    expect(JSON.stringify(endpoint?.requests[0]?.body)).not.toContain(KEY);
  });

  // runToEnd fails when the key, a part of it or its base64 is in a frame, the end, the log or the description.
  test.each<[string, Answer]>([
    ['an error body', sends(JSON.stringify({ error: { message: `bad key ${KEY}` } }), {}, 400)],
    [
      'an error body in part',
      sends(JSON.stringify({ error: { message: `bad key ${KEY.slice(0, 9)}***${KEY.slice(-9)}` } }), {}, 400),
    ],
    ['an error body that is no JSON', sends(`<h1>${KEY}</h1>`, { 'content-type': 'text/html' }, 500)],
    ['base64', sends(JSON.stringify({ detail: Buffer.from(KEY).toString('base64') }), {}, 422)],
    ['the status of an error event', sends(`data: ${JSON.stringify({ error: { message: KEY } })}\n\n`)],
    ['half JSON', sends(`data: {"${KEY}":\n\n`)],
    ['the text', sends(chunk({ content: `your key is ${KEY}, right?` }) + STOP)],
    [
      'the text, cut in two',
      sends(
        chunk({ content: `your key is ${KEY.slice(0, 8)}` }) + chunk({ content: `${KEY.slice(8)}!` }) + STOP,
      ),
    ],
    [
      'the reasoning, letter by letter',
      sends([...KEY].map((letter) => chunk({ reasoning_content: letter })).join('') + STOP),
    ],
    [
      'a tool call',
      sends(toolCall(JSON.stringify({ time_zone: KEY })) + chunk({}, { finish_reason: 'tool_calls' })),
    ],
    ['a tool’s name', sends(toolCall('{}', KEY) + chunk({}, { finish_reason: 'tool_calls' }))],
    ['a location', sends('', { location: `http://127.0.0.1/${KEY}` }, 302)],
  ])('AG6 echoed in %s it does not come through', async (_name, answer) => {
    let isFirst = true;
    await against((response, request, nth) => {
      if (isFirst) answer(response, request, nth);
      else sends(STOP)(response, request, nth);
      isFirst = false;
    });
  });
});

function toolCall(args: string, name = 'current_time'): string {
  return chunk({
    tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name, arguments: args } }],
  });
}

function manyCalls(count: number): string {
  const calls = Array.from({ length: count }, (_, index) => ({
    index,
    id: `call_${index}`,
    function: { name: 'current_time', arguments: '{}' },
  }));
  return chunk({ tool_calls: calls }) + chunk({}, { finish_reason: 'tool_calls' });
}

/** Writes for ever, as fast as it is read. */
function floods(bytes: string, status = 200): Answer {
  return (response) => {
    response.writeHead(status, STREAM_HEADERS);
    const more = () => {
      while (!response.destroyed && response.write(bytes));
    };
    response.on('drain', more);
    more();
  };
}
