// What the routes know of the inspector.
import type { Entry, RecordingHead, TabObservations } from '../protocol/inspection.ts';

/** The same in the words of the official viewer, as JSON. */
export interface StatelyFeed {
  /** What a viewer must know that comes now. */
  kept(): string[];
  follow(tell: (json: string) => void): () => void;
}

export interface Inspection {
  /** this start of the server */
  readonly boot: string;
  /** number of the newest entry; 0: none */
  readonly n: number;
  /** How actors stood before the first entry that is kept. */
  head(): RecordingHead;
  /** What came after `n`, oldest first, at most INSPECTION_BATCH_MAX; null: not all of it is kept. */
  since(n: number): Entry[] | null;
  /** `wake`: something came; not for each entry, and not at once. What is returned ends that. */
  watch(wake: () => void): () => void;
  /** absent: nobody asked for the official viewer */
  readonly stately?: StatelyFeed | undefined;
  /** What a tab tells of its own actors. `known: false`: tell again how they stand, for nothing is known of them. */
  tabTold(told: TabObservations): { known: boolean };
}
