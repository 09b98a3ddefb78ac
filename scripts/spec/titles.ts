// The titles of all tests, read from their source: what SPEC.md may name. Knows no rule.
import { filesBelow, nodesOf, parse, type Tree } from '../source.ts';

export interface TestTitle {
  file: string;
  /** As it is written; what is put in at run time is `…`. */
  title: string;
}

/** `test`, `test.each(rows)`, `test.runIf(fact)`: the name that a call begins with. */
function rootName(callee: unknown): string {
  const tree = callee as Tree;
  if (tree?.type === 'Identifier') return String(tree.value);
  if (tree?.type === 'MemberExpression') return rootName(tree.object);
  if (tree?.type === 'CallExpression') return rootName(tree.callee);
  return '';
}

function textOf(argument: unknown): string | null {
  const tree = (argument as Tree | undefined)?.expression as Tree | undefined;
  if (tree?.type === 'StringLiteral') return String(tree.value);
  if (tree?.type !== 'TemplateLiteral') return null;
  return (tree.quasis as { cooked: string }[]).map(({ cooked }) => cooked).join('…');
}

function titlesIn(file: string): TestTitle[] {
  const titles: TestTitle[] = [];
  for (const node of nodesOf(parse(file))) {
    if (node.type !== 'CallExpression' || !['test', 'it'].includes(rootName(node.callee))) continue;
    const title = textOf((node.arguments as unknown[])[0]);
    if (title !== null) titles.push({ file, title });
  }
  return titles;
}

/** The claims over the steps of a walk: each is a test of the walk's file, by its own words. */
function claimsIn(ground: string): TestTitle[] {
  const file = ground.replace('.ground.ts', '.walk.test.ts');
  const rules = [...nodesOf(parse(ground))].find(
    ({ type, id }) => type === 'VariableDeclarator' && (id as Tree).value === 'rules',
  );
  const properties = ((rules?.init as Tree | undefined)?.properties ?? []) as Tree[];
  return properties.flatMap(({ key }) => {
    const name = key as Tree | undefined;
    return name?.type === 'StringLiteral' ? [{ file, title: String(name.value) }] : [];
  });
}

export const allTitles = (): TestTitle[] => [
  ...filesBelow('test', '.test.ts', '.test.tsx').flatMap(titlesIn),
  ...filesBelow('test', '.ground.ts').flatMap(claimsIn),
];
