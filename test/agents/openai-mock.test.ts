import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { KEY, runToEnd } from './openai-run.ts';

const mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent' });
const url = () => `${mock.url}/v1`;

beforeAll(async () => {
  await mock.start();
});
afterAll(async () => {
  await mock.stop();
});
beforeEach(() => {
  mock.reset();
});

const STORY = 'Once upon a time there was a small weir, and the water went over it. '.repeat(8);

describe('a model protocol, as a mock speaks it', () => {
  test('AG1 text streams into token frames, in order, and the run finishes with its usage', async () => {
    mock.onMessage(
      'story',
      { content: STORY, usage: { prompt_tokens: 12, completion_tokens: 120 } },
      { chunkSize: 7 },
    );
    const { end, output } = await runToEnd(url(), { text: 'a story please' });
    expect(output.text('token')).toBe(STORY);
    expect(output.of('token').length).toBeGreaterThan(20);
    const usage = {
      input_tokens: 12,
      output_tokens: 120,
      last_prompt_tokens: 12,
      context_length: 128_000,
      context_estimated: true,
    };
    expect(end).toEqual({ kind: 'finished', usage });
    expect(output.of('metering')).toEqual([{ usage }]);
    expect(output.alives()).toBeGreaterThan(0);
    expect(mock.getLastRequest()?.headers?.authorization).not.toBe(undefined);
    expect(mock.getLastRequest()?.body).toMatchObject({ model: 'gpt-4o-mini', stream: true });
  });

  test('AG1 reasoning becomes reasoning frames, before the text', async () => {
    mock.onMessage(
      'think',
      { content: 'It is 42.', reasoning: 'Six times seven is forty-two.' },
      { chunkSize: 5 },
    );
    const { end, output } = await runToEnd(url(), { text: 'think', model: 'deepseek-reasoner' });
    expect(end.kind).toBe('finished');
    expect(output.text('reasoning')).toBe('Six times seven is forty-two.');
    expect(output.text('token')).toBe('It is 42.');
    const order = output.frames.map((frame) => frame.event);
    expect(order.lastIndexOf('reasoning')).toBeLessThan(order.indexOf('token'));
  });

  test('AG2 a tool is called, its result goes back, and the model answers with it', async () => {
    mock.on(
      { userMessage: 'time', hasToolResult: false },
      {
        toolCalls: [{ id: 'call_7', name: 'current_time', arguments: { time_zone: 'Asia/Tokyo' } }],
        usage: { prompt_tokens: 10, completion_tokens: 5 },
      },
    );
    mock.on(
      { userMessage: 'time', hasToolResult: true },
      {
        content: 'It is morning in Tokyo.',
        usage: { prompt_tokens: 40, completion_tokens: 6 },
      },
    );
    const { end, output } = await runToEnd(url(), { text: 'what time is it?' });
    expect(output.of('tool')).toEqual([
      { tid: 'call_7', name: 'current_time', preview: 'Asia/Tokyo', args: { time_zone: 'Asia/Tokyo' } },
    ]);
    expect(output.of('tool_complete')).toMatchObject([
      {
        tid: 'call_7',
        is_error: false,
        result: {
          utc: '2023-11-14T22:13:20.000Z',
          time_zone: 'Asia/Tokyo',
          local: expect.stringContaining('15 November'),
        },
      },
    ]);
    expect(output.text('token')).toBe('It is morning in Tokyo.');
    expect(end).toMatchObject({
      kind: 'finished',
      usage: { input_tokens: 50, output_tokens: 11, last_prompt_tokens: 40 },
    });
    const { messages } = mock.getLastRequest()!.body as {
      messages: { role: string; tool_call_id?: string }[];
    };
    expect(messages.map((message) => message.role)).toEqual(['user', 'assistant', 'tool']);
    expect(messages[2]).toMatchObject({
      tool_call_id: 'call_7',
      content: expect.stringContaining('Asia/Tokyo'),
    });
  });

  test('AG2 a refused argument and an unknown tool are told to the model, and the run goes on', async () => {
    mock.on(
      { userMessage: 'odd', hasToolResult: false },
      {
        toolCalls: [
          { id: 'a', name: 'current_time', arguments: { time_zone: 'Atlantis/Centre' } },
          { id: 'b', name: 'launch_rocket', arguments: {} },
          { id: 'c', name: 'current_time', arguments: '{"time_zone":' },
        ],
      },
    );
    mock.on({ userMessage: 'odd', hasToolResult: true }, { content: 'Sorry.' });
    const { end, output } = await runToEnd(url(), { text: 'odd' });
    expect(end.kind).toBe('finished');
    expect(output.of('tool_complete').map(({ tid, is_error }) => [tid, is_error])).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
    ]);
    const { messages } = mock.getLastRequest()!.body as { messages: { role: string; content: string }[] };
    expect(messages.filter(({ role }) => role === 'tool').map(({ content }) => content)).toEqual([
      expect.stringContaining('no such time zone'),
      expect.stringContaining('no such tool'),
      expect.stringContaining('no valid JSON'),
    ]);
  });

  test('AG2 a model that never stops calling tools is stopped by the bound', async () => {
    mock.onMessage('loop', { toolCalls: [{ name: 'current_time', arguments: {} }] });
    const { end, output } = await runToEnd(url(), { text: 'loop' });
    expect(end).toMatchObject({ kind: 'failed', type: 'tool_rounds_spent' });
    expect(mock.getRequests()).toHaveLength(17);
    const tids = output.of('tool').map((tool) => tool.tid);
    expect(tids).toHaveLength(16);
    expect(new Set(tids).size).toBe(16);
  });

  test.each([
    [401, { message: `Incorrect API key provided: ${KEY}`, code: 'invalid_api_key' }, 'auth'],
    [403, { message: `The key ${KEY.slice(0, 14)}… may not do that` }, 'auth'],
    [404, { message: 'The model `gpt-9` does not exist', code: 'model_not_found' }, 'not_found'],
    [429, { message: `Rate limit reached for ${KEY}`, type: 'requests' }, 'rate_limited'],
    [429, { message: 'You exceeded your current quota', code: 'insufficient_quota' }, 'quota_spent'],
    [
      400,
      { message: "This model's maximum context length is 8192 tokens", code: 'context_length_exceeded' },
      'context_exceeded',
    ],
    [400, { message: `Unknown field for ${encodeURIComponent(KEY)}` }, 'request_refused'],
    [500, { message: `Internal error, Authorization: Bearer ${KEY}` }, 'model_error'],
    [503, { message: 'Overloaded' }, 'model_error'],
  ])('AG3 HTTP %i with %o fails the run as %s, and the key stays here', async (status, body, type) => {
    mock.nextRequestError(status, body);
    const { end, output, log } = await runToEnd(url());
    expect(end).toMatchObject({ kind: 'failed', type, message: expect.stringContaining(`HTTP ${status}`) });
    expect((end as { hint?: string }).hint).toBeTruthy();
    expect((end as { message: string }).message.length).toBeLessThan(400);
    if (type === 'auth')
      expect((end as { message: string }).message).toBe(`The endpoint refused the key (HTTP ${status}).`);
    expect(output.frames).toEqual([]);
    expect(log.lines.join()).toContain(type);
  });

  test('AG3 a rate limit that says when is told with when', async () => {
    mock.onMessage('hello', { error: { message: 'slow down' }, status: 429, retryAfter: 7 });
    const { end } = await runToEnd(url());
    expect(end).toMatchObject({ type: 'rate_limited', hint: 'Try again in 7 s.' });
  });

  test('AG4 a stream that is cut after a few chunks is an interruption, and its text is kept', async () => {
    mock.onMessage('story', { content: STORY }, { chunkSize: 7, latency: 2, truncateAfterChunks: 5 });
    const { end, output } = await runToEnd(url(), { text: 'story' });
    expect(end).toMatchObject({ kind: 'failed', type: 'interrupted_stream' });
    expect(output.text('token').length).toBeGreaterThan(0);
    expect(STORY.startsWith(output.text('token'))).toBe(true);
  });

  test.each([
    ['malformedRate', 'bad_response'],
    ['rateLimitRate', 'rate_limited'],
    ['dropRate', 'model_error'],
    ['disconnectRate', 'network'],
  ])('AG4 the mock’s own fault %s ends as %s', async (rate, type) => {
    mock.onMessage('hello', { content: 'hi' }, { chaos: { [rate]: 1 } });
    const { end } = await runToEnd(url());
    expect(end).toMatchObject({ kind: 'failed', type });
  });

  test('AG1 an answer that ends at the output limit says so', async () => {
    mock.onMessage('hello', { content: 'half a sent', finishReason: 'length' });
    const { end, output } = await runToEnd(url());
    expect(end.kind).toBe('finished');
    expect(output.of('warning')).toEqual([expect.objectContaining({ type: 'output_limit' })]);
  });
});
