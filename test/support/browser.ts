// A real Chromium: the one that comes inside its npm package, or CHROMIUM_PATH. One browser a test file, a context a test.
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/** The package's own list has --single-process, which dies with several pages. */
const ARGS = ['--no-sandbox', '--disable-quic', '--disable-background-networking'];

export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? (await chromium.executablePath());
  return playwright.launch({ executablePath, args: ARGS, headless: true });
}
