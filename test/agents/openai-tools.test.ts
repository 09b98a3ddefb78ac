// The tools that ask a person, as a model uses them: through the endpoint, the page's frames and the log of what was asked.
import { afterEach, describe, expect, test } from 'vitest';
import type { ProcessGroup, SpawnGroup } from '../../src/agents/openai/process-group.ts';
import { createTools } from '../../src/agents/openai/tools.ts';
import { createManualClock } from '../support/clock.ts';
import { chunk, createEndpoint, type Endpoint, STOP, STREAM_HEADERS } from './endpoint.ts';
import { start, until } from './openai-run.ts';
import type { ApprovalEnd, ClarifyEnd, Script } from './recorder.ts';
import { allowed, spawnGroup, workFolder } from './shell-run.ts';

let endpoint: Endpoint | null = null;
afterEach(async () => {
  await endpoint?.close();
  endpoint = null;
});

type Call = [id: string, name: string, args: string];

interface Told {
  role: string;
  tool_call_id?: string;
  content: string;
}

/** A model that makes these calls, then says "done". */
async function listen(calls: Call[]): Promise<Endpoint> {
  const tool_calls = calls.map(([id, name, args], index) => ({
    index,
    id,
    function: { name, arguments: args },
  }));
  endpoint = await createEndpoint((response, _request, nth) => {
    response.writeHead(200, STREAM_HEADERS);
    if (nth === 1) response.end(chunk({ tool_calls }) + chunk({}, { finish_reason: 'tool_calls' }));
    else response.end(chunk({ content: 'done' }) + STOP);
  });
  return endpoint;
}

async function begin(calls: Call[], script: Script = {}, spawn: SpawnGroup = spawnGroup) {
  const { base_url, requests } = await listen(calls);
  const clock = createManualClock();
  const tools = createTools({ clock, shell: { folder: workFolder, spawn } });
  const started = start(base_url, { tools, clock, script });
  let isOver = false;
  void started.run.ended.then(() => {
    isOver = true;
  });
  return {
    ...started,
    requests,
    offered: () =>
      (requests[0]!.body.tools as { function: { name: string } }[]).map((each) => each.function.name),
    /** what the model reads of its calls */
    told: () => (requests[1]!.body.messages as Told[]).filter(({ role }) => role === 'tool'),
    async finish() {
      while (!isOver) {
        await until(() => isOver || (clock.next() ?? Number.POSITIVE_INFINITY) <= 100);
        if (!isOver) await clock.advance(clock.next()!);
      }
      expect(clock.pending()).toBe(0);
      return started.run.ended;
    },
  };
}

const json = JSON.stringify;
const by = 'tab1';

describe('clarify', () => {
  test('AG11 a question goes to a person with its call, and the answer goes to the model', async () => {
    const asking = await begin(
      [['c1', 'clarify', json({ question: 'Which one?', choices: ['a', 'b'], multiple: true })]],
      { clarify: () => ({ kind: 'answered', answer: { choices: ['b'] }, by }) },
    );
    expect(await asking.finish()).toMatchObject({ kind: 'finished' });
    expect(asking.output.asked.clarify).toEqual([
      { question: 'Which one?', choices_offered: ['a', 'b'], multiple: true, tool_call_id: 'c1' },
    ]);
    expect(asking.output.of('tool')).toMatchObject([{ tid: 'c1', name: 'clarify', preview: 'Which one?' }]);
    expect(asking.output.of('tool_complete')).toMatchObject([
      { tid: 'c1', is_error: false, result: { kind: 'answered', choices: ['b'] } },
    ]);
    expect(asking.told()).toEqual([
      { role: 'tool', tool_call_id: 'c1', content: json({ kind: 'answered', choices: ['b'] }) },
    ]);
    expect(asking.output.text('token')).toBe('done');
  });

  test.each<ClarifyEnd>([
    { kind: 'declined', by },
    { kind: 'expired' },
    { kind: 'cancelled' },
    { kind: 'too_many' },
    { kind: 'refused', reason: 'question: Too big' },
  ])('AG11 that a question ended as %o is told to the model, and the run goes on', async (end) => {
    const asking = await begin([['c1', 'clarify', json({ question: 'Which?', choices: null })]], {
      clarify: () => end,
    });
    expect(await asking.finish()).toMatchObject({ kind: 'finished' });
    expect(JSON.parse(asking.told()[0]!.content)).toEqual({ kind: end.kind, note: expect.any(String) });
    expect(asking.output.asked.clarify).toEqual([{ question: 'Which?', tool_call_id: 'c1' }]);
    expect(asking.told()[0]!.content).not.toContain(by);
  });

  test.each(['stop', 'kill'] as const)('P11 a %s while it asks ends the run', async (way) => {
    const asking = await begin([['c1', 'clarify', json({ question: 'Which?' })]]);
    await until(() => asking.output.asked.clarify.length === 1);
    asking.run[way]();
    expect(await asking.finish()).toMatchObject({ kind: 'stopped' });
    expect(asking.output.of('tool_complete')).toEqual([]);
    expect(asking.requests).toHaveLength(1);
  });
});

