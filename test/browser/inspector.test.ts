// The inspector in a real browser: it tells the story of a question, a Stop and a lost connection while they happen, and
// tells it again from a recording.
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { becomes } from '../support/eventually.ts';
import { createStage, playRun, recordingText } from '../ui/inspector-made-up.ts';
import { findings } from './findings.ts';
import type { Gate } from './gate.ts';
import { armed, button, message, notice, send, settled, tryNow } from './names.ts';
import { visits, WIDE } from './visit.ts';

const visit = visits({ config: { inspect: 'on' }, concurrent: true });

const lit = (page: Page, machine: string, state: string) =>
  page.getByRole('img', {
    name: new RegExp(`^Statechart of ${machine}\\. Lit: ${state.replaceAll('.', ', ')}\\.`),
  });
const actor = (page: Page, name: RegExp) => page.getByRole('treeitem', { name }).last();
const event = (page: Page, name: RegExp) => page.getByRole('option', { name }).last();
const said = (page: Page, name: string) => page.getByRole('complementary').getByText(name, { exact: true });
const scope = (page: Page) => page.getByRole('combobox', { name: 'Shown' });
const question = (page: Page) => page.getByRole('group', { name: 'Question', exact: true });
const asFile = (name: string, text: string) => ({
  name,
  mimeType: 'application/x-ndjson',
  buffer: Buffer.from(text),
});

let inspector: Page;
let recording: string;
let itsGate: Gate;

beforeAll(async () => {
  const { person, gate } = await visit.traveller();
  itsGate = gate;
  inspector = await person.newPage();
  await inspector.goto('/inspect');
  await actor(inspector, /^board/).waitFor();
});

it('ui the inspector shows a question, a Stop and a lost connection while they happen', async () => {
  const { person, gate } = await visit.traveller();
  const page = await visit.tab(await visit.client.session(), person);

  await send(page, 'tokens=20 rate=100 ask="Which database?|Postgres|SQLite"');
  await question(page).waitFor();
  await lit(inspector, 'stream', 'active.waiting').waitFor();
  await actor(inspector, /^clarify queue asking 1/).waitFor();
  await event(inspector, /prompts\.changed, from clarify queue to stream/).waitFor();
  await message(page).blur();
  await armed(question(page));
  await page.keyboard.press('1');
  await settled(page, 'completed');
  await lit(inspector, 'stream', 'settled').waitFor();
  await actor(inspector, /^stream .* completed/).waitFor();

  await send(page, 'tokens=100000 rate=50');
  await lit(inspector, 'stream', 'active.running').waitFor();
  // Letter by letter, while everything flows.
  await inspector.getByRole('searchbox').pressSequentially('cancel');
  expect(await inspector.getByRole('searchbox').inputValue()).toBe('cancel');
  await button(page, 'Stop').click();
  await actor(inspector, /^stream .* cancelled/).waitFor();
  await event(inspector, /cancel, from client to stream/).waitFor();
  await inspector.getByRole('searchbox').fill('');
  await settled(page, 'cancelled');

  await actor(inspector, /^line/).click();
  await lit(inspector, 'line', 'open').waitFor();
  gate.shut();
  await notice(page).waitFor();
  gate.open();
  await tryNow(page);
  await page.locator('[data-line-state="open"]').first().waitFor({ state: 'attached' });
  // What its machines did while nothing came through is told when something does.
  await inspector.getByRole('searchbox').fill('source.failed');
  await event(inspector, /source\.failed, from server to line/).waitFor();
  await inspector.getByRole('searchbox').fill('source.opened');
  await event(inspector, /source\.opened, from server to line/).click();
  await inspector
    .getByRole('img', { name: /^Statechart of line\. Lit: open\..* to open on source\.opened/ })
    .waitFor();
  await inspector.getByRole('searchbox').fill('');
  await button(inspector, 'Follow live').click();
  const download = await inspector.request.get('/inspect/recording');
  recording = await download.text();
});

it('ui it stands still, goes back event by event, and shows what each changed', async () => {
  await actor(inspector, /^stream .* completed/).click();
  await scope(inspector).selectOption('This actor');
  await button(inspector, 'Pause').click();
  await event(inspector, /prompts\.changed/).click();
  await lit(inspector, 'stream', 'active.running').waitFor();
  await inspector.getByText('active.waiting', { exact: true }).first().waitFor();
  await inspector.getByRole('listbox', { name: 'Sequence of events' }).press('ArrowUp');
  await lit(inspector, 'stream', 'active.waiting').waitFor();
  await said(inspector, 'asks').waitFor();
  await inspector.getByRole('heading', { level: 1 }).click();
  await inspector.keyboard.press('ArrowLeft');
  await lit(inspector, 'stream', 'active.running').waitFor();
  await inspector.keyboard.press('ArrowRight');
  await lit(inspector, 'stream', 'active.waiting').waitFor();
  await inspector.getByRole('slider', { name: 'Moment' }).press('Home');
  await lit(inspector, 'stream', 'active.admitted').waitFor();
  await scope(inspector).selectOption('Everything');
  await inspector.getByRole('slider', { name: 'Moment' }).press('Home');
  await inspector.getByText(/^At this moment there is no stream \S+ yet/).waitFor();
  await button(inspector, 'Go there').click();
  await lit(inspector, 'stream', 'active.admitted').waitFor();
  await scope(inspector).selectOption('This actor');
  await inspector.getByRole('searchbox').fill('zzzz');
  await inspector.getByText('No actor matches at this moment.').waitFor();
  await inspector.getByRole('searchbox').fill('agent.finished');
  await becomes(() => inspector.getByRole('option', { name: /, from / }).count(), 1);
  // What is told of is not the one that is left.
  await said(inspector, 'none of those shown').waitFor();
  const marked = inspector.locator('[data-n][aria-selected="true"]');
  await becomes(() => marked.count(), 0);
  await event(inspector, /agent\.finished/).click();
  await said(inspector, '1 of 1').waitFor();
  await becomes(() => marked.count(), 1);
  await scope(inspector).selectOption('Everything');
  await inspector.getByRole('searchbox').fill('board');
  await inspector.getByRole('slider', { name: 'Moment' }).press('Home');
  await event(inspector, /board: begins/).waitFor();
  await inspector.getByRole('definition').getByText('board', { exact: true }).waitFor();
  await inspector.getByRole('searchbox').fill('');
  await button(inspector, 'Follow live').click();
});

