// A bound that can be read: guards and delays carry it as text, so that diagrams show what the code keeps (ST4, P9).

/** `fn`, marked with the bound that it keeps. */
export function bounded<F extends (...args: never[]) => unknown>(bound: string, fn: F): F {
  return Object.assign(fn, { bound });
}

export const boundOf = (fn: unknown): string | null =>
  typeof fn === 'function' && 'bound' in fn && typeof fn.bound === 'string' ? fn.bound : null;

/** 200 → `200 ms`, 60000 → `60 s` */
export const duration = (ms: number): string =>
  ms < 1_000 || ms % 500 !== 0 ? `${ms} ms` : `${ms / 1_000} s`;
