// A flat JSON Schema as a form, and what was filled in as its content. Pure. What is no flat form is written as JSON: the
// server checks it against the schema, whatever this page understood of it.
import { enPrompts } from '../text/en-prompts.ts';

const words = enPrompts.form;

export interface FormField {
  name: string;
  label: string;
  note: string | null;
  type: 'string' | 'number' | 'integer' | 'boolean' | 'enum';
  required: boolean;
  options: { value: string; label: string }[];
  fallback: string;
}
export type FormValues = Record<string, string>;

type Schema = Record<string, unknown>;
const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOr = (value: unknown, other: string): string => (typeof value === 'string' ? value : other);
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

function optionsOf(property: Schema): FormField['options'] | null {
  const { enum: values, enumNames: names, oneOf } = property;
  if (isTexts(values))
    return values.map((value, at) => ({ value, label: textOr(isTexts(names) ? names[at] : null, value) }));
  if (!Array.isArray(oneOf) || !oneOf.every((one) => isObject(one) && typeof one.const === 'string'))
    return null;
  return oneOf.map((one) => ({ value: one.const, label: textOr(one.title, one.const) }));
}

function fieldOf(name: string, property: unknown, required: boolean): FormField | null {
  if (!isObject(property)) return null;
  const options = optionsOf(property);
  const { type, title, description, default: fallback } = property;
  const isPlain = type === 'string' || type === 'number' || type === 'integer' || type === 'boolean';
  if (!isPlain && options === null) return null;
  const isSettable =
    typeof fallback === 'string' || typeof fallback === 'number' || typeof fallback === 'boolean';
  return {
    name,
    label: textOr(title, name),
    note: typeof description === 'string' ? description : null,
    type: options ? 'enum' : (type as FormField['type']),
    required,
    options: options ?? [],
    fallback: isSettable ? String(fallback) : '',
  };
}

/** The fields of a flat form; null: it is none, and JSON is asked for. */
export function fieldsOf(schema: Record<string, unknown>): FormField[] | null {
  const { properties, required } = schema;
  if (!isObject(properties)) return null;
  const must = isTexts(required) ? required : [];
  const fields = Object.entries(properties).map(([name, each]) => fieldOf(name, each, must.includes(name)));
  return fields.length > 0 && fields.every((field) => field !== null) ? fields : null;
}

export interface Filled {
  content: Record<string, unknown> | null;
  /** field → what is wrong with it */
  problems: Record<string, string>;
}

/** An empty field that isn't required is left out; a box that isn't ticked says no. */
export function contentOf(fields: FormField[], values: FormValues): Filled {
  const content: Record<string, unknown> = {};
  const problems: Record<string, string> = {};
  for (const { name, type, required, fallback } of fields) {
    const value = values[name] ?? fallback;
    if (type === 'boolean') content[name] = value === 'true';
    else if (value.trim() === '') {
      if (required) problems[name] = words.needed;
    } else if (type === 'number' || type === 'integer') {
      const number = Number(value.trim());
      if (!Number.isFinite(number)) problems[name] = words.number;
      else if (type === 'integer' && !Number.isInteger(number)) problems[name] = words.integer;
      else content[name] = number;
    } else content[name] = value;
  }
  return { content: Object.keys(problems).length === 0 ? content : null, problems };
}

/** An object, or what is wrong with the text. */
export function contentOfJson(text: string): { content: Record<string, unknown> } | { problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? { content: value } : { problem: words.object };
  } catch {
    return { problem: words.json };
  }
}
