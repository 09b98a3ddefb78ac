// A drill: the demo agent doing exactly what a message's directives say. Tests and benchmarks live on it.
import type { Clock } from '../../protocol/index.ts';
import type { AgentEnd } from '../port.ts';
import type { RunScope } from '../run.ts';
import type { Directives, ParsedMessage } from './directives.ts';
import { createPacer, type Pacer } from './pacer.ts';
import type { Tally } from './tally.ts';

/** What all steps of a drill work with. */
interface Drill {
  scope: RunScope;
  pacer: Pacer;
  clock: Clock;
  tally: Tally;
  directives: Directives;
  tokens: number;
}

export async function playDrill(
  { directives, cut }: { directives: Directives; cut: ParsedMessage['cut'] },
  { scope, clock, tally }: Pick<Drill, 'scope' | 'clock' | 'tally'>,
): Promise<AgentEnd> {
  const tokens = directives.tokens ?? furthest(directives);
  const pacer = createPacer(clock, scope, directives.rate ?? 0);
  const drill: Drill = { scope, pacer, clock, tally, directives, tokens };
  if (cut.length > 0)
    await warn(drill, 'demo_bound', `Over the demo agent's bound, and cut: ${cut.join(', ')}`);
  await askLater(drill);
  for (let n = 1; n <= (directives.reasoning ?? 0); n++) await say(drill, 'reasoning', `thought ${n} `);
  let tools = 0;
  for (let after = 0; after <= tokens; after++) {
    while (tools < (directives.tools ?? 0) && toolPlace(drill, tools) <= after) await useTool(drill, ++tools);
    const end = await interruptions(drill, after);
    if (end) return end;
    if (after < tokens) await say(drill, 'token', `${after + 1} `);
  }
  const { title } = directives;
  return { kind: 'finished', usage: tally.usage(), ...(title ? { title } : {}) };
}

/** Without `tokens=` a run is as long as the furthest place that a directive names. */
function furthest({ fail, hang, stalls }: Directives): number {
  return Math.max(fail?.after ?? 0, hang?.after ?? 0, ...stalls.map((stall) => stall.after), 0);
}

/** A place beyond the last token is the end: no directive is silently without effect. */
const isHere = (drill: Drill, place: number, after: number): boolean =>
  Math.min(place, drill.tokens) === after;

/** Spread evenly: n tools cut the tokens into n + 1 stretches. */
const toolPlace = ({ tokens, directives }: Drill, index: number): number =>
  Math.floor(((index + 1) * tokens) / ((directives.tools ?? 0) + 1));

async function say(
  { scope, pacer, tally }: Drill,
  event: 'token' | 'reasoning',
  text: string,
): Promise<void> {
  await pacer.due();
  tally.said(text);
  await scope.frame(event, { text });
}

async function warn({ scope }: Drill, type: string, message: string): Promise<void> {
  await scope.frame('warning', { type, message });
}

async function useTool({ scope, clock }: Drill, n: number): Promise<void> {
  const tid = `tool-${n}`;
  const since = clock.now();
  await scope.frame('tool', { tid, name: 'count', preview: `count to ${n}`, args: { to: n } });
  const duration_ms = Math.max(0, Math.round(clock.now() - since));
  await scope.frame('tool_complete', {
    tid,
    name: 'count',
    is_error: false,
    result: { counted: n },
    duration_ms,
  });
}

/** Stall, then fail, then hang, where several name the same place. */
async function interruptions(drill: Drill, after: number): Promise<AgentEnd | null> {
  const { scope, pacer, directives, tally } = drill;
  for (const stall of directives.stalls)
    if (isHere(drill, stall.after, after)) {
      await scope.sleep(stall.seconds * 1000);
      pacer.rebase();
    }
  const { fail, hang } = directives;
  if (fail && isHere(drill, fail.after, after))
    return {
      kind: 'failed',
      type: fail.type,
      message: `The demo agent was told to fail with ${fail.type} after ${after} tokens.`,
      hint: 'Send the message without fail=… to see it finish.',
      usage: tally.usage(),
    };
  if (hang && isHere(drill, hang.after, after)) await scope.untilKilled();
  return null;
}

// Prompts come with a later version: until then the run says that it does not ask.
async function askLater(drill: Drill): Promise<void> {
  const { ask, approve } = drill.directives;
  const names = [ask && 'ask', approve && 'approve'].filter((name) => name !== undefined);
  if (names.length > 0)
    await warn(
      drill,
      'not_asked',
      `This build of the demo agent does not ask yet: ${names.join(', ')} left out.`,
    );
}
