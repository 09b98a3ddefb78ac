// What a tool of the openai agent is. A tool is given arguments that may be anything, and answers or refuses in words.
import * as z from 'zod/mini';
import type { RunScope } from '../run.ts';
import type { Redaction } from './redaction.ts';

export interface Tool {
  name: string;
  description: string;
  /** JSON Schema of the arguments */
  parameters: {
    type: 'object';
    properties: Record<string, object>;
    required?: string[];
    additionalProperties: false;
  };
  /** one short line for the page; the arguments may be anything */
  preview(args: unknown): string;
  /** @throws ToolRefusal whose message the model reads */
  run(args: unknown, use: ToolUse): Promise<ToolResult>;
}

/** What one call of a tool works with. */
export interface ToolUse {
  /** the call's id on the page, and what a prompt names as its `tool_call_id` */
  tid: string;
  scope: RunScope;
  redaction: Redaction;
}

export interface ToolResult {
  result: unknown;
  is_error?: boolean;
  /** something was left out of the result, of so many bytes */
  truncated?: boolean;
  full_bytes?: number;
}

/** What the model asked for can't be done; it is told why. */
export class ToolRefusal extends Error {}

const PREVIEW_LENGTH_MAX = 120;

/** @throws ToolRefusal that says where the arguments are wrong, and `shape`: what they should be */
export function readArgs<T>(schema: z.ZodMiniType<T>, args: unknown, shape: string): T {
  const read = z.safeParse(schema, args);
  if (read.success) return read.data;
  const at = read.error.issues[0]?.path.join('.') ?? '';
  throw new ToolRefusal(`The arguments do not fit${at === '' ? '' : ` at ${at}`}: ${shape}`);
}

/** One line of a text for a preview; of anything else nothing. */
export function shorten(text: unknown): string {
  if (typeof text !== 'string') return '';
  const line = text
    .slice(0, 4 * PREVIEW_LENGTH_MAX)
    .replace(/\s+/gu, ' ')
    .trim();
  return line.length <= PREVIEW_LENGTH_MAX
    ? line.toWellFormed()
    : `${line.slice(0, PREVIEW_LENGTH_MAX).toWellFormed()}…`;
}
