// The JSON of a frame's payload, made once, at most FRAME_BYTES_MAX long. Larger text is cut and says so.

const CUT_MARK = '\n… cut';

/** The longest text of a payload that may be shortened, per event. */
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

/** JSON of `data`, an object. Larger than `bytes_max`: its longest text is cut, `truncated` and `full_bytes` say so. */
export function encodeFrame(event: string, data: object, bytes_max: number): string {
  const json = JSON.stringify(data);
  // A JavaScript string of n units is at most 3n bytes of UTF-8.
  if (json.length * 3 <= bytes_max) return json;
  const full_bytes = Buffer.byteLength(json);
  if (full_bytes <= bytes_max) return json;
  const field = CUTTABLE[event];
  const value = field === undefined ? undefined : (data as Record<string, unknown>)[field];
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? '');
  for (let keep = Math.floor(bytes_max / 2); ; keep = Math.floor(keep / 2)) {
    const cut = { ...data, [field ?? 'cut']: cutText(text, keep) + CUT_MARK, truncated: true, full_bytes };
    const shorter = JSON.stringify(cut);
    if (Buffer.byteLength(shorter) <= bytes_max || keep === 0) return shorter;
  }
}

/** The first `keep` units of `text`, never half of a surrogate pair. */
function cutText(text: string, keep: number): string {
  const last = text.charCodeAt(keep - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? keep - 1 : keep);
}
