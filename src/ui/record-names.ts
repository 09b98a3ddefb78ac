// The names of the records of a session feed: an EventSource hears only what it is asked for by name.
import { frameSchemas } from '../protocol/frames.ts';
import { sessionRecordSchemas } from '../protocol/records.ts';

export const FRAME_NAMES: readonly string[] = Object.keys(frameSchemas);
export const SESSION_RECORD_NAMES: readonly string[] = [...Object.keys(sessionRecordSchemas)];
