// The prompts campaign: random schedules of asking, answering by id, expiring, cancelling, ending, leaving, dying and
// starting again, by five tabs each. Afterwards the log is held against what every tab was shown and every agent heard.
import { rm } from 'node:fs/promises';
import {
  PROMPT_KINDS,
  type PromptEnd,
  type PromptKind,
  promptId,
  type QueueState,
  Rejection,
} from '../../src/protocol/index.ts';
import type { PromptWatch } from '../../src/sessions/session-prompts.ts';
import { createManualClock, type ManualClock, settled } from '../support/clock.ts';
import { openPromptRoom, type PromptRoom, SHELL, when } from '../support/prompt-room.ts';
import { type Call, OWNER } from '../support/puppet.ts';
import { temporaryFolder } from '../support/server.ts';
import { type Campaign, campaignArgs, createCampaign } from './campaign.ts';
import { checkSchedule, type Heard, type PromptFigures, type Reply, type Schedule } from './prompt-checks.ts';
import { runPromptSlow } from './prompt-slow.ts';
import { runPromptSockets } from './prompt-sockets.ts';

const TABS = 5;
const STEPS = 14;
/** Schedules that share a log, a clock, and the fate of their server. */
const SCHEDULES_A_ROOM = 100;
/** Due times in seconds; 0: none. */
const TIMEOUTS = [0, 0, 2, 5, 30];
const QUESTIONS = ['Which?', 'Where?', 'Why?'];

async function connect(room: PromptRoom, schedule: Schedule, tab: number): Promise<void> {
  const { cell, release } = await room.sessions.hold(OWNER, schedule.session_id);
  const looks = PROMPT_KINDS.map((kind) => {
    const states: QueueState[] = [];
    const watch: PromptWatch = cell.prompts.watch(kind, () => states.push(watch.state()));
    states.push(watch.state());
    return {
      kind,
      states,
      leave() {
        watch.unwatch();
        release();
      },
    };
  });
  schedule.looks.push(...looks);
  schedule.tabs[tab] = looks;
}

function disconnect(schedule: Schedule, tab: number): void {
  for (const look of schedule.tabs[tab] ?? []) look.leave();
  schedule.tabs[tab] = null;
}

async function begin(room: PromptRoom, schedule: Schedule): Promise<void> {
  const begun = await room.begin(schedule.session_id);
  schedule.stream_id = begun.stream_id;
  schedule.call = begun.call;
}

function ask(schedule: Schedule, call: Call): void {
  const { chance } = schedule;
  const kind = PROMPT_KINDS[chance.between(0, 1)]!;
  const timeout_seconds = TIMEOUTS[chance.between(0, TIMEOUTS.length - 1)]!;
  const heard: Heard = { kind };
  schedule.heard.push(heard);
  const { output } = call;
  const question = QUESTIONS[chance.between(0, QUESTIONS.length - 1)]!;
  const asked: Promise<PromptEnd<unknown>> =
    kind === 'clarify'
      ? output.clarify({ question, timeout_seconds })
      : output.approve({ ...SHELL, timeout_seconds });
  asked.then(
    (end) => {
      heard.end = end;
    },
    () => {},
  );
}

/** Any prompt that any tab was ever shown, most likely a recent one. */
function pick(schedule: Schedule): { kind: PromptKind; prompt_id: string } | null {
  const { chance, looks } = schedule;
  const shown = looks.flatMap(({ kind, states }) =>
    states.flatMap(({ pending }) => (pending ? [{ kind, prompt_id: promptId(pending) }] : [])),
  );
  if (shown.length === 0) return null;
  const back = Math.floor(chance.fraction() ** 3 * shown.length);
  return shown[shown.length - 1 - back]!;
}

