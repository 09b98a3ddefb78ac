// Entries as the feed tells them, and how large a file may be that is opened instead.
import type { Entry } from '../../protocol/inspection.ts';

/** A file that is larger is not read. */
export const RECORDING_BYTES_MAX = 128 * 1024 * 1024;

/** Entries of one event of the feed: an entry a line. They come from our own server, and are not checked again. */
export const readBatch = (lines: string): Entry[] => JSON.parse(`[${lines.replaceAll('\n', ',')}]`);
