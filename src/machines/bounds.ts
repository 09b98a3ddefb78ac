// Every bound of the machines, in one place, each with its unit (ST4, P9). Knows no clock and no setting: a setting
// that replaces one of these is handed in by whoever starts the actor.

// ── stream ──────────────────────────────────────────────────────────────────────────────────────────────────────────
/** ST11: how often a run may be started before it is given up as interrupted; counted in the log. */
export const STARTS_MAX = 2;
export const STARTING_MS = 60_000;
/** No frame for this long is shown, not feared. */
export const QUIET_AFTER_MS = 30_000;
/** No frame for this long is a failure of the agent. Counted from its last frame. */
export const AGENT_SILENT_MS = 600_000;
/** ST7: counted from the moment the agent was asked to stop. */
export const CANCEL_KILL_MS = 3_000;
export const CANCEL_SETTLE_MS = 5_000;
/** Title and metering, after the terminal commit. */
export const DESCRIBE_MS = 10_000;
export const COMMIT_TRIES_MAX = 10;
export const COMMIT_RETRY_MS = 200;
/** A commit that nobody has answered by then counts as refused for good. */
export const COMMIT_ANSWER_MS = 30_000;
export const RECOVERY_TRIES_MAX = 10;
export const RECOVERY_RETRY_MS = 3_000;
/** All tries together. */
export const RECOVERY_MS = 30_000;
/** A watch, not a retry (P9): how often storage that takes no writes is tried again, for as long as it takes none. */
export const STORAGE_WATCH_MS = 30_000;
export const PRODUCER_SILENT_MS = 60_000;
export const PRODUCER_RETURN_MS = 300_000;
export const SWEEP_EVERY_MS = 10_000;

// ── session ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export const PASSIVATE_AFTER_MS = 60_000;
export const FOLLOW_UP_TRIES_MAX = 10;
export const FOLLOW_UP_RETRY_MS = 200;
export const ERASE_TRIES_MAX = 10;
export const ERASE_RETRY_MS = 200;

// ── prompt queue ────────────────────────────────────────────────────────────────────────────────────────────────────
/** What a timer of the platform can wait at most: 2^31 − 1 ms. A longer one fires at once, so longer waits are taken in parts. */
export const TIMER_MAX_MS = 2_147_483_647;
/** CQ7: tries to write that a prompt has expired; then the storage watch. */
export const EXPIRY_TRIES_MAX = 10;
export const EXPIRY_RETRY_MS = 200;

// ── board ───────────────────────────────────────────────────────────────────────────────────────────────────────────
/** P10: JSON of the events that a board keeps for readers who come back, beside their number (`BOARD_RING_MAX`). */
export const BOARD_RING_BYTES_MAX = 4 * 1024 * 1024;

// ── attachment ──────────────────────────────────────────────────────────────────────────────────────────────────────
/** AT1: the wait before the first ask for the settled session while live content is on screen. */
export const SETTLE_FIRST_ASK_MS = 180;
export const SETTLE_ASK_EVERY_MS = 200;
/** AT1: asks after the first one. */
export const SETTLE_ASKS_MAX = 10;
/** An ask that nobody has answered by then counts as answered with `error`. */
export const SETTLE_ANSWER_MS = 10_000;
/** AT10: how long a terminal frame waits for its `stream_end`. Longer than the server's own describing and retrying. */
export const FENCE_WAIT_MS = 20_000;
/** AT5: a watch, not a retry. */
export const OVERDUE_WATCH_MS = 5_000;

/** AT11: reattachments for one hole, before everything starts over. */
export const HOLES_MAX = 3;

// ── line ────────────────────────────────────────────────────────────────────────────────────────────────────────────
/** AT6: the ladder of reconnects, each × the jitter. */
export const LADDER_MS: readonly number[] = [1_500, 3_000, 5_000, 8_000, 12_000, 20_000];
export const JITTER_MIN = 0.75;
export const JITTER_MAX = 1.25;
/** AT6: once the ladder is spent; a watch, not a retry. */
export const LINE_WATCH_MS = 30_000;
/** How long a connection may take to open before it counts as failed. */
export const CONNECTING_MS = 15_000;
/** A line that the server ends sooner than this after it opened goes to the ladder instead of reopening at once. */
export const LINE_LASTED_MS = 1_000;
/** The server's default; the setting is handed in. */
export { HEARTBEAT_MS } from '../protocol/limits.ts';
export const HEARTBEATS_MISSED_MAX = 4;
/** A thawed tab drains its queue before its silence is believed. */
export const THAW_MS = 1_000;
/** PF2: failures before the line was ever open. */
export const POLL_AFTER_FAILURES = 3;
export const POLL_SESSION_MS = 3_000;
export const POLL_BOARD_MS = 10_000;

// ── tab leader ──────────────────────────────────────────────────────────────────────────────────────────────────────
/** LN2: how often the tab that leads shows that it lives. A hidden tab's timers are slower; it answers when it is asked. */
export const BEAT_MS = 1_000;
/** LN2: no beat for this long, and the leader is asked once more. */
export const LEADER_SILENT_MS = 2_500;
/** LN2: how long it has to answer, before its lock is stolen. */
export const LEADER_ANSWER_MS = 1_000;
/** A steal that was not granted by then; a watch, not a retry: it begins with a doubt again. */
export const STEAL_MS = 1_000;
/** LN2: the wait of a visible tab before it takes over from a hidden one, × the jitter: of several, one is first. */
export const TAKE_OVER_MS = 400;

// ── prompt feed ─────────────────────────────────────────────────────────────────────────────────────────────────────
/** A poll that nobody has answered by then has failed. */
export const POLL_ANSWER_MS = 10_000;
/** An answer of which nobody knows by then what became of it has failed. As long as the server waits for its log. */
export const RESPOND_MS = 30_000;
/** P10: answers on their way at once, and ended cards that are remembered. */
export const ANSWERS_MAX = 8;
export const CARDS_OVER_MAX = 16;
