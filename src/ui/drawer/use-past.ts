// Looking back: a run's export is read once, and stands at one of its moments until one goes back to now.
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from 'react';
import type { Entry } from '../../protocol/inspection.ts';
import { createPast, type Moment, type Past } from './run-past.ts';

export const exportPath = (stream_id: string): string =>
  `/api/chat/export?stream_id=${encodeURIComponent(stream_id)}`;

/** @throws when it can't be read */
async function readPast(stream_id: string, signal: AbortSignal): Promise<Past | null> {
  const answer = await fetch(exportPath(stream_id), { signal });
  const text = answer.ok ? await answer.text() : '';
  // It comes from our own server, and is not checked again. Its head says which run it is: that is known.
  const [, ...lines] = text.trimEnd().split('\n');
  const past = createPast(JSON.parse(`[${lines.join(',')}]`) as Entry[]);
  return past.count > 0 ? past : null;
}

export interface Travel {
  status: 'now' | 'reading' | 'failed' | 'past';
  count: number;
  /** where the slider stands */
  n: number;
  /** the run was over when it was read */
  isWhole: boolean;
  isReading: boolean;
  /** what is shown; behind the slider while that moves faster than it is drawn */
  moment: Moment | null;
  /** Reads it, or what has come since. */
  look(): void;
  goTo(n: number): void;
  leave(): void;
}

/** These keys answer a card from anywhere: not one that nobody sees. */
const answers = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean =>
  /^[1-9]$/.test(key) || (altKey && (ctrlKey || metaKey));

/** Escape goes back to now, before it closes anything; what would answer does nothing. */
function useKeysOfPast(isPast: boolean, leave: () => void): void {
  useEffect(() => {
    if (!isPast) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (document.querySelector('dialog[open]')) return;
      if (event.key === 'Escape') {
        event.preventDefault();
        leave();
      } else if (!answers(event)) return;
      event.stopPropagation();
    };
    addEventListener('keydown', onKeyDown, { capture: true });
    return () => removeEventListener('keydown', onKeyDown, { capture: true });
  }, [isPast, leave]);
}

export function usePast(stream_id: string): Travel {
  const [status, setStatus] = useState<Travel['status']>('now');
  const [past, setPast] = useState<Past | null>(null);
  const [n, setN] = useState(0);
  const shown = useDeferredValue(n);
  useEffect(() => {
    if (status !== 'reading') return;
    const leaving = new AbortController();
    readPast(stream_id, leaving.signal)
      .catch(() => null)
      .then((read) => {
        if (leaving.signal.aborted) return;
        // What was read before stays, and the slider where it stands.
        setPast((before) => read ?? before);
        setN((before) => before || (read?.count ?? 0));
        setStatus(read ? 'past' : 'failed');
      });
    return () => leaving.abort();
  }, [stream_id, status]);
  const isPast = past !== null;
  const leave = useCallback(() => {
    setStatus('now');
    setPast(null);
    setN(0);
  }, []);
  useKeysOfPast(isPast, leave);
  const moment = useMemo(
    () => (past ? past.at(Math.max(1, Math.min(shown, past.count))) : null),
    [past, shown],
  );
  const isWhole = useMemo(() => past?.at(past.count).steps.at(-1)?.path === 'settled', [past]);
  return {
    status: isPast ? 'past' : status,
    isWhole,
    isReading: status === 'reading',
    count: past?.count ?? 0,
    n,
    moment,
    look: () => setStatus('reading'),
    goTo: setN,
    leave,
  };
}
