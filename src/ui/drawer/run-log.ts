// The log of one run, read for the drawer: all frames from the first, over a feed of its own that ends with the run.
import { createPaint } from '../paint.ts';
import { FRAME_NAMES } from '../record-names.ts';

export interface LogRow {
  seq: number;
  at: number;
  event: string;
  json: string;
}

export interface RunLog {
  rows: LogRow[];
  status: 'reading' | 'read' | 'failed';
}

/** Reads the log of `stream_id` and tells of it once per frame of the screen, until the run has ended or `close` is called. */
export function readRunLog(stream_id: string, tell: (log: RunLog) => void): () => void {
  const source = new EventSource(`/api/chat/stream?stream_id=${encodeURIComponent(stream_id)}`);
  const rows: LogRow[] = [];
  let status: RunLog['status'] = 'reading';
  const paint = createPaint(() => tell({ rows: rows.slice(), status }));
  const close = (): void => {
    source.close();
    paint.cancel();
  };
  const end = (how: RunLog['status']): void => {
    status = how;
    source.close();
    paint.ask();
  };
  for (const name of FRAME_NAMES)
    source.addEventListener(name, (event) => {
      const { seq, at } = JSON.parse(event.data);
      if (seq <= (rows.at(-1)?.seq ?? 0)) return;
      rows.push({ seq, at, event: name, json: event.data });
      if (name === 'stream_end') end('read');
      else paint.ask();
    });
  source.addEventListener('error', () => end(rows.length > 0 ? 'read' : 'failed'));
  return close;
}
