// What can happen to an attachment of a page: when, what the machine is told by it, and the hand that does it.
import { LINE_WATCH_MS } from '../../src/machines/bounds.ts';
import type { AttachmentScene, ForgedFrame } from './attachment.scene.ts';
import { type ForgedPage, REOPEN_MS } from './forged-page.ts';
import type { Doable } from './tours.ts';

export interface PageAct extends Doable<AttachmentScene> {
  name: string;
  drive(page: ForgedPage, before: AttachmentScene): Promise<unknown>;
}

/** In which a long wait is taken. */
const PARTS = 6;
/** AT10: the server ended a line that has lasted. */
const LASTED_MS = 1_000;

const isOver = (scene: AttachmentScene) => scene.life.isOver;
const hears = (scene: AttachmentScene) => !isOver(scene) && scene.facts.line === 'open';
const follows = (scene: AttachmentScene) => scene.path.startsWith('following');
const isAway = ({ facts }: AttachmentScene) => facts.hidden || facts.offline;

/** `may`: beyond that the line is open and the run has not ended. */
const comes = (
  name: string,
  frames: ForgedFrame[],
  may: (scene: AttachmentScene) => boolean,
  skips = 0,
): PageAct => ({
  name,
  may: (scene) => hears(scene) && !scene.facts.hasEnd && may(scene),
  tell: (scene) => scene.frames(frames, skips),
  drive: (page, before) => page.frames(frames, before.facts.seq + skips + 1),
});

const speaks = ({ facts }: AttachmentScene) => !facts.hasTerminal;

const hole = comes('a frame comes after a hole', ['title'], () => true, 2);
const frames: PageAct[] = [
  comes('a word comes', ['token'], speaks),
  comes('a word comes after the end was said', ['token'], ({ facts }) => facts.hasTerminal),
  comes('the end is said', ['done'], speaks),
  comes('a word and the end come as one', ['token', 'done', 'stream_end'], speaks),
  comes('a title comes', ['title'], ({ facts }) => facts.hasTerminal),
  comes('the last frame comes', ['stream_end'], () => true),
  hole,
  {
    name: 'a frame comes again',
    may: (scene) => hears(scene) && scene.facts.seq > 0,
    tell: (scene) => {
      const { seq } = scene.facts;
      scene.tell({ type: 'frames.arrived', first: seq, last: seq, live: true });
    },
    drive: (page, before) => page.frames(['token'], before.facts.seq),
  },
];

const line: PageAct[] = [
  {
    name: 'the line breaks',
    may: hears,
    tell(scene) {
      scene.facts.line = 'down';
      scene.tell({ type: 'line.lost' });
    },
    drive: (page) => page.cut(),
  },
  {
    name: 'the server ends the line',
    may: (scene) => hears(scene) && (scene.wait() ?? Infinity) > LASTED_MS,
    tell(scene) {
      scene.goOn(LASTED_MS);
      scene.facts.line = 'down';
      scene.tell({ type: 'line.ended', reason: 'lifetime' });
    },
    async drive(page) {
      await page.goesOn(LASTED_MS);
      await page.say('end', { reason: 'lifetime' });
    },
  },
  {
    name: 'the line opens',
    may: (scene) => !isOver(scene) && scene.facts.line === 'down' && !isAway(scene),
    tell(scene) {
      scene.goOn(REOPEN_MS);
      scene.facts.line = 'open';
      scene.tell({ type: 'line.opened' });
    },
    drive: (page) => page.reopens(REOPEN_MS),
  },
  {
    name: 'another tab asks, and the line is opened for both',
    may: hears,
    tell(scene) {
      scene.facts.isShared = true;
      scene.goOn(REOPEN_MS);
      scene.tell({ type: 'line.opened' });
    },
    async drive(page) {
      await page.asksElsewhere();
      await page.reopens(REOPEN_MS);
    },
  },
  {
    name: 'a try of the line fails, although nobody is there',
    may: (scene) => scene.path === 'following.suspended' && !scene.facts.hidden,
    tell(scene) {
      scene.goOn(LINE_WATCH_MS);
      scene.tell({ type: 'line.lost' });
    },
    async drive(page) {
      // Longer, where a try was under way already when nobody was there any more.
      do await page.goesOn(LINE_WATCH_MS / PARTS);
      while ((await page.pending()) === 0);
      await page.cut();
    },
  },
  {
    name: 'the server refuses the cursor',
    may: (scene) => hears(scene) && follows(scene) && scene.facts.seq > 0,
    tell: (scene) => scene.tell({ type: 'line.reset' }),
    drive: (page) => page.resets(),
  },
];

