// Every limit of the wire, with its unit. The rest of the house reads them from here, and docs/limits.md lists them.

export const ID_LENGTH_MAX = 64;
export const ID_RANDOM_BYTES = 16;
export const CURSOR_BYTES_MAX = 1024;
export const MESSAGE_BYTES_MAX = 256 * 1024;
export const FRAME_BYTES_MAX = 256 * 1024;
export const BODY_BYTES_MAX = 1024 * 1024;
export const IMPORT_BYTES_MAX = 64 * 1024 * 1024;
/** Imports that are taken in at the same time, of everybody; one more waits for its turn (P10). */
export const IMPORTS_AT_ONCE_MAX = 2;
/** One import is one transaction: it must not hold the others up for long. */
export const IMPORT_MESSAGES_MAX = 20_000;
export const JSON_DEPTH_MAX = 64;
export const TITLE_LENGTH_MAX = 200;
export const LABEL_LENGTH_MAX = 200;
export const PATH_LENGTH_MAX = 4096;
export const QUEUE_LENGTH_MAX = 100;
export const LIST_LIMIT_MAX = 200;
export const LIST_LIMIT_DEFAULT = 50;
export const MESSAGES_LIMIT_MAX = 1000;
export const SEARCH_LENGTH_MAX = 200;

export const SSE_UNSENT_BYTES_MAX = 1024 * 1024;
export const SSE_BEHIND_BYTES = 256 * 1024;
export const SSE_READER_SILENT_MS = 20_000;
export const SSE_RETRY_MIN_MS = 1000;
export const SSE_RETRY_MAX_MS = 3000;
export const HEARTBEAT_MS = 15_000;
export const STREAM_MAX_SECONDS = 1800;
export const KEEPALIVE_MS = 10_000;
export const SSE_CONNECTIONS_MAX = 20_000;
export const LOGIN_FAILURES_MAX = 10;
export const LOGIN_WINDOW_MS = 60_000;
/** A body that says nothing for so long is given up, */
export const BODY_SILENT_MS = 30_000;
/** and one that takes so long for its size: a slow line may bring a large file, a trickle keeps no place for ever. */
export const BODY_BYTES_PER_SECOND_MIN = 32 * 1024;
export const HEADERS_TIMEOUT_MS = 10_000;
export const HEADER_BYTES_MAX = 16 * 1024;
/** A body that is too large is read to its end, up to here, so that the answer can be read. */
export const DRAIN_BYTES_MAX = 64 * 1024 * 1024;

/** Sessions that one `/api/live` carries. */
export const LIVE_SESSIONS_MAX = 64;

export const ATTACHMENT_BYTES_MAX = 16 * 1024 * 1024;
export const ATTACHMENTS_MAX = 10;
export const ATTACHMENT_NAME_LENGTH_MAX = 200;
/** Uploads that are taken in at the same time, of everybody; one more waits for its turn (P10). */
export const UPLOADS_AT_ONCE_MAX = 4;
/** An attachment that no message names is removed after this long. */
export const ATTACHMENT_UNUSED_MS = 24 * 3_600_000;

/** Web Push: devices of one principal; what one that fails gets before it is forgotten. */
export const PUSH_SUBSCRIPTIONS_MAX = 50;
export const PUSH_FAILURES_MAX = 5;
export const PUSH_ENDPOINT_LENGTH_MAX = 2048;
/** Title and text of a notice: a push carries 4 KiB, and a screen shows less. */
export const NOTICE_TEXT_LENGTH_MAX = 240;

/** Prompts that may be pending in one queue; more is answered `too_many`. */
export const PENDING_PROMPTS_MAX = 64;
