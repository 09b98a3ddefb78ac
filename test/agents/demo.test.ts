import { describe, expect, test } from 'vitest';
import { createDemoAgent } from '../../src/agents/demo/agent.ts';
import { parseDirectives } from '../../src/agents/demo/directives.ts';
import { sceneTitle } from '../../src/agents/demo/scene.ts';
import type { AgentEnd, AgentRun } from '../../src/agents/port.ts';
import { guessTitle } from '../../src/journal/admission.ts';
import type { ClarifyAnswer, OptionKind } from '../../src/protocol/index.ts';
import { createManualClock, type ManualClock, settled } from '../support/clock.ts';
import {
  type ApprovalEnd,
  type ClarifyEnd,
  createLogLines,
  createRecorder,
  input,
  type Recorder,
  type Script,
} from './recorder.ts';

interface Played {
  clock: ManualClock;
  output: Recorder;
  run: AgentRun;
  /** how it ended; null: not yet */
  end(): AgentEnd | null;
}

function start(text: string, take?: (count: number) => Promise<void>, script?: Script): Played {
  const clock = createManualClock();
  const output = createRecorder(take, script);
  const run = createDemoAgent({ clock, log: createLogLines() }).run(input(text), output);
  let end: AgentEnd | null = null;
  void run.ended.then((how) => {
    end = how;
  });
  return { clock, output, run, end: () => end };
}

/** Lets the clock run until the run has ended, at most `bound_ms`; gives what it took. */
async function play(played: Played, bound_ms = 60_000): Promise<number> {
  const { clock, end } = played;
  const began = clock.now();
  await settled();
  while (!end() && clock.next() !== null && clock.now() - began < bound_ms)
    await clock.advance(clock.next()!);
  return clock.now() - began;
}

const counted = (n: number): string => Array.from({ length: n }, (_, i) => `${i + 1} `).join('');

