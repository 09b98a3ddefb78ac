// Keeps what is marked with `data-guarded` calm below one element, until it has stood still (CQ11): told to everybody by
// `aria-disabled`, and presses that are too early go nowhere. What is focused and pressed by a key is meant, and passes. The
// mark's value is what a press acts on: with another one it is another thing, though it looks the same.
import { createStances, type Place } from './calm.ts';

const GUARDED = '[data-guarded]';
const CALM = 'aria-disabled';

function placeOf(element: Element): Place {
  const { left, top, bottom } = element.getBoundingClientRect();
  return { left, top, bottom };
}

const isWritten = (element: Element): boolean =>
  element.contains(document.activeElement) &&
  document.activeElement?.matches('textarea, input, select') === true;

/** What is returned ends it, and leaves nothing behind. */
export function watchCalm(root: Element): () => void {
  const stances = createStances<HTMLElement>();
  const actsOn = new WeakMap<HTMLElement, string | undefined>();
  const abort = new AbortController();
  const { signal } = abort;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The press that is under way: what it began on, what that acted on, and whether it could be pressed then. */
  let began: { on: HTMLElement; means: string | undefined; isArmed: boolean } | null = null;

  function say(): void {
    const now = performance.now();
    for (const element of stances.things())
      if (stances.isArmed(element, now)) element.removeAttribute(CALM);
      else element.setAttribute(CALM, 'true');
    clearTimeout(timer);
    const next = stances.nextArmed(now);
    if (next !== null) timer = setTimeout(say, next - now);
  }

  function look(): void {
    const at = performance.now();
    for (const element of stances.things())
      if (!root.contains(element)) {
        stances.gone(element);
        sizes.unobserve(element);
      }
    for (const element of root.querySelectorAll<HTMLElement>(GUARDED)) {
      if (!stances.has(element)) sizes.observe(element);
      if (actsOn.get(element) !== element.dataset.guarded) stances.gone(element);
      actsOn.set(element, element.dataset.guarded);
      stances.seen(element, placeOf(element), { at, isWritten: isWritten(element) });
    }
    say();
  }

  function scrolled(): void {
    for (const element of stances.things()) stances.scrolled(element, placeOf(element));
  }

  const guardedOf = ({ target }: Event): HTMLElement | null | undefined =>
    target instanceof Element ? target.closest('button')?.closest<HTMLElement>(GUARDED) : null;

  function begin(event: Event): void {
    const on = guardedOf(event);
    began = on ? { on, means: on.dataset.guarded, isArmed: stances.isArmed(on, event.timeStamp) } : null;
  }

  function press(event: MouseEvent): void {
    const on = guardedOf(event);
    // A key on a button clicks it without a pointer.
    if (!on || event.detail === 0) return;
    const isSame = began?.on === on && began.means === on.dataset.guarded;
    // What slips away under a finger that is down is still what was meant.
    if (isSame ? began?.isArmed : stances.isArmed(on, event.timeStamp)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  // What comes and goes is seen before any press can follow, what grows by itself before it is painted.
  const sizes = new ResizeObserver(look);
  const comings = new MutationObserver(look);
  look();
  comings.observe(root, { childList: true, subtree: true, attributeFilter: ['data-guarded'] });
  for (const element of [root, document.body]) sizes.observe(element);
  addEventListener('resize', look, { signal });
  addEventListener('scroll', scrolled, { signal, capture: true, passive: true });
  root.addEventListener('pointerdown', begin, { signal, capture: true, passive: true });
  root.addEventListener('click', (event) => press(event as MouseEvent), { signal, capture: true });
  return () => {
    abort.abort();
    clearTimeout(timer);
    for (const element of stances.things()) element.removeAttribute(CALM);
    comings.disconnect();
    sizes.disconnect();
  };
}
