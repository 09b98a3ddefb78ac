// Rejections: the closed set of ways in which a request is refused, and the status of each. Source: PROTOCOL.md §4.

export const STATUS_OF = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  too_slow: 408,
  session_busy: 409,
  prompt_stale: 409,
  stream_settled: 409,
  message_started: 409,
  sequence_gap: 409,
  session_damaged: 409,
  cursor_expired: 410,
  too_large: 413,
  unsupported_media_type: 415,
  too_many: 429,
  agent_unavailable: 503,
  shutting_down: 503,
  storage_full: 507,
} as const;

export type ErrorCode = keyof typeof STATUS_OF;

/** A request that is refused. `data` goes into the body beside `error` and `code`. Nothing was written. */
export class Rejection extends Error {
  readonly code: ErrorCode;
  readonly data: Record<string, unknown>;
  constructor(code: ErrorCode, sentence: string, data: Record<string, unknown> = {}) {
    super(sentence);
    this.name = 'Rejection';
    this.code = code;
    this.data = data;
  }
  get status(): number {
    return STATUS_OF[this.code];
  }
  get body(): Record<string, unknown> {
    return { error: this.message, code: this.code, ...this.data };
  }
}

export const badField = (field: string, why: string): Rejection =>
  new Rejection('bad_request', `${field}: ${why}`, { field });

export const notFound = (what: string): Rejection => new Rejection('not_found', `There is no such ${what}.`);