describe('shell', () => {
  test('AG12 it is offered when a folder is set, and not otherwise', async () => {
    const { requests, finish, offered } = await begin([]);
    await finish();
    expect(offered()).toEqual(['current_time', 'clarify', 'shell']);
    expect(json(requests[0]!.body.tools)).toContain(workFolder);
    expect([...createTools({ clock: createManualClock() }).keys()]).toEqual(['current_time', 'clarify']);
  });

  test('AG12 leave is asked for the very command, and what came of it goes to the model', async () => {
    const asking = await begin([['c1', 'shell', json({ command: 'echo hi; exit 2', timeout_seconds: 7 })]], {
      approve: () => allowed,
    });
    expect(await asking.finish()).toMatchObject({ kind: 'finished' });
    expect(asking.output.asked.approve).toEqual([
      {
        tool: 'shell',
        command: 'echo hi; exit 2',
        description: `Run this command in ${workFolder}, for at most 7 s.`,
        args: { command: 'echo hi; exit 2' },
        cwd: workFolder,
        tool_call_id: 'c1',
      },
    ]);
    const result = { exit_code: 2, output: 'hi\n' };
    expect(asking.output.of('tool_complete')).toMatchObject([{ tid: 'c1', is_error: true, result }]);
    expect(asking.output.of('tool_update')).toEqual([{ tid: 'c1', output: 'hi\n' }]);
    expect(JSON.parse(asking.told()[0]!.content)).toEqual(result);
  });

  const denied = (option_kind: 'reject_once' | 'reject_always', feedback?: string): ApprovalEnd => ({
    kind: 'answered',
    answer: { option_id: 'deny', option_kind, ...(feedback ? { feedback } : {}) },
    by,
  });
  test.each<[ApprovalEnd, string]>([
    [denied('reject_once'), 'The user denied this command.'],
    [denied('reject_always', 'use trash instead'), 'The user denied this command: use trash instead'],
    [{ kind: 'declined', by }, 'The user denied this command.'],
    [{ kind: 'expired' }, 'Nobody allowed this command in time; it was not run.'],
    [{ kind: 'cancelled' }, 'The question whether to run this command was withdrawn; it was not run.'],
    [{ kind: 'too_many' }, 'Too many approvals are waiting; the command was not run.'],
    [
      { kind: 'refused', reason: 'cwd: Too big' },
      'Nobody was asked, and the command was not run. cwd: Too big',
    ],
  ])('AG12 with %o nothing is run, and the model is told', async (end, words) => {
    const spawned: string[] = [];
    const spawn = (command: string): ProcessGroup => {
      spawned.push(command);
      return spawnGroup('exit 0', workFolder);
    };
    const asking = await begin(
      [['c1', 'shell', json({ command: 'rm -rf x' })]],
      { approve: () => end },
      spawn,
    );
    expect(await asking.finish()).toMatchObject({ kind: 'finished' });
    expect(spawned).toEqual([]);
    expect(asking.output.of('tool_complete')).toMatchObject([{ is_error: true, result: words }]);
    expect(asking.told()).toMatchObject([{ content: words }]);
  });

  test('AG12 leave that comes in the moment of a stop starts nothing', async () => {
    const spawned: string[] = [];
    const spawn: SpawnGroup = (command, folder) => {
      spawned.push(command);
      return spawnGroup(command, folder);
    };
    let leave: (end: ApprovalEnd) => void = () => {};
    const approve = () => new Promise<ApprovalEnd>((resolve) => (leave = resolve));
    const asking = await begin([['c1', 'shell', json({ command: 'exit 0' })]], { approve }, spawn);
    await until(() => asking.output.asked.approve.length === 1);
    leave(allowed);
    asking.run.stop();
    expect(await asking.finish()).toMatchObject({ kind: 'stopped' });
    expect(spawned).toEqual([]);
  });
});

describe('arguments that are none', () => {
  test.each([
    '',
    '{',
    'null',
    '[]',
    '5',
    '"ls"',
    '{}',
    '{"command":5,"question":5}',
    '{"command":"","question":""}',
    '{"command":" ","question":null}',
    '{"command":"a\\u0000b","question":["a"]}',
    '{"command":"ls","timeout_seconds":0,"question":"q","choices":"a"}',
    '{"command":"ls","timeout_seconds":601,"question":"q","choices":[""]}',
    '{"command":"ls","timeout_seconds":1.5,"question":"q","choices":[1]}',
    '{"command":"ls","timeout_seconds":"9","question":"q","multiple":"yes"}',
    json({ command: 'x'.repeat(40_000), question: 'q'.repeat(40_000) }),
    json({ command: 'ls', timeout_seconds: -1, question: 'q', choices: new Array(51).fill('c') }),
    '{"__proto__":{"command":"ls","question":"q"}}',
  ])('AG2 of %s the model is told what is wrong, nobody is asked and nothing is run', async (args) => {
    const asking = await begin([
      ['c1', 'shell', args],
      ['c2', 'clarify', args],
    ]);
    expect(await asking.finish()).toMatchObject({ kind: 'finished' });
    expect(asking.output.asked).toEqual({ clarify: [], approve: [] });
    expect(asking.output.of('tool_complete').map(({ is_error }) => is_error)).toEqual([true, true]);
    for (const { content } of asking.told())
      expect(content).toMatch(/no valid JSON|^The arguments do not fit.*: (shell|clarify) takes \{/);
  });
});