describe('drill', () => {
  test('DM2 tokens=N gives exactly N token frames, numbered, and nothing else', async () => {
    const played = start('tokens=1000');
    await play(played);
    expect(played.output.frames).toHaveLength(1000);
    expect(played.output.text('token')).toBe(counted(1000));
    expect(played.end()).toMatchObject({
      kind: 'finished',
      usage: { context_length: 8192, context_estimated: true },
    });
    expect(played.end()).not.toHaveProperty('title');
    expect(played.clock.pending()).toBe(0);
  });

  test('DM2 tokens=N is N tokens in the usage, too; what else was said is estimated by its length', async () => {
    const outputOf = async (message: string) => {
      const played = start(message);
      await play(played);
      return played.end()?.usage?.output_tokens;
    };
    for (const tokens of [0, 1, 5, 300]) expect(await outputOf(`tokens=${tokens}`)).toBe(tokens);
    expect(await outputOf('tokens=30 tools=3 fail=x@10')).toBe(10);
    // `thought 1 thought 2 ` has 20 characters.
    expect(await outputOf('tokens=5 reasoning=2')).toBe(10);
  });

  test('DM2 rate=0 lets the rest of the process have its turn', async () => {
    const played = start('tokens=10000 rate=0');
    await settled();
    expect(played.output.frames.length).toBeGreaterThan(0);
    expect(played.output.frames.length).toBeLessThan(1000);
    await play(played);
    expect(played.output.frames).toHaveLength(10_000);
  });

  test.each([1, 7, 40, 1000, 5000])('DM2 rate=%i is kept on the long run', async (rate) => {
    const played = start(`tokens=${rate * 4 + 1} rate=${rate}`);
    const took = await play(played);
    expect(took).toBeGreaterThan(3990);
    expect(took).toBeLessThan(4010);
  });

  test('DM2 rate=R is kept when every timer is late', async () => {
    const played = start('tokens=401 rate=100');
    const began = played.clock.now();
    while (!played.end()) await played.clock.advance(37);
    expect(played.clock.now() - began).toBeLessThan(4000 + 2 * 37);
  });

  test.each([3_600_000, -3_600_000])('DM2 a wall clock that jumps by %i ms changes nothing', async (jump) => {
    const played = start('tokens=101 rate=10');
    await played.clock.advance(2000);
    const before = played.output.frames.length;
    played.clock.jump(jump);
    await played.clock.advance(1000);
    expect(played.output.frames.length - before).toBeGreaterThanOrEqual(9);
    expect(played.output.frames.length - before).toBeLessThanOrEqual(11);
    await played.clock.advance(7200);
    expect(played.end()?.kind).toBe('finished');
  });

  test('DM2 reasoning and tools come as told, each tool with its end, spread evenly', async () => {
    const played = start('tokens=9 reasoning=3 tools=2');
    await play(played);
    expect(played.output.frames.map((frame) => frame.event).join(' ')).toBe(
      'reasoning reasoning reasoning token token token tool tool_complete token token token tool tool_complete token token token',
    );
    const tids = played.output.of('tool').map((tool) => tool.tid);
    expect(new Set(tids).size).toBe(2);
    expect(played.output.of('tool_complete').map((tool) => tool.tid)).toEqual(tids);
  });

  test.each([
    ['fail=overloaded@3 tokens=9', 3],
    ['fail=overloaded@3', 3],
    ['fail=overloaded@0', 0],
    ['fail=overloaded@99 tokens=9', 9],
  ])('DM2 %s fails after %i tokens', async (text, n) => {
    const played = start(text);
    await play(played);
    expect(played.output.text('token')).toBe(counted(n));
    expect(played.end()).toMatchObject({ kind: 'failed', type: 'overloaded' });
  });

  test('DM2 stall=S@N is silent for S seconds, and the rate is as before', async () => {
    const played = start('tokens=20 rate=10 stall=30@10');
    await played.clock.advance(1500);
    expect(played.output.frames).toHaveLength(10);
    await played.clock.advance(29_000);
    expect(played.output.frames).toHaveLength(10);
    await played.clock.advance(1000);
    expect(played.output.frames.length).toBeGreaterThan(10);
    expect(played.output.frames.length).toBeLessThan(19);
    await played.clock.advance(1000);
    expect(played.end()?.kind).toBe('finished');
  });

  test('DM2 hang@N is silent for ever and deaf to stop; kill ends it', async () => {
    const played = start('tokens=9 hang@4');
    await played.clock.advance(3_600_000);
    expect(played.output.text('token')).toBe(counted(4));
    played.run.stop();
    played.run.stop();
    await played.clock.advance(3_600_000);
    expect(played.end()).toBeNull();
    played.run.kill();
    expect((await played.run.ended).kind).toBe('stopped');
    expect(played.clock.pending()).toBe(0);
  });

  test('DM2 a stop before the place of the hang is heard', async () => {
    const played = start('tokens=100 rate=10 hang@50');
    await played.clock.advance(1000);
    played.run.stop();
    expect((await played.run.ended).kind).toBe('stopped');
  });

  test('DM2 title="…" is the title of the end', async () => {
    const played = start('tokens=1 title="A \\"good\\" one"');
    await play(played);
    expect(played.end()).toMatchObject({ kind: 'finished', title: 'A "good" one' });
  });

  test('DM2 what is over a bound is cut and said', async () => {
    const played = start('tokens=2 tools=20000 fail=x@1');
    await play(played);
    expect(played.output.of('warning')).toEqual([
      { type: 'demo_bound', message: expect.stringContaining('tools=20000') },
    ]);
  });
});

const by = 'tab1';
const answered = (answer: ClarifyAnswer) => ({ kind: 'answered' as const, answer, by });
const granted = (option_kind: OptionKind, feedback?: string) => ({
  kind: 'answered' as const,
  answer: { option_id: 'o', option_kind, ...(feedback ? { feedback } : {}) },
  by,
});

