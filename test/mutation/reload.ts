// Imports a file anew, with everything that leads from it to one changed module; the rest stays as it was loaded. Knows no
// test and no mutant. A module that was loaded stays in memory: the process must be left after a few hundred times.
import { readFileSync } from 'node:fs';
import { type RegisterHooksOptions, registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SHIM = new URL('./vitest.ts', import.meta.url).href;
/** The copy of the house that holds the mutants. */
let house = '';

/** Who imports a module, by url. */
const importers = new Map<string, Set<string>>();
const stripped = new Map<string, string>();
let generation = 0;
let stale = new Set<string>();

const bare = (url: string): string => url.split('?')[0] ?? url;
const isOurs = (url: string): boolean => url.startsWith(house) && !url.includes('/node_modules/');

/**
 * What instrumented code calls before every step: whether it is the mutant, a place to notice that there is no end; and who
 * covers what, which is dear and asked once.
 */
const ASKS = 'function isActive(id) {';
const COVERS = 'function cover() {';
const counted = (source: string): string =>
  source.replace(ASKS, `${ASKS} ns.step();`).replace(COVERS, `${COVERS} if (!ns.covers) return;`);

const hooks: RegisterHooksOptions = {
  resolve(specifier, context, next) {
    const parent = context.parentURL ? bare(context.parentURL) : null;
    if (specifier === 'vitest' && parent !== SHIM) return { url: SHIM, shortCircuit: true };
    const found = next(specifier, context);
    const url = bare(found.url);
    if (!isOurs(url)) return found;
    if (parent) importers.set(url, (importers.get(url) ?? new Set()).add(parent));
    return stale.has(url) ? { ...found, url: `${url}?of=${generation}` } : found;
  },
  load(url, context, next) {
    const file = bare(url);
    if (!isOurs(file) || !file.endsWith('.ts')) return next(url, context);
    const known =
      stripped.get(file) ?? counted(stripTypeScriptTypes(readFileSync(fileURLToPath(file), 'utf8')));
    stripped.set(file, known);
    return { format: 'module', source: known, shortCircuit: true };
  },
};

/** From here on what is imported from `folder` can be imported anew. */
export function watch(folder: string): void {
  house = pathToFileURL(`${folder}/`).href;
  registerHooks(hooks);
}

/** Everything that leads to `changed`, itself included. */
function leadingTo(changed: string): Set<string> {
  const found = new Set([changed]);
  for (const url of found) for (const importer of importers.get(url) ?? []) found.add(importer);
  return found;
}

/** From here on what leads to this file is imported anew, once. Null: as it was at first. */
export function change(file: string | null): void {
  generation += 1;
  stale = file === null ? new Set() : leadingTo(pathToFileURL(file).href);
}

export const leadsTo = (file: string, changed: string): boolean =>
  leadingTo(pathToFileURL(changed).href).has(pathToFileURL(file).href);

/** The module of this file, new where the last `change` says so. */
export function load(file: string): Promise<unknown> {
  const url = pathToFileURL(file).href;
  return import(stale.has(url) ? `${url}?of=${generation}` : url);
}
