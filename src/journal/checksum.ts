// The checksum of a record: over all that identifies it and all that it says. Written with it, checked at every read.
import { crc32 } from 'node:zlib';
import type { StoredRecord } from '../protocol/index.ts';

export const checksum = (record: StoredRecord): number =>
  crc32(
    `${record.session_id}\n${record.pos}\n${record.stream_id ?? ''}\n${record.seq ?? ''}\n${record.event}\n${record.at}\n${record.json}`,
  );
