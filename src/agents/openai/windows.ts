// The models' windows, as their endpoint tells them: asked beside a run, so that no run waits for it or fails of it. A run
// that ends takes the look-up with it; the next asks again. It knows no run, only that somebody wants to know.
import type { Clock, Log } from '../../protocol/index.ts';
import type { Endpoint } from './model.ts';
import { windowsIn } from './model-list.ts';
import { createRedaction, redactLog } from './redaction.ts';
import type { ConnectingFetch } from './transport.ts';

/** How long a look-up may take in all. */
export const WINDOWS_MS_MAX = 5000;
/** A router lists hundreds of models with a page of words each. */
export const WINDOWS_BYTES_MAX = 8 * 1024 * 1024;
/** What was told, or was not, counts for so long. */
export const WINDOWS_FRESH_MS = 3_600_000;

export interface Windows {
  /** Looks up what is not known yet. Call what it gives back when it is no longer wanted. */
  ask(): () => void;
  /** Tokens; undefined: nobody has told. */
  of(model: string): number | undefined;
}

export interface WindowsPorts {
  endpoint: Endpoint;
  fetch: ConnectingFetch;
  clock: Clock;
  log: Log;
}

interface LookUp {
  wanted: number;
  giveUp(): void;
}

export function createWindows(ports: WindowsPorts): Windows {
  const { clock, endpoint } = ports;
  // What is no header is quoted by whoever refuses it.
  const log = redactLog(ports.log, createRedaction([endpoint.api_key]));
  let windows: ReadonlyMap<string, number> = new Map();
  let asked_at: number | null = null;
  let current: LookUp | null = null;
  // A clock that was set back makes nothing fresh.
  const isFresh = () => asked_at !== null && Math.abs(clock.now() - asked_at) < WINDOWS_FRESH_MS;

  function begin(): LookUp {
    const control = new AbortController();
    const end = () => {
      clock.clearTimeout(timer);
      if (current === lookUp) current = null;
    };
    const timer = clock.setTimeout(() => control.abort(), WINDOWS_MS_MAX);
    const lookUp: LookUp = {
      wanted: 0,
      giveUp() {
        end();
        control.abort();
      },
    };
    readList(ports, control.signal)
      .then(
        (list) => {
          windows = windowsIn(list);
          log.debug({ models: windows.size }, 'the endpoint told the windows of its models');
        },
        (error: unknown) => log.debug({ reason: error }, 'the endpoint tells no windows'),
      )
      .finally(() => {
        // One that was given up has told nothing, and is no reason to ask no more.
        if (current === lookUp) asked_at = clock.now();
        end();
      });
    return lookUp;
  }

  return {
    of: (model) => windows.get(model),
    ask() {
      if (isFresh()) return () => {};
      current ??= begin();
      const lookUp = current;
      lookUp.wanted++;
      let isWanted = true;
      return () => {
        if (isWanted && --lookUp.wanted === 0) lookUp.giveUp();
        isWanted = false;
      };
    },
  };
}

/** Throws whatever went wrong on the way. */
async function readList({ endpoint, fetch }: WindowsPorts, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(`${endpoint.base_url.replace(/\/+$/, '')}/models`, {
    headers: {
      accept: 'application/json',
      ...(endpoint.api_key ? { authorization: `Bearer ${endpoint.api_key}` } : {}),
    },
    signal,
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > WINDOWS_BYTES_MAX) throw new RangeError('the list of models is too large');
    chunks.push(chunk);
  }
  if (response.status !== 200) throw new TypeError(`HTTP ${response.status}`);
  return JSON.parse(Buffer.concat(chunks).toString());
}
