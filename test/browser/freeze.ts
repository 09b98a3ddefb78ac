// A page that stands still without a word, as in a laptop that sleeps. A headless Chromium shows every page and freezes none
// that is shown (`Page.setWebLifecycleState`); one that its debugger stopped runs nothing either, and keeps its locks.
import type { Page } from 'playwright-core';

/** What is returned lets it go on. */
export async function freeze(page: Page): Promise<() => Promise<void>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Debugger.enable');
  const stopped = new Promise<unknown>((resolve) => devtools.once('Debugger.paused', resolve));
  await devtools.send('Debugger.pause');
  await stopped;
  return async () => {
    await devtools.send('Debugger.resume');
    await devtools.detach();
  };
}
