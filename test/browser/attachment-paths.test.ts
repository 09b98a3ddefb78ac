// An attachment, driven: every act in every state of its machine, in the page itself, in Chromium. After each step the page's
// own machine, its commands and what is drawn are what the pure machine makes of the same facts.
import { beforeAll, expect, it } from 'vitest';
import { attachmentMachine } from '../../src/machines/attachment.machine.ts';
import {
  attachmentActs,
  attachmentGoals,
  attachmentKey,
  isPageActWorthwhile,
} from '../conformance/attachment.acts.ts';
import { AttachmentScene } from '../conformance/attachment.scene.ts';
import { figures, shareOf } from '../conformance/conform.ts';
import { type ForgedPage, forgePage } from '../conformance/forged-page.ts';
import { pathsToDrive } from '../conformance/kept.ts';
import { drivePage } from '../conformance/page-compare.ts';
import { makePaths } from '../conformance/tours.ts';
import { Coverage } from '../support/coverage.ts';
import { visits } from './visit.ts';

// The page outlives the test that drives it.
const visit = visits({ concurrent: true });

/** What nobody can cause in a page, and why. */
const UNREACHED: Record<string, string> = {
  'attachment.following on retry #1': 'who does not want to wait is heard by the line, which opens anew',
  'attachment.stale.watching on retry #1': 'the same: the page hands a retry to its line',
};

const make = () =>
  makePaths({
    begin: () => AttachmentScene.begin(),
    acts: attachmentActs,
    isWorthwhile: isPageActWorthwhile,
    key: attachmentKey,
    goals: attachmentGoals,
    places_max: 20_000,
    steps_max: 60,
  });

/** What the server says of a new session. */
async function session() {
  const session_id = await visit.client.session();
  return (await visit.client.get(`/api/session?session_id=${session_id}&messages=1`)).body;
}

/** One page for all paths: to open it takes longer than to drive one. */
let page: ForgedPage;
beforeAll(async () => {
  page = await forgePage(await (await visit.person()).newPage(), await session());
});

it('AT1 AT3 AT7 AT11 along every generated path the page is in what the machine is in, step by step', async () => {
  const paths = await pathsToDrive('attachment', attachmentActs, make);
  const coverage = new Coverage(attachmentMachine);
  let steps = 0;
  for (const path of paths) {
    const driven = await drivePage(path, page, { coverage });
    steps += driven.steps;
    if (!driven.isClear) await page.moves(await session());
  }
  const share = shareOf(attachmentMachine, coverage);
  const more = `${paths.length} paths, ${steps} steps`;
  process.stdout.write(figures('attachment through the page', share, more));
  expect(share.missing.toSorted()).toEqual(Object.keys(UNREACHED).toSorted());
});

it('house the paths tell a machine with a fault from the page: a run that ends with text on screen is asked for at once', async () => {
  const machine = attachmentMachine.provide({ guards: { endsLive: () => false } });
  const act = attachmentActs.find(({ name }) => name === 'a word and the end come as one')!;
  await expect(drivePage([act], page, { machine })).rejects.toThrow(/the house says/);
});
