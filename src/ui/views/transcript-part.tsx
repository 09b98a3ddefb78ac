// The transcript; until what shows it is here, its place is held.
import { useSyncExternalStore } from 'react';
import { sessionChunk } from '../session-chunk.ts';

/** null: not here yet */
export const useSessionParts = () => useSyncExternalStore(sessionChunk.watch, sessionChunk.here);

export function TranscriptPart() {
  const parts = useSessionParts();
  return parts ? <parts.Transcript /> : <div id="transcript" className="log-frame" />;
}
