// Writes docs/limits.md: every bound of the source with its value and unit, read from the constants that keep it. With
// --check it only says whether the file is up to date.
import { filesBelow, parse, read, type Tree, writeOrCheck } from './source.ts';

const FILE = 'docs/limits.md';
const ROOMS = ['protocol', 'machines', 'journal', 'agents', 'notices', 'sessions', 'http', 'ui'];
/** What makes a constant a bound: the end of its name. */
const BOUND =
  /_(MS|SECONDS|MAX|MIN|BYTES|KEPT|DEFAULT|RECORDS|FAILURES|HIGH|SECOND|MESSAGES|MARGIN|PER_SESSION)$/;

/** Lengths of a second and the like bound nothing. */
const CONVERSION = /^(SECOND|MINUTE|HOUR|DAY)_MS$/;

/** Where the name does not end in its unit. */
const UNITS: Record<string, string> = {
  QUEUE_LENGTH_MAX: 'messages',
  LIST_LIMIT_MAX: 'sessions',
  LIST_LIMIT_DEFAULT: 'sessions',
  MESSAGES_LIMIT_MAX: 'messages',
  JSON_DEPTH_MAX: 'levels',
  PATH_LENGTH_MAX: 'characters',
  JITTER_MIN: 'factor',
  JITTER_MAX: 'factor',
  HEADING_LEVEL_MAX: 'level',
  HEARTBEATS_MISSED_MAX: 'heartbeats',
  ROWS_DRAWN_MAX: 'rows',
  CARDS_OVER_MAX: 'cards',
  PUSHES_AT_ONCE_MAX: 'requests',
  PUSHES_WAITING_MAX: 'notices',
  TOLD_MAX: 'notices',
  SEEN_MAX: 'tasks',
  CALLED_MAX: 'calls',
};

export interface Limit {
  name: string;
  value: string;
  unit: string;
  /** what the comment above it says; empty: its name says all */
  note: string;
}

type Known = Map<string, number | number[]>;

/** The value of a constant expression; null: it is none. */
function constantOf(expression: unknown, known: Known): number | number[] | null {
  const tree = expression as Tree | undefined;
  switch (tree?.type) {
    case 'NumericLiteral':
      return tree.value as number;
    case 'Identifier':
      return known.get(String(tree.value)) ?? null;
    case 'BinaryExpression':
      return calculated(String(tree.operator), constantOf(tree.left, known), constantOf(tree.right, known));
    case 'ArrayExpression': {
      const values = (tree.elements as Tree[]).map((element) => constantOf(element?.expression, known));
      return values.every((value) => typeof value === 'number') ? values : null;
    }
    default:
      return null;
  }
}

function calculated(operator: string, left: unknown, right: unknown): number | null {
  if (typeof left !== 'number' || typeof right !== 'number') return null;
  const results: Record<string, number> = {
    '*': left * right,
    '/': left / right,
    '+': left + right,
    '-': left - right,
    '**': left ** right,
  };
  return results[operator] ?? null;
}

function unitOf(name: string): string {
  if (UNITS[name]) return UNITS[name];
  if (/_MS(_|$)/.test(name)) return 'ms';
  if (/_SECONDS(_|$)/.test(name)) return 's';
  if (/_BYTES(_|$)/.test(name)) return 'bytes';
  if (/_LENGTH(_|$)/.test(name)) return 'characters';
  if (name.includes('_PER_SECOND')) return 'a second';
  const noun =
    name
      .replace(/_(MAX|MIN|KEPT|DEFAULT|HIGH)$/, '')
      .split('_')
      .at(-1) ?? '';
  return (name.includes('_PER_') ? (name.split('_PER_')[0] ?? '') : noun).toLowerCase().replaceAll('_', ' ');
}

const digits = (value: number): string => String(value).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ' ');

const written = (value: number | number[]): string =>
  Array.isArray(value) ? value.map(digits).join(', ') : digits(value);

/** The doc comment right above a constant, as one line. */
function noteAbove(source: string, name: string): string {
  const above = new RegExp(`/\\*\\*([^*]*(?:\\*(?!/)[^*]*)*)\\*/\\s*(?:export )?const ${name}\\b`).exec(
    source,
  );
  return (above?.[1] ?? '')
    .replace(/\s*\n\s*\*\s*/g, ' ')
    .replaceAll('|', '\\|')
    .trim();
}

const declared = (node: Tree): Tree[] => {
  const declaration = (node.type === 'ExportDeclaration' ? node.declaration : node) as Tree;
  return declaration?.type === 'VariableDeclaration' && declaration.kind === 'const'
    ? (declaration.declarations as Tree[])
    : [];
};

/** The bounds that a file declares at its top. `known` holds those of files before it, and grows. */
export function limitsIn(file: string, known: Known): Limit[] {
  const source = read(file);
  const limits: Limit[] = [];
  for (const { id, init } of parse(file).flatMap(declared)) {
    const name = String((id as Tree).value);
    const value = /^[A-Z][A-Z0-9_]+$/.test(name) ? constantOf(init, known) : null;
    if (value === null) continue;
    known.set(name, value);
    if (BOUND.test(name) && !CONVERSION.test(name))
      limits.push({ name, value: written(value), unit: unitOf(name), note: noteAbove(source, name) });
  }
  return limits;
}

const files = (): string[] => [
  'src/protocol/limits.ts',
  ...ROOMS.flatMap((room) => filesBelow(`src/${room}`, '.ts', '.tsx')).filter(
    (file) => file !== 'src/protocol/limits.ts',
  ),
  'src/server.ts',
];

/** docs/limits.md as it should be. */
export function limitsPage(): string {
  const known: Known = new Map();
  const parts = files().flatMap((file) => {
    const rows = limitsIn(file, known).map(
      ({ name, value, unit, note }) => `| \`${name}\` | ${value} | ${unit} | ${note} |`,
    );
    return rows.length === 0
      ? []
      : [`## ${file}`, '', '| bound | value | unit | what for |', '| --- | ---: | --- | --- |', ...rows, ''];
  });
  const intro =
    'Every bound of Weir with its value and unit, read from the constants of the source by `npm run limits`. A bound that is a setting stands in PROTOCOL.md §7 as well.';
  return ['# Limits', '', intro, '', ...parts].join('\n');
}

if (import.meta.main) writeOrCheck(FILE, limitsPage(), 'limits');
