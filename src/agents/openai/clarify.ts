// The tool `clarify`: the model asks the person in front of the page, and reads the answer, or why there is none.
import * as z from 'zod/mini';
import {
  CHOICE_LENGTH_MAX,
  CHOICES_MAX,
  type ClarifyAnswer,
  type PromptEnd,
  QUESTION_LENGTH_MAX,
} from '../../protocol/index.ts';
import { readArgs, shorten, type Tool } from './tool.ts';

const argsSchema = z.object({
  question: z.string().check(z.minLength(1), z.maxLength(QUESTION_LENGTH_MAX)),
  choices: z.nullish(
    z.array(z.string().check(z.minLength(1), z.maxLength(CHOICE_LENGTH_MAX))).check(z.maxLength(CHOICES_MAX)),
  ),
  multiple: z.nullish(z.boolean()),
});
const SHAPE = `clarify takes {"question": text, "choices"?: list of at most ${CHOICES_MAX} texts, "multiple"?: true or false}.`;

const NOTES = {
  declined: 'The user does not want to answer. Go on without, or say what you can’t do.',
  expired: 'Nobody answered in time. Go on with what is most likely meant, and say so.',
  cancelled: 'The question was withdrawn.',
  too_many: 'Too many questions are waiting; this one was not asked.',
} as const;

export function createClarify(): Tool {
  return {
    name: 'clarify',
    description:
      'Asks the user a question and waits for the answer. Use it when you can’t go on without knowing, not to chat. The user may choose from the choices or answer in words.',
    parameters: {
      type: 'object',
      properties: {
        question: { type: 'string' },
        choices: { type: 'array', items: { type: 'string' }, maxItems: CHOICES_MAX },
        multiple: { type: 'boolean', description: 'whether several choices may be taken; default false' },
      },
      required: ['question'],
      additionalProperties: false,
    },
    preview: (args) => shorten((args as { question?: unknown } | null)?.question),
    async run(args, { scope, tid }) {
      const { question, choices, multiple } = readArgs(argsSchema, args, SHAPE);
      const end = await scope.clarify({
        question,
        ...(choices ? { choices_offered: choices } : {}),
        ...(multiple ? { multiple } : {}),
        tool_call_id: tid,
      });
      return { result: resultOf(end) };
    },
  };
}

function resultOf(end: PromptEnd<ClarifyAnswer>): object {
  if (end.kind === 'answered') return { kind: 'answered', ...end.answer };
  if (end.kind === 'refused') return { kind: 'refused', note: `It was not asked. ${end.reason}` };
  return { kind: end.kind, note: NOTES[end.kind] };
}