it('ui a recording opens where nobody runs anything, and steps to the same states', async () => {
  const file = asFile('story.jsonl', recording);
  const pick = inspector.locator('input[type=file]');
  await pick.setInputFiles({ ...file, buffer: Buffer.from('{"some":"file"}') });
  await inspector.getByRole('alert').getByText('This file is not a Weir recording.').waitFor();
  await pick.setInputFiles(file);
  await inspector.getByText('recording of a server · story.jsonl').waitFor();
  await becomes(() => inspector.getByRole('alert').count(), 0);
  await pick.setInputFiles(asFile('cut.jsonl', recording.trim().slice(0, -9)));
  const line = recording.trim().split('\n').length.toLocaleString('en');
  await inspector.getByRole('alert').getByText(`The file ends in the middle of line ${line}.`).waitFor();
  await pick.setInputFiles(file);
  await becomes(() => inspector.getByRole('alert').count(), 0);
  await lit(inspector, 'stream', 'settled').waitFor();
  await scope(inspector).selectOption('Everything');
  await inspector.getByRole('slider', { name: 'Moment' }).press('End');
  await actor(inspector, /^stream .* completed/).click();
  await lit(inspector, 'stream', 'settled').waitFor();
  await button(inspector, 'All states').click();
  await lit(inspector, 'stream', 'settled').waitFor();
  await button(inspector, 'Back to live').click();
  await actor(inspector, /^board/).waitFor();
  itsGate.shut();
  await inspector
    .getByRole('alert')
    .getByText(/^The connection is lost: what is shown is how it stood/)
    .waitFor();
  itsGate.open();
  await becomes(() => inspector.getByRole('alert').count(), 0);
});

it('ui whoever reads further up while it stands still stays there, whatever happens meanwhile', async () => {
  const session_id = await visit.client.session();
  await visit.client.start(session_id, 'tokens=300 rate=1000');
  const page = await (await visit.person()).newPage();
  await page.goto('/inspect');
  await scope(page).selectOption('Everything');
  await lit(page, 'stream', 'settled').waitFor();
  await button(page, 'Pause').click();
  const frame = page.locator('.seq');
  await becomes(() => frame.evaluate(({ scrollTop }) => scrollTop > 0), true);
  await frame.evaluate((element) => element.scrollTo(0, 0));
  await visit.client.start(session_id, 'tokens=5 rate=1000');
  await page.getByText('still to come').waitFor();
  expect(await frame.evaluate(({ scrollTop }) => scrollTop)).toBe(0);
});

it.each([
  { size: 'laptop', viewport: WIDE.viewport! },
  { size: 'phone', viewport: { width: 390, height: 844 } },
])(
  'ui hundreds of events make no page longer than a $size: only parts of it scroll',
  async ({ viewport }) => {
    const stage = createStage();
    for (const name of 'abcdefghijklmnopqrst') playRun(stage, name, 1_700_000_000_000);
    const page = await (await visit.person({ viewport })).newPage();
    await page.goto('/inspect');
    await page.locator('input[type=file]').setInputFiles(asFile('long.jsonl', recordingText(stage.entries)));
    await scope(page).selectOption('Everything');
    await page.getByRole('slider', { name: 'Moment' }).press('End');
    await becomes(() => page.locator('[data-n].cur').count(), 1);
    expect(Number(await page.locator('[data-n].cur').getAttribute('data-n'))).toBeGreaterThan(800);
    const size = () => page.evaluate(() => [scrollX, scrollY, document.documentElement.scrollHeight]);
    expect(await size()).toEqual([0, 0, viewport.height]);
    await page.locator('header').hover();
    await page.mouse.wheel(0, 400);
    await page.getByRole('listbox', { name: 'Sequence of events' }).hover();
    await page.mouse.wheel(0, 400);
    await page.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
    );
    expect(await size()).toEqual([0, 0, viewport.height]);
  },
);

it.each([
  { size: 'laptop', colorScheme: 'light' as const, viewport: WIDE.viewport! },
  { size: 'phone', colorScheme: 'dark' as const, viewport: { width: 390, height: 844 } },
])('ui axe finds nothing in the inspector on a $size in $colorScheme', async ({ viewport, colorScheme }) => {
  await inspector.setViewportSize(viewport);
  await inspector.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await inspector.locator('[data-n]').first().waitFor();
  expect(await findings(inspector)).toEqual([]);
  if (viewport.width > 640) return;
  expect(await inspector.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
  await button(inspector, 'Actors').click();
  await actor(inspector, /^stream/).waitFor();
  await button(inspector, 'Open recording').waitFor();
  expect(await findings(inspector)).toEqual([]);
  await inspector.evaluate(() => history.back());
  await button(inspector, 'Open recording').waitFor({ state: 'hidden' });
  await button(inspector, 'Event and snapshot').click();
  await inspector.getByRole('heading', { name: 'Snapshot' }).waitFor();
  expect(await findings(inspector)).toEqual([]);
});
