// What lies over the page has an entry in the history of its own: Back closes it, instead of leaving what is under it. However
// else it is closed, its entry goes with it. Knows no view.
const open: (() => void)[] = [];
let isGoing = false;

/** How many lie over the page where the history stands. */
const depth = (): number => history.state?.over ?? 0;

/** A page is gone to in place of an entry that only says that something lies over the one before. */
export const isOver = (): boolean => depth() > 0;

/** It lies over the page now. What is returned says that it does no more. */
export function layOver(close: () => void): () => void {
  open.push(close);
  history.pushState({ over: open.length }, '');
  return () => {
    const at = open.indexOf(close);
    if (at < 0) return;
    open.splice(at, 1);
    if (depth() <= open.length) return;
    isGoing = true;
    history.go(open.length - depth());
  };
}

/** Where the history is on its way, whoever goes elsewhere meanwhile would be taken back. */
export function whenStill(act: () => void): void {
  if (isGoing) addEventListener('popstate', act, { once: true });
  else act();
}

addEventListener('popstate', () => {
  isGoing = false;
  while (open.length > depth()) open.pop()?.();
});
