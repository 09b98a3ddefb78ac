// A path, driven: after every step what is served is held against what the pure machines are in. What differs is told with
// the acts that led there.
import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import type { StreamState } from '../../src/protocol/index.ts';
import type { Act } from './act.ts';
import { endings } from './acts.ts';
import type { QueueWord } from './facts.ts';
import { type Hands, openHands, type Site } from './hands.ts';
import { type Checked, Scene } from './scene.ts';

interface Said {
  states: StreamState[];
  words: QueueWord[];
}

/** "One table of states" of SPEC.md, read from the machine's column. */
function statusOf({ state }: Scene): string {
  if (state.state === 'stale') return 'stale';
  if (state.state !== 'settled') return state.run_state === 'waiting' ? 'waiting-for-input' : 'running';
  return { completed: 'completed', cancelled: 'killed', errored: 'error', interrupted: 'error' }[
    state.outcome!
  ];
}

/** What must be served now. The first of a path's acts has made the run. */
function expected(scene: Scene, hands: Hands, withQueue: boolean) {
  const { facts, state, word } = scene;
  const { stream_id, session_id } = hands;
  if (facts.deleted) return { status: null, task: null, queue: null };
  return {
    status: {
      active: !facts.settled,
      state: facts.settled ? 'settled' : state.state,
      stream_id,
      epoch: facts.epoch,
      last_seq: facts.head,
      terminal_state: facts.terminal,
    },
    task: facts.aged
      ? null
      : { session_id, status: statusOf(scene), waiting: facts.settled ? 0 : word.count },
    queue: withQueue ? word : null,
  };
}

async function served(hands: Hands, withQueue: boolean): Promise<ReturnType<typeof expected>> {
  const { status, board, queue } = await hands.served(withQueue);
  const task = board.tasks.find(({ task_id }) => task_id === hands.stream_id);
  return {
    status: status && {
      active: status.active,
      state: status.state,
      stream_id: status.stream_id,
      epoch: status.epoch,
      last_seq: status.journal.last_seq,
      terminal_state: status.journal.terminal_state,
    },
    task:
      status && task
        ? { session_id: task.session_id, status: task.status, waiting: task.waiting.clarify }
        : null,
    queue,
  } as ReturnType<typeof expected>;
}

/** @throws with both, where they differ */
export function same(what: string, real: unknown, model: unknown): void {
  if (isDeepStrictEqual(real, model)) return;
  throw new Error(
    `${what}: the house says\n${JSON.stringify(real)}\nthe machine says\n${JSON.stringify(model)}`,
  );
}

const queueOf = ({ queuePath, word, facts }: Scene) => ({ queuePath, word, epoch: facts.epoch });

async function compare(scene: Scene, hands: Hands, said: Said, before: Scene): Promise<void> {
  await hands.rest();
  // The feeds come over a socket of their own.
  const words = scene.facts.deleted ? [] : said.words;
  const bound = AbortSignal.timeout(FEED_MS);
  await Promise.race([hands.told(said.states.length, words.length), once(bound, 'abort')]);
  same(
    'what was pushed of the run',
    hands.states.map(({ stream_id: _s, ...state }) => state),
    said.states.map(({ stream_id: _s, ...state }) => state),
  );
  if (!scene.facts.deleted) same('what was pushed of the queue', hands.words, said.words);
  same('what is commanded', hands.counts(), scene.counts);
  // What is pending is asked for where it may have changed: it was told to be the same before.
  const withQueue = scene.stream.isOver || !isDeepStrictEqual(queueOf(before), queueOf(scene));
  same('what is served', await served(hands, withQueue), expected(scene, hands, withQueue));
}

/** What was pushed has come by then. */
const FEED_MS = 2_000;

/** Whatever happened, the run ends (Q1), by these, the first that may: within so many steps. */
const TO_THE_END = [...endings.kept, endings.waits];
const STEPS_TO_END_MAX = 12;

/** Drives a path on a session of its own, to its end; in how many steps. @throws with the acts so far and what differs */
export async function drive(path: Act[], site: Site, checked: Checked): Promise<number> {
  const hands = await openHands(site);
  const scene = Scene.begin(checked, site.house.clock.now());
  const said: Said = { states: [...scene.states], words: [] };
  const done: string[] = [];
  const step = async (act: Act): Promise<void> => {
    done.push(`${act.name} (${scene.path}, ${scene.queuePath})`);
    const before = scene.copy();
    scene.clear();
    act.tell(scene);
    await act.drive(hands, before);
    if (act.cost !== undefined) Object.assign(said, { states: [], words: [] });
    else {
      said.states.push(...scene.states);
      said.words.push(...scene.words);
    }
    await compare(scene, hands, said, before);
  };
  try {
    for (const act of path) {
      if (!act.may(scene)) break;
      await step(act);
    }
    // What it waits for now shows whether it is in the state that it is thought to be in.
    if (endings.waits.may(scene)) await step(endings.waits);
    if (scene.path.startsWith('active') && !scene.facts.deleted) await step(endings.cancels);
    for (let left = STEPS_TO_END_MAX; !scene.stream.isOver; left--) {
      const act = TO_THE_END.find((each) => each.may(scene));
      if (!act || left === 0) throw new Error('it comes to no end');
      await step(act);
    }
  } catch (difference) {
    throw new Error(`${String(difference)}\nafter\n  ${done.join('\n  ')}`, { cause: difference });
  } finally {
    await hands.close();
  }
  return done.length;
}
