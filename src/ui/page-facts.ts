// What the browser tells of the page: seen or hidden, network there or gone, about to stand still or going on again.

/** What concerns whatever is on screen. */
type Seen = 'page.hidden' | 'page.shown' | 'network.lost' | 'network.returned';
/** `page.frozen`: it is about to stand still, or to go: for the back-forward cache, or for good. */
type Life = 'page.frozen' | 'page.resumed';
export type PageFact = { [Type in Seen | Life]: { type: Type; at: number } }[Seen | Life];

/** Tells every change. What is returned ends it. */
export function watchPage(now: () => number, tell: (fact: PageFact) => void): () => void {
  const life = new AbortController();
  const on = (target: EventTarget, name: string, fact: (event: Event) => PageFact['type'] | null): void =>
    target.addEventListener(
      name,
      (event) => {
        const type = fact(event);
        if (type !== null) tell({ type, at: now() } as PageFact);
      },
      { signal: life.signal },
    );
  on(document, 'visibilitychange', () => (document.hidden ? 'page.hidden' : 'page.shown'));
  on(window, 'offline', () => 'network.lost');
  on(window, 'online', () => 'network.returned');
  on(document, 'freeze', () => 'page.frozen');
  on(document, 'resume', () => 'page.resumed');
  on(window, 'pagehide', () => 'page.frozen');
  // The cache closed our connection without a word (lesson 84).
  on(window, 'pageshow', (event) => ((event as PageTransitionEvent).persisted ? 'page.resumed' : null));
  return () => life.abort();
}