async function answer(room: PromptRoom, schedule: Schedule, tab: number, at = pick(schedule)): Promise<void> {
  if (!at) return;
  const { kind, prompt_id } = at;
  const { session_id, chance } = schedule;
  const by = `tab${tab}`;
  const reply: Reply = { prompt_id, by };
  schedule.replies.push(reply);
  const { respond } = room.sessions;
  const responds =
    kind === 'clarify'
      ? respond.clarify(
          OWNER,
          { session_id, clarify_id: prompt_id, response: `${by} ${chance.between(0, 1)}` },
          by,
        )
      : respond.approval(OWNER, { session_id, approval_id: prompt_id, choice: 'once' }, by);
  await responds.then(
    () => {
      reply.result = 'won';
    },
    (failure) => {
      if (!(failure instanceof Rejection)) return;
      const { how, answered_by } = failure.data as { how?: unknown; answered_by?: unknown };
      reply.result = failure.code === 'prompt_stale' ? { how, by: answered_by } : 'refused';
    },
  );
}

async function cancel(room: PromptRoom, schedule: Schedule): Promise<void> {
  const { stream_id, call } = schedule;
  if (!stream_id) return;
  const cancelled = room.sessions.cancel(OWNER, stream_id).catch(() => {});
  // Some agents stop when they are asked to, some are deaf to it.
  if (schedule.chance.fraction() < 0.7) call?.end({ kind: 'stopped' });
  await cancelled;
  // Some go on asking: nobody listens.
  if (schedule.chance.fraction() < 0.7 && schedule.call === call) schedule.call = null;
}

/** A step of a schedule: chosen now, awaited at the end of the round. */
function step(room: PromptRoom, schedule: Schedule): Promise<unknown> {
  const { chance } = schedule;
  const tab = chance.between(0, TABS - 1);
  const choice = chance.fraction();
  const { call } = schedule;
  if (choice < 0.36)
    return call ? Promise.resolve(ask(schedule, call)) : begin(room, schedule).catch(() => {});
  if (choice < 0.58) return answer(room, schedule, tab);
  if (choice < 0.66) {
    const at = pick(schedule);
    return Promise.all(Array.from({ length: TABS }, (_, each) => answer(room, schedule, each, at)));
  }
  if (choice < 0.84) {
    if (schedule.tabs[tab]) return Promise.resolve(disconnect(schedule, tab));
    return connect(room, schedule, tab).catch(() => {});
  }
  if (choice < 0.9) return cancel(room, schedule);
  if (choice < 0.94) {
    call?.end(chance.fraction() < 0.5 ? { kind: 'finished' } : { kind: 'failed', type: 'x', message: 'x' });
    schedule.call = null;
    return Promise.resolve();
  }
  return begin(room, schedule).catch(() => {});
}

async function openSchedule(room: PromptRoom, name: string, chance: Campaign): Promise<Schedule> {
  const { session_id } = await room.sessions.create(OWNER, {});
  const tabs: Schedule['tabs'] = Array(TABS).fill(null);
  const schedule: Schedule = {
    name,
    chance,
    session_id,
    stream_id: null,
    call: null,
    looks: [],
    tabs,
    heard: [],
    replies: [],
    busy: [],
  };
  await begin(room, schedule);
  for (let tab = 0; tab < TABS; tab += 1) await connect(room, schedule, tab);
  return schedule;
}

/** The server dies in the middle of a step, or goes down as it should; then it is there again. */
async function restart(
  room: PromptRoom,
  schedules: Schedule[],
  folder: string,
  clock: ManualClock,
  dies: boolean,
) {
  if (!dies) for (const { busy } of schedules) await Promise.all(busy.splice(0));
  await (dies ? room.die() : room.close());
  const agents = schedules.map(({ call }) => call);
  for (const schedule of schedules) {
    schedule.busy = [];
    for (let tab = 0; tab < TABS; tab += 1) schedule.tabs[tab] = null;
    schedule.call = null;
    // An agent that died with its server hears nothing.
    if (dies) schedule.heard = schedule.heard.filter(({ end }) => end);
  }
  // What a dead process was told does not count.
  for (const call of agents) call?.end({ kind: 'stopped' });
  await settled();
  return openPromptRoom({ folder, clock });
}

