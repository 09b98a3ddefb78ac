// From whatever a request threw or reported to one failure of the closed set. It trusts no text of the endpoint's.
import type { Deadline } from './deadline.ts';
import type { Failure, FailureType } from './failures.ts';
import type { Redaction } from './redaction.ts';
import { isNoStream, type Wire } from './wire.ts';

export interface Evidence {
  wire: Wire;
  deadline: Deadline;
  redaction: Redaction;
}

/** What endpoints call their errors, in any of the usual shapes. */
interface Said {
  message: string;
  code: string;
}

const CONTEXT_WORDS =
  /context[_ ](?:length|window|size|limit)|maximum context|max_model_len|too many tokens|prompt is too long|input is too long|exceed\w* .{0,40}(?:context|tokens)/i;
const QUOTA_WORDS = /insufficient_quota|quota|billing|credit/i;
const RATE_WORDS = /rate.?limit|too many requests/i;
const AUTH_WORDS = /invalid.?api.?key|unauthori[sz]ed|authentication|permission/i;
const RETRY_AFTER_SECONDS_MAX = 86_400;

/** `error` is what was thrown by the SDK, or the `error` of one of its parts. */
export function diagnose(error: unknown, { wire, deadline, redaction }: Evidence): Failure {
  const timeout = deadline.expired();
  if (timeout) return { type: timeout };
  if (wire.status === null) return { type: 'network', detail: networkCode(error) };
  if (wire.status < 200 || wire.status > 299) return ofStatus(wire.status, error, redaction);
  if (wire.isOversized || isNoStream(wire)) return { type: 'bad_response' };
  if (wire.isCut) return { type: 'interrupted_stream' };
  if (isUnended(error))
    return { type: wire.hasEvents || wire.bytes === 0 ? 'interrupted_stream' : 'bad_response' };
  const said = saidInStream(error);
  return said
    ? { type: ofWords(said) ?? 'model_error', ...detail(said, redaction) }
    : { type: 'bad_response' };
}

/** True for the SDK's report that a stream had no `finish_reason`. */
export const isUnended = (error: unknown): boolean =>
  nameOf(error) === 'AI_InvalidResponseDataError' && /without a finish reason/.test((error as Error).message);

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

function ofStatus(status: number, error: unknown, redaction: Redaction): Failure {
  const said = saidInBody(error);
  const type = typeOfStatus(status, said);
  // Endpoints like to quote the key that they refuse: of these errors nothing is passed on.
  if (type === 'auth') return { type, status };
  const after = type === 'rate_limited' ? retryAfter(error) : null;
  const hint = after === null ? {} : { hint: `Try again in ${after} s.` };
  return { type, status, ...detail(said, redaction), ...hint };
}

function typeOfStatus(status: number, said: Said | null): FailureType {
  const words = said ? ofWords(said) : null;
  if (status === 401 || status === 403) return 'auth';
  if (status === 404) return 'not_found';
  if (status === 429) return words === 'quota_spent' ? words : 'rate_limited';
  if (status === 402) return 'quota_spent';
  if (status >= 300 && status < 400) return 'bad_response';
  if (status >= 500) return words === 'context_exceeded' ? words : 'model_error';
  if (status === 413) return 'context_exceeded';
  return words === 'context_exceeded' ? words : 'request_refused';
}

function ofWords({ code, message }: Said): FailureType | null {
  const text = `${code} ${message}`;
  if (CONTEXT_WORDS.test(text)) return 'context_exceeded';
  if (RATE_WORDS.test(text)) return 'rate_limited';
  if (QUOTA_WORDS.test(text)) return 'quota_spent';
  return AUTH_WORDS.test(text) ? 'auth' : null;
}

const detail = (said: Said | null, redaction: Redaction): { detail?: string } =>
  said?.message ? { detail: redaction.strictly(said.message) } : {};

/** `{error:{message,code,type}}`, `{error:"…"}`, `{detail:"…"}` and `{message:"…"}` are all in use. */
function readSaid(value: unknown): Said | null {
  if (typeof value === 'string') return { message: value, code: '' };
  if (typeof value !== 'object' || value === null) return null;
  const { error, message, detail: told, code, type } = value as Record<string, unknown>;
  if (error !== undefined && error !== null) return readSaid(error);
  const text = [message, told].find((each) => typeof each === 'string') ?? '';
  return { message: text as string, code: [code, type].filter((each) => typeof each === 'string').join(' ') };
}

function saidInBody(error: unknown): Said | null {
  const body = (error as { responseBody?: unknown } | null)?.responseBody;
  if (typeof body !== 'string') return null;
  try {
    return readSaid(JSON.parse(body));
  } catch {
    return null;
  }
}

/** An error event in the middle of a good stream. Half JSON and other rubbish give null. */
function saidInStream(error: unknown): Said | null {
  if (nameOf(error) === 'AI_TypeValidationError') {
    const value = (error as { value?: unknown }).value;
    return typeof value === 'object' && value !== null && 'error' in value ? readSaid(value) : null;
  }
  return error instanceof Error ? null : readSaid(error);
}

function retryAfter(error: unknown): number | null {
  const headers = (error as { responseHeaders?: Record<string, string> } | null)?.responseHeaders;
  const seconds = Number(headers?.['retry-after'] ?? Number.NaN);
  return seconds >= 1 && seconds <= RETRY_AFTER_SECONDS_MAX ? Math.ceil(seconds) : null;
}

/** `ECONNREFUSED` and its like, from wherever it hides. Never a message: those hold addresses. */
function networkCode(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return code;
  }
  return undefined;
}
