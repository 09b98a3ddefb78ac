// What can be said to an approval, from least to most, and what each grant covers. Pure.
import type { ApprovalEntry, ApprovalOption, OptionKind } from '../../protocol/prompts.ts';
import { enPrompts } from '../text/en-prompts.ts';

const words = enPrompts.approval;

/** From least to most: what refuses first, then the standing grants, and last the one nearest to the thumb. */
const ORDER: readonly OptionKind[] = [
  'reject_once',
  'reject_always',
  'allow_always',
  'allow_session',
  'allow_once',
];
const USUAL: readonly OptionKind[] = ['reject_once', 'allow_always', 'allow_session', 'allow_once'];

export interface GrantButton {
  option_id: string;
  kind: OptionKind;
  label: string;
  allows: boolean;
}

const isUsual = (options: ApprovalOption[]): boolean =>
  options.length === USUAL.length && USUAL.every((kind) => options.some((option) => option.kind === kind));

export function grantButtons(options: ApprovalOption[]): GrantButton[] {
  const usual = isUsual(options);
  return options
    .map(({ option_id, kind, name }) => ({
      option_id,
      kind,
      label: usual ? words.grants[kind] : name,
      allows: kind.startsWith('allow'),
    }))
    .sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

export interface Coverage {
  kind: OptionKind;
  scope: string;
  text: string;
  /** it is written down, and can be withdrawn */
  isRule: boolean;
}

/** CQ11: the exact call that is shown, here or everywhere, once or until it is withdrawn. */
export function coverageOf(entry: ApprovalEntry): Coverage[] {
  const what = entry.command === undefined ? words.call : words.command;
  const covers: [OptionKind, string, boolean][] = [
    ['allow_once', words.coversOnce(what), false],
    ['allow_session', words.coversSession(what), false],
    ['allow_always', words.coversAlways(what, entry.cwd !== undefined), true],
    ['reject_always', words.coversNever(what), true],
  ];
  return covers
    .filter(([kind]) => entry.options.some((option) => option.kind === kind))
    .map(([kind, text, isRule]) => ({ kind, scope: words.scopes[kind] ?? '', text, isRule }));
}

/** The arguments where the command does not say all of them; null: it does. */
export function argumentsOf({ command, args }: ApprovalEntry): string | null {
  if (args === undefined || args === null) return null;
  const isObject = typeof args === 'object' && !Array.isArray(args);
  const rest = isObject
    ? Object.entries(args as object).filter(([name, value]) => !(name === 'command' && value === command))
    : null;
  if (rest?.length === 0) return null;
  return JSON.stringify(rest ? Object.fromEntries(rest) : args, null, 2);
}
