// What of the real world a simulated one must not see: the time, chance, timers, the network. While a world runs, each of these
// is the world's own where a page may use it, and a violation where the server does. Once per thread.
import type { Scheduler, SimNode } from './clock.ts';

/** What a page has that Node has not, and whose it is at the moment. */
export interface PageGlobals {
  document: unknown;
  window: unknown;
  fetch: typeof fetch;
}

export interface Trapped {
  scheduler: Scheduler;
  /** null: the node is no page */
  pageOf(node: SimNode): PageGlobals | null;
  leaked(what: string): void;
  /** A promise failed, and nobody minds. */
  forgotten(bug: unknown): void;
}

let world: Trapped | null = null;
let isInstalled = false;

const realImmediate = globalThis.setImmediate;

/** Immediates that one round of the real loop runs: between two of them every promise that is ready has its turn. */
const TURNS_A_ROUND = 256;
let turns = 0;
let waiting: (() => void) | null = null;

function turn(): void {
  turns -= 1;
  const resolve = waiting;
  waiting = null;
  resolve?.();
}

/** Lets every promise that is ready have its turn. A round of the real loop is dear: many of these are one. */
export const drain = (): Promise<void> =>
  new Promise((resolve) => {
    waiting = resolve;
    if (turns > 0) return;
    for (turns = 0; turns < TURNS_A_ROUND; turns += 1) realImmediate(turn);
  });

/** The page whose task runs. */
function page(what: string): PageGlobals | null {
  const node = world?.scheduler.current;
  const globals = node ? world?.pageOf(node) : null;
  if (world && !globals) world.leaked(what);
  return globals ?? null;
}

function timers(): Record<string, unknown> {
  const start =
    (what: string, repeats: boolean) =>
    (run: () => void, ms = 0): unknown => {
      if (!page(what) || !world) return null;
      const { scheduler } = world;
      const node = scheduler.current!;
      const handle = { task: null as unknown };
      const tick = () => {
        if (repeats) handle.task = scheduler.timer(node, ms, tick);
        run();
      };
      handle.task = scheduler.timer(node, ms, tick);
      return handle;
    };
  const stop = (handle: { task: unknown } | null | undefined) => {
    if (handle?.task && world) world.scheduler.cancel(handle.task as never);
  };
  return {
    setTimeout: start('setTimeout', false),
    setInterval: start('setInterval', true),
    requestAnimationFrame: (run: () => void) => start('requestAnimationFrame', false)(run, 16),
    clearTimeout: stop,
    clearInterval: stop,
    cancelAnimationFrame: stop,
    setImmediate: () => world?.leaked('setImmediate'),
  };
}

/** `AbortSignal.timeout` and `.any`, with the page's timers and without weak references. */
function signals(): { timeout(ms: number): AbortSignal; any(of: AbortSignal[]): AbortSignal } {
  return {
    timeout(ms) {
      const life = new AbortController();
      setTimeout(() => life.abort(), ms);
      return life.signal;
    },
    any(of) {
      const life = new AbortController();
      const abort = () => life.abort();
      for (const signal of of) {
        if (signal.aborted) abort();
        signal.addEventListener('abort', abort);
      }
      return life.signal;
    },
  };
}

/** Frames between a trap and who called it. */
const CALLER = 3;

/** A library notes when a timer was set, or names itself, for whoever inspects it: it is given the world's. Ours may not ask. */
function isLibrary(): boolean {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = CALLER;
  const { stack } = new Error();
  Error.stackTraceLimit = limit;
  return stack?.split('\n')[CALLER]?.includes('/node_modules/') === true;
}

/** To look who called is dear: one call in so many is looked at. What leaks does so in one world of the next few at the latest. */
const LOOKED_AT = 32;
let calls = 0;

function leaking(what: string, real: () => number): () => number {
  return () => {
    if (!world) return real();
    calls += 1;
    if (calls % LOOKED_AT === 0 && !isLibrary()) world.leaked(what);
    return what === 'Math.random' ? 0 : world.scheduler.now;
  };
}

function trapDate(): void {
  const RealDate = Date;
  class TrappedDate extends RealDate {
    constructor(...given: ConstructorParameters<typeof Date> | []) {
      if (given.length === 0 && world) world.leaked('new Date()');
      super(...(given as ConstructorParameters<typeof Date>));
    }
  }
  TrappedDate.now = leaking('Date.now', RealDate.now);
  globalThis.Date = TrappedDate as DateConstructor;
}

function define(of: object, name: string, get: () => unknown): void {
  Object.defineProperty(of, name, { configurable: true, get });
}

function install(): void {
  process.on('unhandledRejection', (bug) => {
    if (!world) throw bug;
    world.forgotten(bug);
  });
  trapDate();
  Math.random = leaking('Math.random', Math.random);
  performance.now = leaking('performance.now', performance.now.bind(performance));
  crypto.getRandomValues = ((array: unknown) => {
    world?.leaked('crypto.getRandomValues');
    return array;
  }) as typeof crypto.getRandomValues;
  crypto.randomUUID = (() => {
    world?.leaked('crypto.randomUUID');
    return '';
  }) as unknown as typeof crypto.randomUUID;
  for (const [name, own] of Object.entries(timers())) {
    const real = (globalThis as Record<string, unknown>)[name];
    define(globalThis, name, () => (world ? own : real));
  }
  Object.assign(AbortSignal, signals());
  define(globalThis, 'document', () => page('document')?.document);
  define(globalThis, 'window', () => page('window')?.window);
  define(globalThis, 'localStorage', () => undefined);
  define(globalThis, 'sessionStorage', () => undefined);
  define(globalThis, 'fetch', () => page('fetch')?.fetch);
}

/** From here on this world is the only one there is. */
export function trap(trapped: Trapped): void {
  if (!isInstalled) install();
  isInstalled = true;
  world = trapped;
}

export function release(): void {
  world = null;
}
