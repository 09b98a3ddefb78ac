// The demo agent: the default, so that the first run needs no key. Source: PROTOCOL.md §8. It talks to nobody.
import type { Clock } from '../../protocol/index.ts';
import type { Agent, AgentEnd, AgentInput } from '../port.ts';
import { type RunPorts, type RunScope, startRun } from '../run.ts';
import { parseDirectives } from './directives.ts';
import { playDrill } from './drill.ts';
import { createPacer } from './pacer.ts';
import { type Step, scene, sceneTitle, WORDS_PER_SECOND } from './scene.ts';
import { createTally, type Tally } from './tally.ts';

export function createDemoAgent(ports: RunPorts): Agent {
  return {
    describe: () => ({
      agent: 'demo',
      title: 'Demo agent',
      note: 'A demo without a model: it plays a scene, or does what the directives in your message say.',
      is_demo: true,
      available: true,
    }),
    run(input, output) {
      const tally = createTally(input);
      const { directives, cut } = parseDirectives(input.text);
      const { clock } = ports;
      return startRun(ports, output, {
        usage: () => tally.usage(),
        play: (scope) =>
          directives
            ? playDrill({ directives, cut }, { scope, clock, tally })
            : playScene(input, scope, clock, tally),
      });
    },
  };
}

async function playScene(input: AgentInput, scope: RunScope, clock: Clock, tally: Tally): Promise<AgentEnd> {
  const pacer = createPacer(clock, scope, WORDS_PER_SECOND);
  let tools = 0;
  for (const step of scene(input.text, input.attachments, () => clock.now())) {
    if (step.kind === 'pause') await scope.sleep(step.ms);
    else if (step.kind === 'tool') await useTool(step, `tool-${++tools}`, scope, clock);
    else
      for (const text of step.text.match(/\s*\S+\s*/gu) ?? []) {
        await pacer.due();
        tally.said(text);
        await scope.frame(step.kind === 'think' ? 'reasoning' : 'token', { text });
      }
    pacer.rebase();
  }
  const title = sceneTitle(input.text);
  return { kind: 'finished', usage: tally.usage(), ...(title ? { title } : {}) };
}

async function useTool(
  step: Extract<Step, { kind: 'tool' }>,
  tid: string,
  scope: RunScope,
  clock: Clock,
): Promise<void> {
  const { name, preview, args } = step;
  const since = clock.now();
  await scope.frame('tool', { tid, name, preview, args });
  await scope.sleep(step.work_ms);
  const duration_ms = Math.max(0, Math.round(clock.now() - since));
  await scope.frame('tool_complete', { tid, name, is_error: false, result: step.result(), duration_ms });
}
