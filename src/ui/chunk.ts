// A part of the page that comes in a chunk of its own, and is read at once when it is here. What is lazy to React comes a turn
// later wherever it is first shown, and that turn is seen.

export interface Chunk<Parts> {
  /** Resolves with it; asked for twice, it is asked for once. */
  load(): Promise<Parts>;
  /** null: not here yet */
  here(): Parts | null;
  /** Tells when it has come. What is returned ends that. */
  watch(tell: () => void): () => void;
  /** It did not come. A browser remembers that for as long as the page lives: only a reload asks again. */
  isLost(): boolean;
}

export function createChunk<Parts>(ask: () => Promise<Parts>): Chunk<Parts> {
  let parts: Parts | null = null;
  let loading: Promise<Parts> | null = null;
  let lost = false;
  const waiting = new Set<() => void>();

  async function load(): Promise<Parts> {
    try {
      parts = await ask();
    } catch (error) {
      lost = true;
      throw error;
    }
    for (const tell of waiting) tell();
    return parts;
  }

  return {
    load() {
      loading ??= load();
      return loading;
    },
    here: () => parts,
    watch(tell) {
      waiting.add(tell);
      return () => void waiting.delete(tell);
    },
    isLost: () => lost,
  };
}
