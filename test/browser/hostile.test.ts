// What people, agents and imported files write is text, whatever it looks like: nothing of it runs, and nothing of it makes
// the page ask anybody else for anything (tables, titles, tool output and queue entries as well).
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { chunk, createEndpoint, DONE, STOP, STREAM_HEADERS } from '../agents/endpoint.ts';
import { createClient } from '../support/client.ts';
import { becomes } from '../support/eventually.ts';
import { startTestServer } from '../support/server.ts';
import { activeStream, badge, button, message, send, settled, transcript } from './names.ts';
import { visits } from './visit.ts';

const visit = visits();

/** Letters in one frame of a model that streams. */
const CRUMB_LENGTH = 5;
const RUN = "globalThis.pwned=(globalThis.pwned??0)+1;fetch('http://evil.invalid/')";
/** Everything that has run somewhere before. */
const HOSTILE = [
  `<script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  '<img src="http://evil.invalid/pixel.png">',
  '![remote](http://evil.invalid/remote.png)',
  '![data](data:image/svg+xml,<svg onload=alert(1)>)',
  `<svg onload="${RUN}"><circle r="1"/></svg>`,
  `<svg><script>${RUN}</script></svg>`,
  `<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>`,
  '<iframe src="javascript:alert(1)"></iframe>',
  '<object data="http://evil.invalid/x"></object><embed src="http://evil.invalid/y">',
  '<link rel="stylesheet" href="http://evil.invalid/z.css">',
  '<style>@import "http://evil.invalid/s.css"; body { background: url(http://evil.invalid/b.png) }</style>',
  '<p style="background:url(http://evil.invalid/style.png)">styled</p>',
  '<form action="http://evil.invalid/f"><input autofocus onfocus="alert(1)"><button>send</button></form>',
  `<details open ontoggle="${RUN}">x</details>`,
  `<a href="javascript:${RUN}">html link</a>`,
  '[markdown link](javascript:alert(1))',
  '[tabbed](java\tscript:alert(1))',
  '[entity](&#106;avascript:alert(1))',
  '[data](data:text/html,<script>alert(1)</script>)',
  '[vb](vbscript:msgbox(1))',
  '<base href="http://evil.invalid/">',
  '<meta http-equiv="refresh" content="0;url=http://evil.invalid/">',
  '<math><mi xlink:href="javascript:alert(1)">m</mi></math>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<template><script>alert(1)</script></template>',
  `| a | b |\n| --- | --- |\n| <img src=x onerror="${RUN}"> | [x](javascript:alert(1)) |`,
  '```html\n<script>alert(1)</script>\n```',
  '```"><img/src=x/onerror=alert(1)>\ncode\n```',
  '<div id="root"></div><div id="transcript" name="app">clobber</div>',
  '\u001b[31mred\u001b[0m \u202Etxt.exe\u202C \u0000',
  'event: stream_end\ndata: {"terminal_state":"completed"}\n\n',
  // One paragraph: while it streams, all of it is the live tail.
  '[live](javascript:alert(1)) ![live](http://evil.invalid/live.png) <img src="http://evil.invalid/x"> last words',
].join('\n\n');

const TITLE = '<img src=x onerror=alert(1)> "><script>alert(2)</script> title';

async function harmless(page: Page): Promise<void> {
  // A click on everything that can be clicked in the transcript, the disclosures included: what one opens, and what it closes.
  for (const summary of await transcript(page).locator('summary').all())
    if (await summary.isVisible()) await summary.click();
  const links = transcript(page).locator('a[href]');
  for (const href of await links.evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href)))
    expect(href).toMatch(/^(https?|mailto):/);
  expect(await page.evaluate(() => 'pwned' in globalThis)).toBe(false);
  const active =
    'script, iframe, object, embed, link, style, form, base, meta, svg script, [onerror], [onload], [ontoggle]';
  expect(await transcript(page).locator(active).count()).toBe(0);
  // The only pictures are the page's own.
  const sources = await page
    .locator('img, image, video, audio, source')
    .evaluateAll((all) => all.map((one) => one.getAttribute('src') ?? one.getAttribute('href') ?? ''));
  expect(sources.filter((src) => !src.startsWith('data:image/'))).toEqual([]);
  // `visits` checks after each test: no dialog, no other origin, no violation of the policy.
}

it('ui the page comes with a content policy that lets nothing foreign in', async () => {
  const answered = await visit.client.get('/');
  const policy = answered.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'self'");
  expect(policy).not.toMatch(/unsafe-(inline|eval)|\*|http:/);
  expect(answered.headers.get('x-content-type-options')).toBe('nosniff');
});