/** Ends every run, by its end or by a cancel, and lets every bound pass. */
async function wind(room: PromptRoom, schedule: Schedule): Promise<void> {
  const { session } = await room.sessions
    .hold(OWNER, schedule.session_id)
    .then(({ cell, release }) => ({ session: cell.session(), release }))
    .then((held) => {
      held.release();
      return held;
    });
  if (session.active_stream_id) await room.sessions.cancel(OWNER, session.active_stream_id).catch(() => {});
  for (const call of room.puppet.calls)
    if (call.input.session_id === schedule.session_id) call.end({ kind: 'stopped' });
  await when(`${schedule.name}: at rest`, async () => {
    const row = await room.journal.getSession(OWNER, schedule.session_id);
    return row?.active_stream_id === null ? true : undefined;
  });
}

async function runRoom(from: number, count: number, seed: number, figures: PromptFigures): Promise<void> {
  const folder = await temporaryFolder();
  const clock = createManualClock(Date.now());
  const fate = createCampaign(seed * 7919 + from, false);
  let room = await openPromptRoom({ folder, clock });
  try {
    const schedules = await Promise.all(
      Array.from({ length: count }, (_, at) =>
        openSchedule(
          room,
          `seed ${seed}, schedule ${from + at}`,
          createCampaign(seed * 1_000_003 + from + at, false),
        ),
      ),
    );
    for (let round = 0; round < STEPS; round += 1) {
      for (const schedule of schedules) schedule.busy.push(step(room, schedule));
      const what = fate.fraction();
      if (what < 0.12) {
        room = await restart(room, schedules, folder, clock, fate.fraction() < 0.6);
        figures.restarts += 1;
      }
      for (const schedule of schedules) await Promise.all(schedule.busy.splice(0));
      if (what > 0.5) await clock.advance(fate.between(500, 6_000));
    }
    await Promise.all(schedules.map((schedule) => wind(room, schedule)));
    for (const schedule of schedules) await checkSchedule(room, schedule, figures);
  } finally {
    await room.close();
    await rm(folder, { recursive: true, force: true });
  }
}

export async function runPromptCampaign(
  schedules: number,
  seed: number,
  isLive: boolean,
): Promise<PromptFigures> {
  const campaign = createCampaign(seed, isLive);
  const none = { answered: 0, expired: 0, cancelled: 0, lost_races: 0, states: 0, restarts: 0 };
  const figures: PromptFigures = { schedules: 0, asked: 0, ...none };
  for (let from = 0; from < schedules; from += SCHEDULES_A_ROOM) {
    await runRoom(from, Math.min(SCHEDULES_A_ROOM, schedules - from), seed, figures);
    campaign.progress(
      figures.schedules,
      schedules,
      `schedules, ${figures.asked} prompts, ${figures.states} states`,
    );
  }
  return figures;
}

/** Kills through sockets, for so many schedules. */
const SCHEDULES_A_KILL = 250;
/** Changes that a slow reader looks on at. */
const SLOW_CHANGES = 1_000;

if (import.meta.main) {
  const { rounds, seed } = campaignArgs({
    name: 'prompts',
    does: 'Five tabs answer what is asked, in random schedules, with expiry, ends, restarts and kill -9: of several answers one counts, and no card outlives its run.',
    rounds: 10_000,
    of: 'schedules; one in 250 is also played over sockets, with a kill',
    takes: 'about 5 min on two quiet cores',
  });
  const sockets = await runPromptSockets(Math.ceil(rounds / SCHEDULES_A_KILL), seed, true);
  process.stdout.write(`${JSON.stringify(sockets)}\n`);
  const slow = await runPromptSlow(SLOW_CHANGES, true);
  process.stdout.write(`${JSON.stringify(slow)}\n`);
  const figures = await runPromptCampaign(rounds, seed, true);
  process.stdout.write(
    `${JSON.stringify(figures)}\none winner each; every state pushed is the state of the log; no card after its run\n`,
  );
}