describe('prompts', () => {
  test('DM4 questions and approvals come before the last tenth, in order, one at a time', async () => {
    const played = start('tokens=20 ask="which?|a|b" approve="rm -rf x" ask="why?"', undefined, {
      clarify: (_ask, nth) => answered(nth === 1 ? { choices: ['a', 'b'] } : { response: 'because' }),
      approve: () => granted('allow_once'),
    });
    await play(played);
    expect(played.output.asked.clarify).toEqual([
      { question: 'which?', choices_offered: ['a', 'b'] },
      { question: 'why?', choices_offered: [] },
    ]);
    expect(played.output.asked.approve).toMatchObject([
      { tool: 'shell', command: 'rm -rf x', args: { command: 'rm -rf x' } },
    ]);
    expect(played.output.text('token')).toBe(
      `${counted(18)}answer: a, b approval: once answer: because 19 20 `,
    );
    expect(played.end()?.kind).toBe('finished');
  });

  test.each([0, 1, 5, 10, 999])('DM4 of %i tokens the last tenth comes after the answer', async (tokens) => {
    const played = start(`tokens=${tokens} ask=q`, undefined, { clarify: () => answered({ response: 'r' }) });
    await play(played);
    const texts = played.output.of('token').map(({ text }) => text);
    expect(texts).toHaveLength(tokens + 1);
    expect(texts.indexOf('answer: r ')).toBe(Math.floor(tokens * 0.9));
  });

  test.each<[ClarifyEnd, string]>([
    [answered({ response: 'the left one' }), 'the left one'],
    [answered({ response: '' }), ''],
    [answered({ choices: ['a', 'b'] }), 'a, b'],
    [answered({ content: { n: 3, deep: [1] } }), '{"n":3,"deep":[1]}'],
    [{ kind: 'declined', by }, 'declined'],
    [{ kind: 'expired' }, 'expired'],
    [{ kind: 'cancelled' }, 'cancelled'],
    [{ kind: 'too_many' }, 'too_many'],
    [{ kind: 'refused', reason: 'question: Too big' }, 'refused'],
  ])('DM4 a question that ends as %o is echoed as "answer: %s"', async (end, words) => {
    const played = start('ask=q', undefined, { clarify: () => end });
    await play(played);
    expect(played.output.text('token')).toBe(`answer: ${words} `);
  });

  test.each<[ApprovalEnd, string]>([
    [granted('allow_once'), 'once'],
    [granted('allow_session'), 'session'],
    [granted('allow_always'), 'always'],
    [granted('reject_once'), 'deny'],
    [granted('reject_always', 'not on a Friday'), 'deny not on a Friday'],
    [{ kind: 'expired' }, 'expired'],
    [{ kind: 'too_many' }, 'too_many'],
  ])('DM4 an approval that ends as %o is echoed as "approval: %s"', async (end, words) => {
    const played = start('approve="rm x"', undefined, { approve: () => end });
    await play(played);
    expect(played.output.text('token')).toBe(`approval: ${words} `);
  });

  test.each([8000, 3_000_000])('DM4 the %i ms that an answer took are not made up for', async (took_ms) => {
    let answer: (end: ClarifyEnd) => void = () => {};
    const clarify = () =>
      new Promise<ClarifyEnd>((resolve) => {
        answer = resolve;
      });
    const played = start('tokens=100 rate=10 ask=q', undefined, { clarify });
    await played.clock.advance(10_000);
    expect(played.output.text('token')).toBe(counted(90));
    await played.clock.advance(took_ms);
    expect(played.output.frames).toHaveLength(90);
    expect(played.clock.pending()).toBe(0);
    answer(answered({ response: 'r' }));
    await played.clock.advance(500);
    expect(played.output.frames.length).toBeGreaterThan(90);
    expect(played.output.frames.length).toBeLessThan(98);
    await play(played);
    expect(played.output.frames).toHaveLength(101);
  });

  for (const way of ['stop', 'kill'] as const)
    test.each(['ask=q', 'approve=c'])(`DM4 a ${way} while it asks with %s ends the run`, async (text) => {
      const played = start(`tokens=10 ${text}`);
      await settled();
      expect([...played.output.asked.clarify, ...played.output.asked.approve]).toHaveLength(1);
      played.run[way]();
      expect((await played.run.ended).kind).toBe('stopped');
      expect(played.output.text('token')).toBe(counted(9));
      expect(played.clock.pending()).toBe(0);
    });
});

