// A path, driven on a page: after every step its own machine, what it commanded and what is drawn are held against the pure
// machine, told the same.
import type { AnyStateMachine } from 'xstate';
import type { Coverage } from '../support/coverage.ts';
import { type PageAct, pageEndings } from './attachment.acts.ts';
import { AttachmentScene } from './attachment.scene.ts';
import { same } from './compare.ts';
import type { ForgedPage } from './forged-page.ts';

/** What of a context is compared: all but the times. */
const COMPARED = [
  'cursor',
  'shown',
  'live_content',
  'terminal',
  'anew',
  'holes',
  'hidden',
  'offline',
  'finalized',
  'try',
  'of',
  'why',
] as const;

function expected(scene: AttachmentScene, page: ForgedPage) {
  const { context, path, facts, commands } = scene;
  const owner =
    { run: page.stream('run'), newer: page.stream('newer') }[String(context.owner_stream_id)] ?? null;
  return {
    path,
    context: { ...Object.fromEntries(COMPARED.map((name) => [name, context[name]])), owner },
    commands: commands.map(({ type }) => type),
    drawn: facts.drawn,
    // Who has heard the last frame is done with it.
    busy: facts.isDrawn && !facts.isOver && /^(following|draining)/.test(path),
    asks: facts.asks,
  };
}

async function seen(page: ForgedPage): Promise<ReturnType<typeof expected>> {
  const { path, context, commands, drawn, busy, asks } = await page.look();
  return {
    path: path ?? '',
    context: {
      ...Object.fromEntries(COMPARED.map((name) => [name, context?.[name]])),
      owner: context?.owner_stream_id ?? null,
    },
    commands,
    drawn,
    busy,
    asks,
  };
}

/** Whatever happened, an attachment comes to its end, within so many steps (Q1). */
const STEPS_TO_END_MAX = 12;

/** Drives a path on a run of its own, to its end. `isClear`: another run may begin in that session. @throws with the acts so far and what differs */
export async function drivePage(
  path: PageAct[],
  page: ForgedPage,
  of: { machine?: AnyStateMachine; coverage?: Coverage },
): Promise<{ steps: number; isClear: boolean }> {
  const scene = AttachmentScene.begin(of);
  const done: string[] = [];
  const step = async (act: PageAct): Promise<void> => {
    done.push(`${act.name} (${scene.path})`);
    const before = scene.copy();
    scene.clear();
    act.tell(scene);
    await act.drive(page, before);
    page.took(!scene.commands.some(({ type }) => type === 'reattach'));
    same('the page', await seen(page), expected(scene, page));
  };
  await page.begins('run');
  await page.look();
  try {
    for (const act of path) {
      if (!act.may(scene)) break;
      await step(act);
    }
    for (let left = STEPS_TO_END_MAX; !scene.life.isOver; left--) {
      const act = pageEndings.find((each) => each.may(scene));
      if (!act || left === 0) throw new Error('it comes to no end');
      await step(act);
    }
  } catch (difference) {
    throw new Error(`${String(difference)}\nafter\n  ${done.join('\n  ')}`, { cause: difference });
  }
  const { line, asks, isPassed, isShared, hidden, offline } = scene.facts;
  const isClear = line === 'open' && asks === 0 && !isPassed && !isShared && !hidden && !offline;
  return { steps: done.length, isClear };
}
