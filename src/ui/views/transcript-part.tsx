// The transcript and the drawer of a session; until what shows them is here, their places are held.
import { useSyncExternalStore } from 'react';
import { sessionChunk } from '../session-chunk.ts';
import { en } from '../text/en.ts';

/** null: not here yet */
export const useSessionParts = () => useSyncExternalStore(sessionChunk.watch, sessionChunk.here);

export function TranscriptPart() {
  const parts = useSessionParts();
  return parts ? (
    <>
      <parts.ArchivedNotice />
      <parts.Transcript />
    </>
  ) : (
    <div id="transcript" className="log-frame" />
  );
}

export function DrawerPart() {
  const parts = useSessionParts();
  return parts ? (
    <parts.Drawer />
  ) : (
    <aside id="drawer" className="drawer" popover="auto" aria-label={en.drawer.name}>
      <div className="tabs" />
      <p className="drawer-body dim">{en.drawer.none}</p>
    </aside>
  );
}