describe('scene', () => {
  test('DM3 without directives it plays a scene of about eight seconds, and says that it is a demo', async () => {
    const played = start('Hello *there*, how are you?');
    const took = await play(played);
    expect(took).toBeGreaterThan(6000);
    expect(took).toBeLessThan(10_000);
    const said = played.output.text('token');
    expect(said).toContain('demo agent');
    expect(said).toContain('\\*there\\*');
    // What it tells people to try is what it does.
    const told = [...said.matchAll(/^\| `(.+)` \|/gm)].map(([, words]) => words!.replaceAll('\\|', '|'));
    expect(told.map((words) => parseDirectives(words).directives)).not.toContain(null);
    for (const name of ['tokens', 'tools', 'fail', 'ask', 'approve'])
      expect(told.filter((words) => words.startsWith(`${name}=`))).toHaveLength(1);
    for (const block of [/^- /m, /^\| --- /m, /^```ts$/m]) expect(said).toMatch(block);
    expect(played.output.text('reasoning').length).toBeGreaterThan(40);
    expect(played.output.asked).toEqual({ clarify: [], approve: [] });
    expect(played.output.of('tool')).toHaveLength(2);
    expect(played.output.of('tool_complete').map((tool) => tool.result)).toEqual([
      { time: expect.stringMatching(/^2023-/) },
      { words: 5, characters: 27 },
    ]);
    expect(played.end()).toMatchObject({ kind: 'finished', title: 'Hello *there*, how are you?' });
    expect(played.clock.pending()).toBe(0);
  });

  test('DM3 its title is the message, cut at a word, and no shorter than what stood there while it ran', () => {
    const message = 'Please look into the exporter and find out why the failing test is only red on Tuesdays';
    expect(sceneTitle(message)).toBe(
      'Please look into the exporter and find out why the failing test is only red…',
    );
    expect(sceneTitle('a'.repeat(100))).toBe(`${'a'.repeat(79)}…`);
    for (let length = 1; length <= message.length; length += 1) {
      const text = message.slice(0, length).trim();
      expect(sceneTitle(text).length).toBeGreaterThanOrEqual(guessTitle(text).length);
    }
  });

  test('DM3 it never falls silent for longer than a second', async () => {
    const played = start('hi');
    let last = 0;
    let silent = 0;
    while (!played.end()) {
      await played.clock.advance(50);
      silent = played.output.frames.length > last ? 0 : silent + 50;
      last = played.output.frames.length;
      expect(silent).toBeLessThan(1000);
    }
  });
});

describe('life', () => {
  const texts = ['hello', 'tokens=100000', 'tokens=1000 rate=20', 'stall=1000@0', 'tokens=9 hang@1'];
  const moments_ms = [0, 100, 900, 2500, 4000];

  test.each(texts)('P11 after kill nothing of "%s" is left, at whatever moment', async (text) => {
    for (const moment of moments_ms) {
      const played = start(text);
      if (moment > 0) await played.clock.advance(moment);
      played.run.kill();
      played.run.kill();
      const end = await played.run.ended;
      expect(['stopped', 'finished']).toContain(end.kind);
      expect(played.clock.pending()).toBe(0);
      const frames = played.output.frames.length;
      await played.clock.advance(10_000);
      expect(played.output.frames).toHaveLength(frames);
    }
  });

  test.each(texts.slice(0, 4))('P11 after stop nothing of "%s" is left', async (text) => {
    const played = start(text);
    await played.clock.advance(500);
    played.run.stop();
    expect((await played.run.ended).kind).toMatch(/stopped|finished/);
    expect(played.clock.pending()).toBe(0);
  });

  test('P10 an agent whose frames are not taken waits, and can be stopped while it does', async () => {
    const played = start('tokens=100000', (count) => (count > 5 ? new Promise(() => {}) : Promise.resolve()));
    await played.clock.advance(60_000);
    expect(played.output.frames).toHaveLength(6);
    expect(played.output.outstandingMax()).toBe(1);
    played.run.stop();
    expect((await played.run.ended).kind).toBe('stopped');
  });

  test('a place to write to that breaks is a typed failure, not an exception', async () => {
    const played = start('tokens=10', () => Promise.reject(new Error('disk on fire')));
    expect(await played.run.ended).toMatchObject({ kind: 'failed', type: 'agent_bug' });
  });
});
