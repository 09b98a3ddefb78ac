// A drill: the demo agent doing exactly what a message's directives say. Tests and benchmarks live on it.
import type { ClarifyAnswer, Clock, Grant, OptionKind } from '../../protocol/index.ts';
import type { AgentEnd } from '../port.ts';
import type { RunScope } from '../run.ts';
import type { DemoPrompt, Directives, ParsedMessage } from './directives.ts';
import { createPacer, type Pacer } from './pacer.ts';
import type { Tally } from './tally.ts';

const GRANTS: Record<OptionKind, Grant> = {
  allow_once: 'once',
  allow_session: 'session',
  allow_always: 'always',
  reject_once: 'deny',
  reject_always: 'deny',
};

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
  for (let n = 1; n <= (directives.reasoning ?? 0); n++) await say(drill, 'reasoning', `thought ${n} `);
  let tools = 0;
  for (let after = 0; after <= tokens; after++) {
    while (tools < (directives.tools ?? 0) && toolPlace(drill, tools) <= after) await useTool(drill, ++tools);
    if (after === promptPlace(tokens)) for (const prompt of directives.prompts) await ask(drill, prompt);
    const end = await interruptions(drill, after);
    if (end) return end;
    if (after < tokens) await say(drill, 'token', `${after + 1} `, 1);
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

/** Before the last tenth. */
const promptPlace = (tokens: number): number => Math.floor((tokens * 9) / 10);

async function say(
  { scope, pacer, tally }: Drill,
  event: 'token' | 'reasoning',
  text: string,
  tokens?: number,
): Promise<void> {
  await pacer.due();
  tally.said(text, tokens);
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

/** While a person thinks nothing is owed: the rate goes on from there. */
async function ask(drill: Drill, prompt: DemoPrompt): Promise<void> {
  const echo = prompt.kind === 'ask' ? await askQuestion(drill, prompt) : await askLeave(drill, prompt);
  drill.pacer.rebase();
  await say(drill, 'token', `${echo} `);
}

async function askQuestion(
  { scope }: Drill,
  { question, choices }: Extract<DemoPrompt, { kind: 'ask' }>,
): Promise<string> {
  const end = await scope.clarify({ question, choices_offered: choices });
  return `answer: ${end.kind === 'answered' ? answerText(end.answer) : end.kind}`;
}

const answerText = ({ response, choices, content }: ClarifyAnswer): string =>
  response ?? choices?.join(', ') ?? JSON.stringify(content ?? null);

async function askLeave(
  { scope }: Drill,
  { command }: Extract<DemoPrompt, { kind: 'approve' }>,
): Promise<string> {
  const description = 'The demo agent asks for leave. It runs nothing, whatever the answer is.';
  const end = await scope.approve({ tool: 'shell', command, description, args: { command } });
  if (end.kind !== 'answered') return `approval: ${end.kind}`;
  const { option_kind, feedback } = end.answer;
  return ['approval:', GRANTS[option_kind], feedback].filter(Boolean).join(' ');
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
