// The transcript, which comes with the first session and not before the page; until it is here, its place is held.
import { useSyncExternalStore } from 'react';
import { createChunk } from '../chunk.ts';

export const transcriptChunk = createChunk(() => import('./transcript.tsx'));

export function TranscriptPart() {
  const parts = useSyncExternalStore(transcriptChunk.watch, transcriptChunk.here);
  return parts ? <parts.Transcript /> : <div id="transcript" className="log-frame" />;
}
