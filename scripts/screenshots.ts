// Pictures of the page: a server in a folder of its own, a scene that is worth a look, and a real Chromium.
//   node scripts/screenshots.ts              docs/session.png
//   node scripts/screenshots.ts --out DIR    that, and every size, colour and moment into DIR
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from '../test/support/browser.ts';
import { type Client, createClient } from '../test/support/client.ts';
import { spawnServer } from '../test/support/server.ts';

const PICTURE = 'docs/session.png';
/** The first is the picture's. */
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
const SCHEMES = ['light', 'dark'] as const;

const MESSAGE = 'Show me how a run looks while it goes on, and what is left when it is over.';
/** What else there is to see in the list: title, message, and whether it is waited for. */
const OTHERS = [
  { title: 'Nightly import', message: 'tokens=40 tools=6', wait: true },
  { title: 'Read the failing build', message: 'tokens=60 fail=overloaded@30', wait: true },
  { title: 'Draft the release notes', message: 'tokens=80 tools=2', wait: true },
  {
    title: 'Backfill currency codes',
    message: 'Fill the codes of all old rows, a thousand at a time. tokens=100000 rate=4 tools=40',
    wait: false,
  },
  {
    title: 'Upgrade to Node 24',
    message: 'Install it, build, run everything twice, and say what broke. tokens=100000 rate=3',
    wait: false,
  },
];

const settled = (page: Page) => page.locator('main header [data-run-state="settled"]').waitFor();

async function playOthers(client: Client): Promise<void> {
  for (const { title, message, wait } of OTHERS) {
    const session_id = await client.session({ title });
    const stream_id = await client.start(session_id, message);
    if (wait) await (await client.read(`/api/chat/stream?stream_id=${stream_id}`)).ended;
  }
}

interface Look {
  name: string;
  page: Page;
  isPhone: boolean;
}

async function openLooks(browser: Browser, url: string): Promise<Look[]> {
  const looks = SIZES.flatMap((viewport) =>
    SCHEMES.map((colorScheme) => ({
      name: `session-${viewport.width}-${colorScheme}`,
      viewport,
      colorScheme,
    })),
  );
  return Promise.all(
    looks.map(async ({ name, viewport, colorScheme }) => {
      const isPhone = viewport.width < 640;
      const options: BrowserContextOptions = { viewport, colorScheme, reducedMotion: 'reduce' };
      const context = await browser.newContext({ ...options, deviceScaleFactor: isPhone ? 2 : 1 });
      const page = await context.newPage();
      await page.goto(url);
      await page.getByRole('textbox', { name: 'Message' }).waitFor();
      return { name, page, isPhone };
    }),
  );
}

async function shootPhone({ name, page }: Look, folder: string): Promise<void> {
  await page.getByRole('button', { name: 'Run details' }).click();
  await page.getByRole('img', { name: /^Statechart/ }).waitFor();
  await page.screenshot({ path: join(folder, `${name}-sheet.png`) });
  await page.getByRole('complementary').getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: /^Sessions/ }).click();
  await page.getByRole('list', { name: 'Sessions' }).waitFor();
  await page.screenshot({ path: join(folder, `${name}-list.png`) });
}

async function shoot(browser: Browser, url: string, folder: string | undefined): Promise<void> {
  const client = createClient(url);
  if (folder !== undefined)
    for (const { name, page } of await openLooks(browser, url))
      await page.screenshot({ path: join(folder, `${name.replace('session', 'start')}.png`) });
  await playOthers(client);
  const session_id = await client.session({ title: 'How a run looks' });
  const looks = await openLooks(browser, `${url}/s/${session_id}`);
  const [first, ...others] = looks as [Look, ...Look[]];
  await client.start(session_id, MESSAGE);
  const next = { session_id, message: 'And then the same for the second part.', on_busy: 'queue' };
  const { message_id } = (await client.post('/api/chat/start', next)).body;
  const take = (some: Look[], moment: string) =>
    Promise.all(
      some.map(({ name, page }) =>
        folder === undefined ? undefined : page.screenshot({ path: join(folder, `${name}-${moment}.png`) }),
      ),
    );
  // Mid-run: first the table, then the code is being written.
  await first.page.getByText(/^2 tools/).click();
  await Promise.all(others.map(({ page }) => page.locator('article table').waitFor()));
  await take(others, 'running');
  await first.page.locator('article pre', { hasText: 'append' }).waitFor();
  await first.page.screenshot({ path: PICTURE });
  await take([first], 'running');
  await client.request('DELETE', `/api/sessions/${session_id}/queue/${message_id}`);
  await Promise.all(looks.map(({ page }) => settled(page)));
  await take(looks, 'settled');
  if (folder !== undefined)
    await Promise.all(looks.filter(({ isPhone }) => isPhone).map((look) => shootPhone(look, folder)));
}

const { values } = parseArgs({ options: { out: { type: 'string' } } });
if (values.out !== undefined) await mkdir(values.out, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'weir-pictures-'));
const server = await spawnServer(folder);
const browser = await launchBrowser();
try {
  await shoot(browser, server.url, values.out);
} finally {
  await browser.close();
  server.child.kill('SIGKILL');
  await server.ended;
  await rm(folder, { recursive: true, force: true });
}
