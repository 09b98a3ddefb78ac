// Presses as quick as a hand's, which nobody outside a page is.
import type { Locator } from 'playwright-core';
import { armed } from './names.ts';

/**
 * Presses, and presses once more at the same place in the moment in which something else has come there (CQ11): the button
 * that lay there then. Resolves when the page has had a frame to take it.
 */
export async function pressTwice(first: Locator) {
  await armed(first);
  return first.evaluateHandle((button) => {
    const { left, top } = button.getBoundingClientRect();
    const press = (on: Element): void => {
      on.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
      on.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, detail: 1 }));
    };
    const there = (): HTMLButtonElement | null =>
      document.elementFromPoint(left + 8, top + 8)?.closest('button') ?? null;
    const meaning = (of: Element | null) => of?.closest<HTMLElement>('[data-guarded]') ?? null;
    const before = { of: meaning(button), means: meaning(button)?.dataset.guarded };
    return new Promise<HTMLButtonElement>((pressed) => {
      const observer = new MutationObserver(() => {
        const next = there();
        const now = meaning(next);
        if (!next || !now || (now === before.of && now.dataset.guarded === before.means)) return;
        observer.disconnect();
        press(next);
        requestAnimationFrame(() => pressed(next));
      });
      observer.observe(document.body, { subtree: true, childList: true, attributes: true });
      press(button);
    });
  });
}
