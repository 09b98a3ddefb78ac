import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  CONNECT_MS_MAX,
  createDeadline,
  FIRST_TOKEN_MS_MAX,
  SILENCE_MS_MAX,
} from '../../src/agents/openai/deadline.ts';
import { createManualClock, settled } from '../support/clock.ts';
import { type Answer, chunk, createEndpoint, type Endpoint, STOP, STREAM_HEADERS } from './endpoint.ts';
import { runToEnd, start, until } from './openai-run.ts';

let endpoint: Endpoint | null = null;
afterEach(async () => {
  await endpoint?.close();
  endpoint = null;
});

const listen = async (answer: Answer): Promise<Endpoint> => {
  endpoint = await createEndpoint(answer);
  return endpoint;
};

/** Takes the request and says nothing. */
const silent: Answer = () => {};
const headersOnly: Answer = (response) => {
  response.writeHead(200, STREAM_HEADERS);
  response.flushHeaders();
};
const oneWord: Answer = (response) => {
  response.writeHead(200, STREAM_HEADERS);
  response.write(chunk({ content: 'one ' }));
};

describe('deadlines', () => {
  test('AG7 a connection that does not stand within its bound is given up', async () => {
    // TCP is taken, TLS is never answered: what a fetch would call "still connecting" for minutes.
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(
        socket
          .on('close', () => sockets.delete(socket))
          .on('error', () => {})
          .resume(),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { run, clock } = start(`https://127.0.0.1:${port}/v1`);
    await until(() => sockets.size === 1);
    expect(clock.next()).toBe(CONNECT_MS_MAX);
    await clock.advance(CONNECT_MS_MAX);
    expect(await run.ended).toMatchObject({ kind: 'failed', type: 'connect_timeout' });
    expect(clock.pending()).toBe(0);
    await until(() => sockets.size === 0);
    server.close();
  });

  test.each([
    ['nothing', silent],
    ['headers only', headersOnly],
  ])('AG7 an endpoint that sends %s is given up after its bound, not before', async (_name, answer) => {
    const { base_url, requests, quiet } = await listen(answer);
    const { run, clock } = start(base_url);
    await until(() => requests.length === 1 && clock.next() === FIRST_TOKEN_MS_MAX);
    await clock.advance(FIRST_TOKEN_MS_MAX - 1);
    expect(clock.pending()).toBe(1);
    await clock.advance(1);
    expect(await run.ended).toMatchObject({ kind: 'failed', type: 'first_token_timeout' });
    expect(clock.pending()).toBe(0);
    await quiet();
  });

  test('AG7 comments are a sign of life, but no first token', async () => {
    const { base_url, quiet } = await listen((response) => {
      response.writeHead(200, STREAM_HEADERS);
      response.write(': processing\n\n');
    });
    const { run, clock, output } = start(base_url);
    await until(() => output.alives() >= 2);
    await clock.advance(FIRST_TOKEN_MS_MAX);
    expect(await run.ended).toMatchObject({ kind: 'failed', type: 'first_token_timeout' });
    await quiet();
  });

  test('AG7 a model that falls silent in the middle is given up, and its text is kept', async () => {
    let say: (text: string) => void = () => {};
    const { base_url, quiet } = await listen((response) => {
      response.writeHead(200, STREAM_HEADERS);
      say = (text) => response.write(chunk({ content: text }));
      say('one ');
    });
    const { run, clock, output } = start(base_url);
    await until(() => output.frames.length === 1);
    await clock.advance(SILENCE_MS_MAX - 1);
    say('two ');
    await until(() => output.frames.length === 2 && clock.next() === SILENCE_MS_MAX);
    await clock.advance(SILENCE_MS_MAX);
    expect(await run.ended).toMatchObject({ kind: 'failed', type: 'silence_timeout' });
    expect(output.text('token')).toBe('one two ');
    expect(clock.pending()).toBe(0);
    await quiet();
  });

  test('AG7 a journal that is slow to take a frame is no silence of the model’s', async () => {
    let goOn = () => {};
    const { base_url } = await listen((response) => {
      response.writeHead(200, STREAM_HEADERS);
      response.write(chunk({ content: 'one ' }));
      goOn = () => response.end(chunk({ content: 'two' }) + STOP);
    });
    let taken = () => {};
    const take = () =>
      new Promise<void>((resolve) => {
        taken = resolve;
      });
    const { run, clock, output } = start(base_url, { take });
    await until(() => output.frames.length === 1);
    await clock.advance(10 * SILENCE_MS_MAX);
    taken();
    goOn();
    await until(() => output.frames.length === 2);
    taken();
    expect(await run.ended).toMatchObject({ kind: 'finished' });
    expect(output.text('token')).toBe('one two');
    expect(clock.pending()).toBe(0);
  });

  test('AG7 once it is closed a deadline waits for nothing, whoever asks', () => {
    const clock = createManualClock();
    const deadline = createDeadline(clock, () => {});
    deadline.wait('connect_timeout');
    deadline.wait('first_token_timeout');
    expect(clock.pending()).toBe(1);
    deadline.close();
    deadline.wait('silence_timeout');
    expect(clock.pending()).toBe(0);
    expect(deadline.expired()).toBeNull();
  });
});

describe('stop and kill', () => {
  const ways = ['stop', 'kill'] as const;
  const moments: [string, Answer, number][] = [
    ['before the answer', silent, 0],
    ['before the first token', headersOnly, 0],
    ['in the middle', oneWord, 1],
  ];

  for (const way of ways)
    test.each(moments)(`P11 ${way} %s ends the run and its connection`, async (_name, answer, frames) => {
      const { base_url, requests, quiet } = await listen(answer);
      const { run, clock, output } = start(base_url);
      await until(() => requests.length === 1 && output.frames.length === frames);
      run[way]();
      run[way]();
      expect((await run.ended).kind).toBe('stopped');
      expect(clock.pending()).toBe(0);
      await quiet();
      expect(output.text('token')).toBe('one '.repeat(frames));
    });

  test.each(ways)('P11 %s before the first step sends no request at all', async (way) => {
    const { base_url, requests, sockets } = await listen(oneWord);
    const { run, clock } = start(base_url);
    run[way]();
    expect((await run.ended).kind).toBe('stopped');
    await settled();
    expect(clock.pending()).toBe(0);
    expect(requests).toHaveLength(0);
    expect(sockets()).toBe(0);
  });

  test('P11 a tool that never ends is left at a stop', async () => {
    const { base_url, quiet } = await listen((response) => {
      response.writeHead(200, STREAM_HEADERS);
      const call = { index: 0, id: 'a', function: { name: 'forever', arguments: '{}' } };
      response.end(chunk({ tool_calls: [call] }) + chunk({}, { finish_reason: 'tool_calls' }));
    });
    const parameters = { type: 'object' as const, properties: {}, additionalProperties: false as const };
    const forever = {
      description: '',
      parameters,
      preview: () => '',
      run: () => new Promise<never>(() => {}),
    };
    const { run, output } = start(base_url, {
      tools: new Map([['forever', { name: 'forever', ...forever }]]),
    });
    await until(() => output.of('tool').length === 1);
    run.stop();
    expect((await run.ended).kind).toBe('stopped');
    expect(output.of('tool_complete')).toEqual([]);
    await quiet();
  });
});

describe('back-pressure', () => {
  test('P10 frames that nobody takes hold the endpoint back, and a stop still works', async () => {
    let written = 0;
    const word = chunk({ content: 'x'.repeat(1000) });
    const { base_url, quiet } = await listen((response) => {
      response.writeHead(200, STREAM_HEADERS);
      const more = () => {
        while (!response.destroyed) {
          written += word.length;
          if (!response.write(word)) return;
        }
      };
      response.on('drain', more);
      more();
    });
    const { run, clock, output } = start(base_url, {
      take: (count) => (count > 5 ? new Promise(() => {}) : Promise.resolve()),
    });
    await until(() => output.frames.length === 6);
    // The kernel's buffers fill, then nothing moves: the endpoint's count stands still.
    for (let before = -1, still = 0; still < 200; still = before === written ? still + 1 : 0) {
      before = written;
      await settled();
    }
    expect(output.frames).toHaveLength(6);
    expect(output.outstandingMax()).toBe(1);
    expect(written).toBeLessThan(32 * 1024 * 1024);
    run.stop();
    expect((await run.ended).kind).toBe('stopped');
    expect(clock.pending()).toBe(0);
    await quiet();
  });
});

describe('settings', () => {
  test.each([
    [{ baseURL: undefined }, 'WEIR_OPENAI_BASE_URL'],
    [{ baseURL: '  ' }, 'WEIR_OPENAI_BASE_URL'],
    [{ baseURL: 'localhost:11434' }, 'WEIR_OPENAI_BASE_URL'],
    [{ baseURL: 'file:///etc/passwd' }, 'WEIR_OPENAI_BASE_URL'],
    [{ baseURL: 'http://me:hunter2hunter2@host/v1' }, 'user name'],
    [{ baseURL: 'http://host/v1?key=hunter2hunter2' }, 'query'],
    [{ model: undefined }, 'WEIR_OPENAI_MODEL'],
    [{ apiKey: 'hunter2\nhunter2' }, 'WEIR_OPENAI_API_KEY'],
  ])('AG8 with %o the agent is not available, says why, and a run of it fails', async (given, words) => {
    const { agent, end } = await runToEnd('http://127.0.0.1:9/v1', given);
    const description = agent.describe();
    expect(description).toMatchObject({
      agent: 'openai',
      available: false,
      reason: expect.stringContaining(words),
    });
    expect(JSON.stringify([description, end])).not.toContain('hunter2');
    expect(end).toMatchObject({ kind: 'failed', type: 'agent_unavailable' });
  });

  test('AG8 a session may choose the model; the endpoint is that of the settings', async () => {
    const { base_url, requests } = await listen((response) => {
      response.writeHead(200, STREAM_HEADERS);
      response.end(chunk({ content: 'hi' }) + STOP);
    });
    const { agent } = await runToEnd(base_url, { input: { model: 'llama-3.1-8b' }, apiKey: undefined });
    expect(requests[0]).toMatchObject({ authorization: undefined, body: { model: 'llama-3.1-8b' } });
    expect(agent.describe()).toMatchObject({ available: true, model: 'gpt-4o-mini' });
  });
});
