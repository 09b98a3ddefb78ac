// What a person answers, held against what was asked: pure. A wrong answer names its field and loses nothing.
import * as z from 'zod';
import {
  type ApprovalAnswer,
  type ApprovalEntry,
  type ApprovalRespond,
  badField,
  CHOICE_KINDS,
  type ClarifyAnswer,
  type ClarifyEntry,
  type ClarifyRespond,
} from '../protocol/index.ts';

/** null: declined. @throws Rejection bad_request */
export function clarifyAnswer(entry: ClarifyEntry, body: ClarifyRespond): ClarifyAnswer | null {
  const { response, choices, content, action } = body;
  const given = Object.entries({ response, choices, content, action }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length !== 1) throw badField('response', 'give one of response, choices, content or action');
  if (action) return null;
  if (choices) return { choices: offered(entry, choices) };
  if (content) return { content: fitting(entry, content) };
  return { response: response! };
}

function offered(entry: ClarifyEntry, choices: string[]): string[] {
  const stranger = choices.find((choice) => !entry.choices_offered.includes(choice));
  if (stranger !== undefined) throw badField('choices', `"${stranger.slice(0, 80)}" was not offered`);
  if (new Set(choices).size !== choices.length) throw badField('choices', 'one choice stands twice');
  if (choices.length === 0) throw badField('choices', 'is empty');
  if (choices.length > 1 && !entry.multiple) throw badField('choices', 'only one may be chosen');
  return choices;
}

function fitting(entry: ClarifyEntry, content: Record<string, unknown>): Record<string, unknown> {
  if (!entry.requested_schema) throw badField('content', 'no form was asked for');
  let schema: z.ZodType;
  try {
    schema = z.fromJSONSchema(entry.requested_schema as never) as z.ZodType;
  } catch {
    return content; // a form that we can't read is the agent's to judge
  }
  const parsed = schema.safeParse(content);
  const issue = parsed.error?.issues[0];
  if (issue) throw badField(['content', ...issue.path].join('.'), issue.message);
  return content;
}

/** @throws Rejection bad_request */
export function approvalAnswer(entry: ApprovalEntry, body: ApprovalRespond): ApprovalAnswer {
  const { choice, option_id, feedback } = body;
  if ((choice === undefined) === (option_id === undefined))
    throw badField('choice', 'give one of choice or option_id');
  const option = entry.options.find((each) =>
    option_id === undefined ? each.kind === CHOICE_KINDS[choice!] : each.option_id === option_id,
  );
  if (!option) throw badField(option_id === undefined ? 'choice' : 'option_id', 'was not offered');
  return {
    option_id: option.option_id,
    option_kind: option.kind,
    ...(feedback === undefined ? {} : { feedback }),
  };
}