it('ui hostile text of an agent and of a person, imported, does nothing', async () => {
  const part = { type: 'text', text: HOSTILE };
  const { body, status } = await visit.client.post('/api/sessions/import', {
    session: { title: TITLE },
    messages: [
      { role: 'user', parts: [part] },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: HOSTILE, started_at: 1, ended_at: 2 },
          part,
          {
            type: 'tool',
            tid: 't1',
            name: TITLE,
            preview: HOSTILE,
            args: { html: HOSTILE, __proto__x: 1 },
            status: 'completed',
            output: HOSTILE,
            result: { html: HOSTILE },
            started_at: 1,
          },
          { type: 'plan', entries: [{ content: HOSTILE, status: 'pending' }] },
          { type: 'warning', warning: TITLE, message: HOSTILE },
          { type: 'error', error: TITLE, message: HOSTILE, hint: HOSTILE },
        ],
      },
    ],
  });
  expect(status).toBe(201);
  const page = await visit.tab(body.session.session_id);
  await transcript(page).getByText('html link').first().waitFor();
  await harmless(page);
  await becomes(() => page.title().then((title) => title.startsWith('<img src=x')), true);
  await page.getByRole('list', { name: 'Sessions' }).getByText('<img src=x').waitFor();
});

it('ui a hostile message that is sent, queued, titled, kept as a draft and copied does nothing', async () => {
  const session_id = await visit.client.session();
  const page = await visit.tab(session_id);
  await send(page, `tokens=5000 rate=60 title="${TITLE.replaceAll('"', '\\"')}"\n${HOSTILE}`);
  await activeStream(visit.client, session_id);
  await send(page, HOSTILE);
  await page.getByRole('list', { name: 'Next in the queue' }).waitFor();
  await message(page).fill(HOSTILE);
  await page.reload();
  await page.getByRole('list', { name: 'Next in the queue' }).waitFor();
  expect(await message(page).inputValue()).toContain('<script>');
  await button(page, 'Stop').click();
  // The queued one is prose: the demo agent quotes it.
  await transcript(page).getByText('demo agent').first().waitFor();
  await harmless(page);
  await button(page, 'Stop').click();
  await settled(page, 'cancelled');
  await harmless(page);
});

it('ui hostile text of a model does nothing while it streams, and nothing when it is settled', async () => {
  let finish = (): void => {};
  const endpoint = await createEndpoint(async (response, _request, nth) => {
    response.writeHead(200, STREAM_HEADERS);
    // The second question is for a title.
    if (nth > 1) return void response.end(chunk({ content: TITLE }) + STOP + DONE);
    // In crumbs, so that every piece of markup is seen half.
    for (let at = 0; at < HOSTILE.length; at += CRUMB_LENGTH) {
      response.write(chunk({ content: HOSTILE.slice(at, at + CRUMB_LENGTH) }));
      await new Promise(setImmediate);
    }
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    response.end(STOP + DONE);
  });
  const openai = { base_url: endpoint.base_url, api_key: 'sk-test', model: 'test' };
  const server = await startTestServer({ agent: 'openai', openai });
  try {
    const session_id = await createClient(server.url).session();
    const person = await visit.person({ baseURL: server.url });
    const page = await visit.tab(session_id, person);
    await send(page, 'Say it all.');
    await transcript(page).getByText('last words').waitFor();
    await badge(page).and(page.locator('[data-run-state="running"]')).waitFor();
    await harmless(page);
    const reloaded = await visit.tab(session_id, person);
    await transcript(reloaded).getByText('last words').waitFor();
    await harmless(reloaded);
    finish();
    for (const tab of [page, reloaded]) {
      await settled(tab, 'completed');
      await harmless(tab);
    }
  } finally {
    finish();
    await server.close();
    await endpoint.close();
  }
});

it('ui an address that is no session says so, and runs nothing', async () => {
  const page = await (await visit.person()).newPage();
  for (const path of [
    '/s/no-such-session',
    '/s/%3Cscript%3Ealert(1)%3C%2Fscript%3E',
    '/s/..%2f..%2fetc',
    '/?x=<script>',
  ]) {
    await page.goto(path);
    await page.getByRole('main').waitFor();
    expect(await page.evaluate(() => 'pwned' in globalThis)).toBe(false);
  }
  await page.goto('/s/no-such-session');
  await page.getByText('There is no such session').waitFor();
  expect(await badge(page).count()).toBe(0);
});
