// The JSON of a frame's payload, made once, at most FRAME_BYTES_MAX long. Larger text is cut and says so.

const CUT_MARK = '\n… cut';

/** The part of a payload that may be shortened, per event. */
const CUTTABLE: Record<string, string> = {
  token: 'text',
  reasoning: 'text',
  tool_complete: 'result',
  tool_update: 'output',
  tool: 'args',
  plan: 'entries',
  warning: 'message',
  apperror: 'message',
};

/** What the log puts in front of a payload: stream_id, seq and at. */
const HEAD_BYTES_MAX = 256;

/** JSON of `data`, an object. Too large for a frame: its longest part is cut, `truncated` and `full_bytes` say so. */
export function encodeFrame(event: string, data: object, frame_bytes_max: number): string {
  const bytes_max = frame_bytes_max - HEAD_BYTES_MAX;
  const json = JSON.stringify(data);
  // A JavaScript string of n units is at most 3n bytes of UTF-8.
  if (json.length * 3 <= bytes_max) return json;
  const full_bytes = Buffer.byteLength(json);
  if (full_bytes <= bytes_max) return json;
  const field = CUTTABLE[event] ?? 'text';
  const value = (data as Record<string, unknown>)[field];
  for (let keep = 1 / 2; ; keep /= 2) {
    const shorter = JSON.stringify({ ...data, [field]: cut(value, keep), truncated: true, full_bytes });
    if (Buffer.byteLength(shorter) <= bytes_max || keep < 1e-9) return shorter;
  }
}

/** The first part of `value`: entries of a list, text of anything else; `keep`: how much, 0 < keep < 1. */
function cut(value: unknown, keep: number): unknown {
  if (Array.isArray(value)) return value.slice(0, Math.floor(value.length * keep));
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? '');
  const end = Math.floor(text.length * keep);
  const last = text.charCodeAt(end - 1);
  // Never half of a surrogate pair.
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end) + CUT_MARK;
}
