// One request and its answer, as frames. It runs no tool: it gives back what the model wants called.
import type { RunScope } from '../run.ts';
import { diagnose, isUnended } from './diagnosis.ts';
import type { Failure } from './failures.ts';
import type { CallOptions, ModelCall, ModelUsage, StreamPart } from './model.ts';
import type { Redaction } from './redaction.ts';
import type { ModelRequest } from './request.ts';

/** P10: what one answer may ask for at once. */
const CALLS_MAX = 64;

export interface Round {
  text: string;
  reasoning: string;
  calls: ModelCall[];
  finish: Extract<StreamPart, { type: 'finish' }>['finishReason']['unified'] | null;
  usage: ModelUsage | undefined;
  /** null: the answer came to its end */
  failure: Failure | null;
}

/** Throws only Stopped, and what frame() throws; how the endpoint failed is in the round. */
export async function playRound(
  request: ModelRequest,
  options: Pick<CallOptions, 'prompt' | 'tools'>,
  { scope, redaction }: { scope: RunScope; redaction: Redaction },
): Promise<Round> {
  const round: Round = { text: '', reasoning: '', calls: [], finish: null, usage: undefined, failure: null };
  const speech = createSpeech(round, scope, redaction);
  for await (const part of parts(request, options, scope)) {
    if (part.type === 'text-delta') await speech.say('token', part.delta);
    else if (part.type === 'reasoning-delta') await speech.say('reasoning', part.delta);
    else if (part.type === 'tool-call') round.calls.push(part);
    else if (part.type === 'finish') {
      round.finish = part.finishReason.unified;
      round.usage = part.usage;
    } else if (part.type === 'error' && !(isUnended(part.error) && request.wire.isDone))
      // The first is the one that counts; a `finish` with the usage may still follow.
      round.failure ??= diagnose(part.error, { ...request, redaction });
    if (round.calls.length > CALLS_MAX) round.failure ??= { type: 'bad_response' };
    if (round.failure && part.type !== 'error') break;
  }
  await speech.end();
  if (round.finish === null) round.failure ??= { type: 'interrupted_stream' };
  return round;
}

/** The parts of the answer; whatever breaks is one more `error` part, the last. Throws only Stopped. */
async function* parts(
  request: ModelRequest,
  options: Pick<CallOptions, 'prompt' | 'tools'>,
  scope: RunScope,
): AsyncGenerator<StreamPart, void> {
  const { model, signal, deadline } = request;
  try {
    const { stream } = await scope.wait(Promise.resolve(model.doStream({ ...options, abortSignal: signal })));
    const reader = stream.getReader();
    for (let hasBegun = false; ; ) {
      if (hasBegun) deadline.wait('silence_timeout');
      const { done, value } = await scope.wait(reader.read());
      if (done) return;
      hasBegun ||= hasContent(value);
      // While a frame waits to be taken nobody listens to the model: that is no silence of its.
      if (hasBegun) deadline.clear();
      yield value;
    }
  } catch (error) {
    if (scope.signal.aborted) throw error;
    yield { type: 'error', error };
  } finally {
    request.close();
  }
}

const hasContent = ({ type }: StreamPart): boolean =>
  type === 'text-delta' || type === 'reasoning-delta' || type.startsWith('tool-');

type Voice = 'token' | 'reasoning';

/** Text on its way into frames, through the redaction. What one voice held back is said before the other speaks. */
function createSpeech(round: Round, scope: RunScope, redaction: Redaction) {
  const streams = { token: redaction.stream(), reasoning: redaction.stream() };
  let speaking: Voice = 'token';

  async function give(voice: Voice, text: string): Promise<void> {
    if (text === '') return;
    round[voice === 'token' ? 'text' : 'reasoning'] += text;
    await scope.frame(voice, { text });
  }
  const end = () => give(speaking, streams[speaking].rest());

  return {
    end,
    async say(voice: Voice, text: string) {
      if (voice !== speaking) await end();
      speaking = voice;
      await give(voice, streams[voice].push(text));
    },
  };
}