const answers = (
  name: string,
  status: 'restored' | 'short' | 'active' | 'missing' | 'stale' | 'error',
): PageAct => ({
  name: `the session is ${name}`,
  may: (scene) =>
    !isOver(scene) &&
    scene.facts.asks > 0 &&
    (status !== 'short' || scene.context.shown > 0) &&
    (status !== 'stale' || scene.facts.isPassed),
  tell(scene) {
    const { shown } = scene.context;
    if (status === 'restored') scene.answered('restored', shown, 'completed');
    else if (status === 'short') scene.answered('restored', shown - 1, 'completed');
    else scene.answered(status, status === 'active' ? shown : 0);
  },
  drive: (page, before) => page.answers(status, before),
});

const asked: PageAct[] = [
  answers('settled', 'restored'),
  answers('settled, and says less than is shown', 'short'),
  answers('still busy with the run', 'active'),
  answers('without the run', 'missing'),
  answers('with another run', 'stale'),
  answers('not to be had', 'error'),
];

const fact = (
  name: string,
  type: 'page.hidden' | 'page.shown' | 'network.lost' | 'network.returned',
  may: (scene: AttachmentScene) => boolean,
  change: (scene: AttachmentScene) => object,
): PageAct => ({
  name,
  may: (scene) => !isOver(scene) && may(scene),
  tell(scene) {
    change(scene);
    scene.tell({ type });
  },
  drive: (page) => page.fact(type),
});

const facts: PageAct[] = [
  fact(
    'the page is hidden',
    'page.hidden',
    ({ facts }) => !facts.hidden,
    ({ facts }) => Object.assign(facts, { hidden: true }),
  ),
  fact(
    'the page is shown',
    'page.shown',
    ({ facts }) => facts.hidden,
    ({ facts }) => Object.assign(facts, { hidden: false }),
  ),
  fact(
    'the network goes',
    'network.lost',
    ({ facts }) => !facts.offline,
    ({ facts }) => Object.assign(facts, { offline: true }),
  ),
  fact(
    'the network is back',
    'network.returned',
    ({ facts }) => facts.offline,
    ({ facts }) => Object.assign(facts, { offline: false }),
  ),
];

const passes: PageAct = {
  name: 'a newer run takes the pane',
  may: (scene) => hears(scene) && !scene.facts.isPassed,
  tell: (scene) => scene.pass(),
  drive: (page) => page.begins('newer'),
};

const waits: PageAct = {
  name: 'time goes on until something is due',
  may: (scene) => !isOver(scene) && scene.wait() !== null,
  tell: (scene) => scene.goOn(scene.wait()!),
  drive: (page, before) => page.goesOn(before.wait()!),
};

export const attachmentActs: PageAct[] = [...frames, ...line, ...asked, ...facts, passes, waits];

/** Where it has been asked for the third time, only the same again is done. */
export function isPageActWorthwhile({ context, facts: seen }: AttachmentScene, act: PageAct): boolean {
  if (context.holes > 1 && act !== hole && act !== line[2]) return false;
  if (context.try > 2 && act !== waits && !asked.includes(act)) return false;
  // What nobody's state is told by: a page or a network that comes and goes beside other things.
  if (facts.includes(act) && (seen.isPassed || context.anew || context.holes > 0)) return false;
  return (
    !facts.includes(act) ||
    !(seen.hidden || seen.offline) ||
    act.name.includes('is shown') ||
    act.name.includes('is back')
  );
}

export const attachmentKey = (scene: AttachmentScene): string => {
  const { live_content, anew, holes, hidden, offline, finalized, try: tries } = scene.context;
  const { line, hasTerminal, hasEnd, asks, isPassed, seq } = scene.facts;
  return [
    scene.path,
    [live_content, anew, holes, hidden, offline, finalized, tries],
    [line, hasTerminal, hasEnd, Math.min(asks, 1), isPassed, seq > 0],
  ].join(' ');
};

export const attachmentGoals = (before: AttachmentScene, act: PageAct, after: AttachmentScene): string[] => [
  `${before.path}: ${act.name}`,
  ...after.life.steps,
];

/** What leads an attachment to its end, on a page that somebody looks at: the first that may be done. */
export const pageEndings: PageAct[] = [
  'the page is shown',
  'the network is back',
  'the line opens',
  'the last frame comes',
  'the session is settled',
  waits.name,
].map((wanted) => attachmentActs.find(({ name }) => name === wanted)!);
