// What the browser tells of the page: seen or hidden, network there or gone, restored from the back-forward cache.

export type PageFact = {
  type: 'page.hidden' | 'page.shown' | 'network.lost' | 'network.returned' | 'page.restored';
  at: number;
};
type Told = Exclude<PageFact['type'], 'page.restored'>;

/** Tells every change, and what is not as usual already. What is returned ends it. */
export function watchPage(
  now: () => number,
  tell: (fact: { type: Told; at: number } | { type: 'page.restored'; at: number }) => void,
): () => void {
  const seen = (): void => tell({ type: document.hidden ? 'page.hidden' : 'page.shown', at: now() });
  const lost = (): void => tell({ type: 'network.lost', at: now() });
  const returned = (): void => tell({ type: 'network.returned', at: now() });
  // The cache closed our connection without a word (lesson 84).
  const restored = (event: PageTransitionEvent): void => {
    if (event.persisted) tell({ type: 'page.restored', at: now() });
  };
  document.addEventListener('visibilitychange', seen);
  addEventListener('offline', lost);
  addEventListener('online', returned);
  addEventListener('pageshow', restored);
  return () => {
    document.removeEventListener('visibilitychange', seen);
    removeEventListener('offline', lost);
    removeEventListener('online', returned);
    removeEventListener('pageshow', restored);
  };
}
