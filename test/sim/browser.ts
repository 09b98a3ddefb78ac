import type { SimNode } from './clock.ts';
import type { Unmet } from './end-check.ts';
import type { PageGlobals } from './traps.ts';
export interface Browser {
  check(): void;
  unquiet(): Unmet[];
  pageOf(node: SimNode): PageGlobals | null;
  schedule(times: (count: number, act: () => void, early?: number) => void): void;
  calm(): void;
  leave(): void;
}
export function createBrowser(_: unknown): Browser {
  return { check() {}, unquiet: () => [], pageOf: () => null, schedule() {}, calm() {}, leave() {} };
}
