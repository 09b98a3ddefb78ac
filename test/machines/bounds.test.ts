import { expect, test } from 'vitest';
import * as bounds from '../../src/machines/bounds.ts';
import { SSE_READER_SILENT_MS, STREAM_MAX_SECONDS, TIMEOUT_SECONDS_MAX } from '../../src/protocol/index.ts';

const rising = (...values: number[]) => {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  expect(values).toEqual(sorted);
};

test('ST7 an agent is asked, then killed, then the stream settles without it', () => {
  rising(0, bounds.CANCEL_KILL_MS, bounds.CANCEL_SETTLE_MS, bounds.DESCRIBE_MS);
});

test('ST4 an agent is quiet before it starts too late, and that before it is silent for good', () => {
  rising(bounds.QUIET_AFTER_MS, bounds.STARTING_MS, bounds.AGENT_SILENT_MS);
});

test('ST4 all tries of a recovery fit into its bound, and the last one still has time to be answered', () => {
  rising((bounds.RECOVERY_TRIES_MAX - 1) * bounds.RECOVERY_RETRY_MS, bounds.RECOVERY_MS);
  rising(bounds.COMMIT_TRIES_MAX * bounds.COMMIT_RETRY_MS, bounds.COMMIT_ANSWER_MS);
});

test('LN1 a heartbeat comes before a reader is given up, and that before the line is called quiet', () => {
  const quiet_line_ms = bounds.HEARTBEAT_MS * bounds.HEARTBEATS_MISSED_MAX;
  rising(bounds.HEARTBEAT_MS, SSE_READER_SILENT_MS, quiet_line_ms, STREAM_MAX_SECONDS * 1_000);
});

test('AT6 the ladder only rises, and ends below its watch', () => {
  rising(...bounds.LADDER_MS, bounds.LINE_WATCH_MS);
  expect(bounds.LADDER_MS).toEqual([1_500, 3_000, 5_000, 8_000, 12_000, 20_000]);
  rising(bounds.JITTER_MIN, 1, bounds.JITTER_MAX);
});

test('AT1 the asks are those of the seeds: 180 ms, then 200 ms, at most ten more', () => {
  expect([bounds.SETTLE_FIRST_ASK_MS, bounds.SETTLE_ASK_EVERY_MS, bounds.SETTLE_ASKS_MAX]).toEqual([
    180, 200, 10,
  ]);
});

test('AT10 the page waits longer for `stream_end` than the server takes to describe and to retry', () => {
  const server_ms =
    bounds.CANCEL_SETTLE_MS + bounds.DESCRIBE_MS + bounds.COMMIT_TRIES_MAX * bounds.COMMIT_RETRY_MS;
  rising(server_ms, bounds.FENCE_WAIT_MS);
});

test('CQ7 ST4 an answer is waited for longer than a poll, and no timer can wait for the longest question', () => {
  rising(bounds.POLL_SESSION_MS, bounds.POLL_ANSWER_MS, bounds.RESPOND_MS);
  rising(bounds.EXPIRY_TRIES_MAX * bounds.EXPIRY_RETRY_MS, bounds.COMMIT_ANSWER_MS);
  rising(bounds.AGENT_SILENT_MS, bounds.TIMER_MAX_MS, TIMEOUT_SECONDS_MAX * 1_000);
});

test('PF2 a push producer is missed before it is given up; the sweep sees both', () => {
  rising(bounds.SWEEP_EVERY_MS, bounds.PRODUCER_SILENT_MS, bounds.PRODUCER_RETURN_MS);
});

test('LN4 polls are slower than pushes and the board is polled slower than sessions', () => {
  rising(bounds.POLL_SESSION_MS, bounds.POLL_BOARD_MS, bounds.LINE_WATCH_MS);
  expect(bounds.POLL_AFTER_FAILURES).toBe(3);
});
