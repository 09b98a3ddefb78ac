// What the house's own commands share (campaigns, checkers, benches): their words for `--help`, and how they are called.
// `--help` ends the process with 0; what was not understood is a sentence and 2. It knows no command.
import { parseArgs } from 'node:util';

interface Told {
  help: string;
  short?: string;
}
/** `value` names it in the help; `fallback` is told there. */
export type Option = Told &
  (
    | { kind: 'switch' }
    | { kind: 'text'; value: string }
    | { kind: 'whole'; value: string; fallback?: number }
  );

type Value<O extends Option> = O extends { kind: 'switch' }
  ? boolean
  : O extends { kind: 'text' }
    ? string | undefined
    : O extends { fallback: number }
      ? number
      : number | undefined;

export interface Command<Options extends Record<string, Option>> {
  /** as it is called: `npm run sim` */
  call: string;
  does: string;
  options: Options;
  /** what stands there without a name; none: nothing may */
  operands?: { value: string; help: string; min: number; max: number };
  /** how long it takes, and on what */
  takes: string;
  /** what 0 and 1 mean; 2 is said for all */
  exits: string;
}

export interface Given<Options extends Record<string, Option>> {
  options: { [Name in keyof Options]: Value<Options[Name]> };
  operands: string[];
}

/** What was asked for can't be understood: a sentence, and exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

const callOf = (call: string): string => (call.startsWith('npm run') ? `${call} --` : call);
/** Lines of the help are no longer than a terminal is wide. */
const WIDTH = 100;

function wrapped(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join(`\n${indent}`);
}

function leftOf(name: string, option: Option): string {
  const short = option.short ? `-${option.short}, ` : '';
  return `  ${short}--${name}${option.kind === 'switch' ? '' : ` ${option.value}`}`;
}

export function helpOf({
  call,
  does,
  options,
  operands,
  takes,
  exits,
}: Command<Record<string, Option>>): string {
  const rows = Object.entries(options).map(([name, option]): [string, string] => {
    const fallback = option.kind === 'whole' ? option.fallback : undefined;
    return [leftOf(name, option), option.help + (fallback === undefined ? '' : ` (default ${fallback})`)];
  });
  if (operands) rows.unshift([`  ${operands.value}`, operands.help]);
  rows.push(['  --help', 'this text']);
  const left = Math.max(...rows.map(([left]) => left.length)) + 2;
  const may = operands && operands.min === 0 ? `[${operands.value}]` : operands?.value;
  return [
    wrapped(does, WIDTH, ''),
    '',
    `usage: ${callOf(call)} [options]${may ? ` ${may}` : ''}`,
    '',
    ...rows.map(([name, help]) => name.padEnd(left) + wrapped(help, WIDTH - left, ' '.repeat(left))),
    '',
    wrapped(`Takes ${takes}.`, WIDTH, ''),
    wrapped(`Exit codes: ${exits}; 2 the call is wrong, or what it names.`, WIDTH, ''),
    '',
  ].join('\n');
}

/** @throws UsageError */
function wholeOf(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new UsageError(`--${name} takes a whole number above 0, not ‘${text}’.`);
}

function meantBy(name: string, option: Option, given: string | boolean | undefined) {
  if (option.kind === 'switch') return given === true;
  if (option.kind === 'text' || given === undefined)
    return given ?? ('fallback' in option ? option.fallback : given);
  return wholeOf(name, String(given));
}

interface Parsed {
  values: Record<string, string | boolean | undefined>;
  positionals: string[];
}

/** @throws UsageError */
function parsed(options: Record<string, Option>, args: string[]): Parsed {
  const known = Object.entries(options).map(([name, { kind, short }]) => {
    const type = kind === 'switch' ? ('boolean' as const) : ('string' as const);
    return [name, { type, ...(short === undefined ? {} : { short }) }] as const;
  });
  const help = { type: 'boolean', short: 'h' } as const;
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { ...Object.fromEntries(known), help },
    });
    return { values: values as Parsed['values'], positionals };
  } catch (error) {
    // The first sentence of Node's: what follows is advice about `--`, which is of no use here.
    const [what = ''] = (error as Error).message.split(/\.\s/);
    throw new UsageError(`${what.replaceAll(/'([^']*)'/g, '‘$1’').replace(/\.$/, '')}.`);
  }
}

/** What was asked for; null: the help. @throws UsageError */
function given<const Options extends Record<string, Option>>(
  { options, operands }: Command<Options>,
  args: string[],
): Given<Options> | null {
  const { values, positionals } = parsed(options, args);
  if (values.help === true) return null;
  const { min, max, value } = operands ?? { min: 0, max: 0, value: '' };
  const surplus = positionals[max];
  if (surplus !== undefined) throw new UsageError(`‘${surplus}’ is one word too many.`);
  if (positionals.length < min) throw new UsageError(`${value} is missing.`);
  const read = Object.entries(options).map(([name, option]) => [name, meantBy(name, option, values[name])]);
  return { options: Object.fromEntries(read), operands: positionals };
}

/** What `work` makes of a call that can't be meant ends the process as a wrong option does. */
export function refuse(call: string, sentence: string): never {
  process.stderr.write(`${sentence} ${callOf(call)} --help says more.\n`);
  process.exit(2);
}

/** What this process was asked for. Does not come back when that was `--help`, or can't be understood. */
export function readCall<const Options extends Record<string, Option>>(
  command: Command<Options>,
): Given<Options> {
  try {
    const asked = given(command, process.argv.slice(2));
    if (asked) return asked;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    refuse(command.call, error.message);
  }
  process.stdout.write(helpOf(command));
  process.exit(0);
}
