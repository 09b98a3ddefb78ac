// The log of one run, read for the drawer: all frames from the first, a page after the other, and again when the page's line
// has told of more. It holds no connection of its own: a browser has one (LN2). It knows no line.
import { type RunFrames, runFramesSchema } from '../../protocol/run-frames.ts';
import { ApiError, request } from '../api.ts';

/** How long after a read there is no other, whatever comes. */
export const LOG_REST_MS = 1_000;
/** How long after a read that failed there is another. */
export const LOG_AGAIN_MS = 3_000;

export interface RunLog {
  rows: RunFrames['frames'];
  /** `read`: nothing follows; `interrupted`: it could not be read on, and is tried again; `lost`: it can't be read on */
  status: 'reading' | 'read' | 'interrupted' | 'lost';
}

export interface RunLogReader {
  /** The run has gone on. */
  more(): void;
  close(): void;
}

const statusOf = (failure: unknown): RunLog['status'] =>
  failure instanceof ApiError && (failure.code === 'session_damaged' || failure.code === 'not_found')
    ? 'lost'
    : 'interrupted';

/** Reads the log of `stream_id`, and tells of it where something is new. */
export function readRunLog(stream_id: string, tell: (log: RunLog) => void): RunLogReader {
  const path = `/api/chat/log?stream_id=${encodeURIComponent(stream_id)}&after_seq=`;
  const leaving = new AbortController();
  const { signal } = leaving;
  const rows: RunLog['rows'] = [];
  const seq = (): number => rows.at(-1)?.seq ?? 0;
  let told = { status: '', seq: 0 };
  let rest: ReturnType<typeof setTimeout> | undefined;
  let isFree = true;
  let isWanted = false;

  function say(status: RunLog['status']): void {
    if (signal.aborted) return;
    if (status !== told.status || seq() !== told.seq) tell({ rows: rows.slice(), status });
    told = { status, seq: seq() };
  }

  /** To its head. */
  async function readOn(): Promise<RunLog['status']> {
    for (;;) {
      const page = await request(runFramesSchema, { method: 'GET', path: `${path}${seq()}`, signal });
      rows.push(...page.frames);
      if (page.frames.length === 0 || seq() >= page.head) return page.settled ? 'read' : 'reading';
      say('reading');
    }
  }

  async function read(): Promise<void> {
    isFree = isWanted = false;
    const status = await readOn().catch(statusOf);
    say(status);
    if (signal.aborted) return;
    if (status === 'read' || status === 'lost') return;
    const hasFailed = status === 'interrupted';
    isWanted ||= hasFailed;
    rest = setTimeout(rested, hasFailed ? LOG_AGAIN_MS : LOG_REST_MS);
  }

  function rested(): void {
    isFree = true;
    if (isWanted) void read();
  }

  void read();
  return {
    more() {
      isWanted = true;
      if (isFree) void read();
    },
    close() {
      leaving.abort();
      clearTimeout(rest);
    },
  };
}
