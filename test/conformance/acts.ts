// What can be done to a run and its queue from outside: when, what the machines are told by it, and the hand that does it.
// What the log does is in log-acts.ts.
import { SWEEP_EVERY_MS } from '../../src/machines/bounds.ts';
import { type Act, isAlive, isBorn, isOpen, isUnsettled } from './act.ts';
import { FIRST } from './facts.ts';
import {
  expiryIsKept,
  expiryIsRefused,
  questionIsKept,
  settleIsKept,
  settleIsRefused,
  startIsKept,
  startIsRefused,
  terminalIsKept,
  terminalIsRefused,
} from './log-acts.ts';
import type { Scene } from './scene.ts';

const JUMP_MS = 31 * 24 * 3_600_000;
const SIGN_OF_LIFE_MS = 1_000;
/** Restarts of one path: a run may be started twice, and is given up at the third (ST11). */
const RESTARTS_MAX = 2;

/** What is waited for longer than this is not waited for here. */
const WAIT_MS_MAX = 900_000;
/** Commits that a path leaves without an answer at once. */
const UNANSWERED_MAX = 1;
const unanswered = ({ facts: { terminals, settles, expiries } }: Scene) =>
  terminals.length + settles.length + expiries.length;

function agentEnds(scene: Scene, ...events: { type: string; error?: object }[]): void {
  const { epoch } = scene.facts;
  scene.facts.agent = 'gone';
  for (const event of [...events, { type: 'agent.gone' }]) scene.tellStream({ ...event, epoch });
}

const start: Act = {
  name: 'a message is sent',
  may: isBorn,
  tell: (scene) => scene.tellStream({ type: 'start' }),
  drive: (hands) => hands.start(),
};

const says: Act = {
  name: 'the agent says something',
  may: isAlive,
  tell: (scene) => scene.commit(scene.facts.fenced || scene.facts.terminal !== null ? 0 : 1),
  drive: (hands) => hands.says(),
};

const livesOn: Act = {
  name: 'the agent gives a sign of life',
  may: isAlive,
  tell(scene) {
    if (scene.at - scene.facts.sign_at < SIGN_OF_LIFE_MS) return;
    scene.facts.sign_at = scene.at;
    scene.tellStream({ type: 'frames.committed', head: scene.stream.snapshot.context.head });
  },
  drive: (hands) => hands.livesOn(),
};

const asks = (timeout_seconds: number, name: string): Act => ({
  name,
  may: (scene) => isAlive(scene) && scene.pending.length < 2,
  tell(scene) {
    const entry = scene.entry(timeout_seconds);
    if (!scene.facts.muted && scene.facts.terminal === null) scene.commit(0, [entry]);
  },
  drive: (hands, before) => hands.asks(`q${before.facts.asked + 1}`, timeout_seconds),
});

const asksSlowly: Act = {
  name: 'the agent asks, and the log is slow',
  may: (scene) =>
    isAlive(scene) && !scene.facts.muted && scene.facts.asking === null && scene.facts.asked === 0,
  tell(scene) {
    scene.facts.asking = scene.entry(0);
  },
  drive: (hands, before) => hands.asks(`q${before.facts.asked + 1}`, 0, true),
};

const isHeld = (scene: Scene): boolean => !scene.queuePath.startsWith('active');

const answers: Act = {
  name: 'somebody answers the question',
  may: (scene) => isOpen(scene) && scene.pending.length > 0,
  tell(scene) {
    if (!isHeld(scene)) scene.commit(0, [], [[scene.pending[0]!.clarify_id, 'answered']]);
  },
  drive: (hands, before) => hands.answers(before.pending[0]!.question, isHeld(before) ? 409 : 200),
};

const answersWrongly: Act = {
  name: 'somebody answers what was not offered',
  may: (scene) => isOpen(scene) && scene.pending.length > 0,
  tell: () => {},
  drive: (hands, before) => hands.answersWrongly(before.pending[0]!.question),
};

const answersLate: Act = {
  name: 'somebody answers what has ended',
  may: (scene) =>
    isOpen(scene) && scene.facts.ended_first && !scene.pending.some(({ clarify_id }) => clarify_id === FIRST),
  tell: () => {},
  drive: (hands) => hands.answersLate(),
};

const finishes: Act = {
  name: 'the agent finishes',
  may: isAlive,
  tell: (scene) => agentEnds(scene, { type: 'agent.finished' }),
  drive: (hands) => hands.ends({ kind: 'finished' }),
};

const BROKEN = { type: 'overloaded', message: 'Too much.' };
const fails: Act = {
  name: 'the agent fails',
  may: isAlive,
  tell: (scene) => agentEnds(scene, { type: 'agent.failed', error: BROKEN }),
  drive: (hands) => hands.ends({ kind: 'failed', ...BROKEN }),
};

const leaves: Act = {
  name: 'the agent is gone without a word',
  may: isAlive,
  tell: (scene) => agentEnds(scene),
  drive: (hands) => hands.ends({ kind: 'stopped' }),
};

