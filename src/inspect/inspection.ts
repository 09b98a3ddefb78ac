// The inspector of this server: an observer for its actors, a recorder behind it, and the tabs that tell of theirs. It is made
// only where somebody asked for it; without it no actor has anybody who watches.
import { createObserver, type Observer } from '../machines/observer.ts';
import type { Clock } from '../protocol/index.ts';
import type { Inspection } from './port.ts';
import { createRecorder } from './recorder.ts';
import { createTabs } from './tabs.ts';

export interface Inspector extends Inspection {
  readonly observer: Observer;
  /** Idempotent. */
  close(): void;
}

export function createInspector({ boot, clock }: { boot: string; clock: Clock }): Inspector {
  const recorder = createRecorder({ boot, clock });
  const tabs = createTabs({ recorder, clock });
  return {
    boot,
    observer: createObserver(clock.now, recorder.record),
    get n() {
      return recorder.n;
    },
    head: recorder.head,
    since: recorder.since,
    watch: recorder.watch,
    tabTold: tabs.told,
    close() {
      tabs.close();
      recorder.close();
    },
  };
}
