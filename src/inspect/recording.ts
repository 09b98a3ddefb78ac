// A recording that is to be stepped again: what is none of ours is refused in words.
import { type ReadRecording, readRecording as read } from '../protocol/recording.ts';

export type { Recording } from '../protocol/recording.ts';

/** It can't be read as a recording: shown to a person. */
export class RecordingError extends Error {
  override name = 'RecordingError';
}

/** @throws RecordingError */
export function readRecording(text: string): ReadRecording {
  const recording = read(text);
  if ('why' in recording) throw new RecordingError(`Line ${recording.line} ${recording.why}.`);
  return recording;
}