const cancels: Act = {
  name: 'somebody stops the run',
  may: isUnsettled,
  tell: (scene) => scene.tellStream({ type: 'cancel' }),
  drive: (hands) => hands.cancels(),
};

const titles: Act = {
  name: 'the agent gives a title',
  may: (scene) => isOpen(scene) && scene.facts.titling,
  tell(scene) {
    scene.facts.titling = false;
    // Two frames, one after the other; none after `stream_end`.
    for (const _ of ['title_status', 'title']) if (!scene.facts.settled) scene.commit(1);
    scene.tellStream({ type: 'description.finished' });
  },
  drive: (hands) => hands.titles(),
};

const waits: Act = {
  name: 'time goes on until something is due',
  may: (scene) => !isBorn(scene) && (scene.wait() ?? Infinity) <= WAIT_MS_MAX,
  tell: (scene) => scene.pass(scene.wait()!),
  drive: (hands, before) => hands.passes(before.wait()!),
};

const waitsHalf: Act = {
  name: 'half of that time goes by',
  may: (scene) => scene.path === 'active.running' && scene.wait() !== null && scene.wait() !== 0,
  tell: (scene) => scene.pass(Math.floor(scene.wait()! / 2)),
  drive: (hands, before) => hands.passes(Math.floor(before.wait()! / 2)),
};

const looksLost: Act = {
  name: 'the log of the session turns out to be damaged',
  may: (scene) => isUnsettled(scene) && !scene.facts.damaged,
  tell(scene) {
    scene.facts.damaged = true;
    scene.tellStream({ type: 'owner.lost', reason: 'damaged' });
  },
  drive: (hands) => hands.damages(),
};

const diskReturns: Act = {
  name: 'the disk takes writes again',
  may: isUnsettled,
  tell: (scene) => scene.tellStream({ type: 'storage.returned' }),
  drive: (hands) => hands.returnsSpace(),
};

const restarts: Act = {
  name: 'the server is killed and starts again',
  // One whose start was refused, or that is over, begins nothing.
  may: (scene) => isUnsettled(scene) && scene.facts.epoch <= RESTARTS_MAX && scene.offset === 0,
  tell: (scene) => scene.restart(),
  drive: (hands) => hands.restarts(),
  cost: 200,
};

const clockJumps: Act = {
  name: 'the wall clock jumps a month, and that is noticed',
  may: (scene) => isOpen(scene) && scene.facts.look !== null && scene.offset === 0,
  tell(scene) {
    scene.offset += JUMP_MS;
    scene.pass(SWEEP_EVERY_MS);
  },
  drive: (hands) => hands.jumps(JUMP_MS, SWEEP_EVERY_MS),
};

const removes: Act = {
  name: 'somebody deletes the session',
  may: (scene) => isOpen(scene) && scene.facts.settled,
  tell: (scene) => scene.deleteSession(),
  drive: (hands) => hands.removes(),
};

/** Where commits are refused for the third time, or another owner ends the run, the rest is left undone. */
const narrow = new Set([startIsKept, terminalIsKept, terminalIsRefused, settleIsKept, settleIsRefused]);
for (const act of [expiryIsKept, expiryIsRefused, waits]) narrow.add(act);

export function isWorthwhile(scene: Scene, act: Act): boolean {
  const { facts, stream, queue } = scene;
  const tries = Math.max(stream.snapshot.context.try, queue.snapshot.context.try);
  if (act === waits && unanswered(scene) > UNANSWERED_MAX) return false;
  if (facts.asking !== null) return act === questionIsKept || act === cancels || act === looksLost;
  if (facts.settled) return act === removes || facts.expiries.length === 0;
  return (
    (tries <= 2 && (facts.epoch === 1 || facts.started !== 'yes')) ||
    narrow.has(act) ||
    (act === restarts && facts.started !== 'yes')
  );
}

/** A month: more than a timer can wait (CQ7). */
const FAR_SECONDS = 30 * 86_400;

const life = [start, startIsKept, says, finishes, cancels, terminalIsKept, settleIsKept, waits, restarts];

/** What leads a run to its end. */
export const endings = { kept: [settleIsKept, terminalIsKept, startIsKept], waits, cancels };

/** What befalls a run. */
export const streamActs: Act[] = [
  ...life,
  startIsRefused,
  livesOn,
  waitsHalf,
  asks(0, 'the agent asks'),
  answers,
  fails,
  leaves,
  terminalIsRefused,
  settleIsRefused,
  titles,
  looksLost,
  diskReturns,
];

/** What befalls a queue, and as much of its run as makes it. */
export const queueActs: Act[] = [
  ...life.filter((act) => act !== says),
  asks(0, 'the agent asks, for as long as it takes'),
  asks(60, 'the agent asks, for a minute'),
  asks(FAR_SECONDS, 'the agent asks, for a month'),
  answers,
  asksSlowly,
  questionIsKept,
  answersWrongly,
  answersLate,
  terminalIsRefused,
  expiryIsKept,
  expiryIsRefused,
  looksLost,
  clockJumps,
  removes,
];
