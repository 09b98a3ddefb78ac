// The world, as arguments. Whoever needs time or chance is handed one of these, so that a simulator can hand over its own.

export type Timer = unknown;

export interface Clock {
  /** Milliseconds since 1970. May jump; never use it to measure a duration that decides something. */
  now(): number;
  setTimeout(fn: () => void, ms: number): Timer;
  clearTimeout(timer: Timer): void;
}

export interface Random {
  bytes(count: number): Uint8Array;
  /** 0 ≤ n < 1 */
  fraction(): number;
}

/** A line for a person and a machine: pino's shape, so that a logger can be handed over as it is. */
export interface Log {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
