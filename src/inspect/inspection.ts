// The inspector of this server: an observer for its actors, a recorder behind it, and the tabs that tell of theirs. It is made
// only where somebody asked for it; without it no actor has anybody who watches.
import { createObserver, type Observer } from '../machines/observer.ts';
import type { Clock } from '../protocol/index.ts';
import type { Inspection } from './port.ts';
import { createRecorder } from './recorder.ts';
import type { Stately } from './stately.ts';
import { createTabs } from './tabs.ts';

export interface Inspector extends Inspection {
  readonly observer: Observer;
  /** Idempotent. */
  close(): void;
}

interface Ports {
  boot: string;
  clock: Clock;
  /** who tells the official viewer as well */
  stately?: Stately | undefined;
}

export function createInspector({ boot, clock, stately }: Ports): Inspector {
  const recorder = createRecorder({ boot, clock });
  const observer = createObserver(clock.now, recorder.record);
  const tabs = createTabs({ recorder, clock });
  return {
    boot,
    stately,
    observer: {
      watch(actor, input, id) {
        observer.watch(actor, input, id);
        stately?.watch(actor);
      },
      watchStore: observer.watchStore,
    },
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
