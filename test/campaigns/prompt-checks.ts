// What a schedule of prompts is held against when it is over: its log. It knows nothing of how the schedule came about.
import { type PromptEnd, type PromptKind, promptId, type QueueState } from '../../src/protocol/index.ts';
import { pendingAt } from '../support/prompt-asks.ts';
import { logOf, type PromptRoom } from '../support/prompt-room.ts';
import type { Call } from '../support/puppet.ts';
import type { Campaign } from './campaign.ts';

export interface PromptFigures {
  schedules: number;
  asked: number;
  answered: number;
  expired: number;
  cancelled: number;
  lost_races: number;
  states: number;
  restarts: number;
}

/** One look of a tab at a queue, from connecting to leaving. */
export interface Look {
  kind: PromptKind;
  states: QueueState[];
  leave(): void;
}

/** What an agent was told of one of its questions. */
export interface Heard {
  kind: PromptKind;
  end?: PromptEnd<unknown>;
}

export interface Reply {
  prompt_id: string;
  by: string;
  /** how the server answered; undefined: it died over it */
  result?: 'won' | { how: unknown; by: unknown } | 'refused';
}

/** What is held against a log. */
export interface Judged {
  name: string;
  chance: Campaign;
  looks: Look[];
  replies: Reply[];
}

export interface Schedule extends Judged {
  session_id: string;
  stream_id: string | null;
  call: Call | null;
  tabs: (Look[] | null)[];
  heard: Heard[];
  /** steps that are under way */
  busy: Promise<unknown>[];
}

function expectThat(is: boolean, schedule: Judged, what: string): void {
  if (!is) throw new Error(`${schedule.name}: ${what}`);
}

type Records = Awaited<ReturnType<typeof logOf>>;

/** CQ1, CQ4: of every look, every version; CQ9: nothing of a run after its end. */
export function checkStates(schedule: Judged, records: Records): number {
  let count = 0;
  for (const { kind, states } of schedule.looks) {
    let last = -1;
    for (const { pending, pending_count, version } of states) {
      const truth = pendingAt(records, kind, version);
      const head = pending && promptId(pending);
      expectThat(version > last, schedule, `CQ4 version ${version} after ${last}`);
      expectThat(head === (truth[0] ?? null), schedule, `CQ1 head ${head}, not ${truth[0]} at ${version}`);
      expectThat(pending_count === truth.length, schedule, `CQ1 count ${pending_count} at ${version}`);
      last = version;
      count += 1;
    }
  }
  return count;
}

export function checkLog(schedule: Judged, records: Records): Map<string, { how: string; by?: string }> {
  const asked = new Map<string, { stream_id: string; expires_at: number | null }>();
  const ends = new Map<string, { how: string; by?: string }>();
  for (const { event, data, stream_id } of records) {
    // biome-ignore lint/suspicious/noExplicitAny: records of every shape
    const said: any = data;
    if (event === 'prompt_asked') asked.set(said.entry.clarify_id ?? said.entry.approval_id, said.entry);
    if (event === 'prompt_settled') {
      expectThat(!ends.has(said.id) && asked.has(said.id), schedule, `CQ5 ${said.id} ended twice`);
      ends.set(said.id, said);
      const { expires_at } = asked.get(said.id)!;
      if (said.how === 'expired')
        expectThat(expires_at !== null && said.at >= expires_at, schedule, `CQ7 ${said.id} expired early`);
    }
    if (event === 'done' || event === 'cancel' || event === 'apperror')
      for (const [id, entry] of asked)
        expectThat(ends.has(id) || entry.stream_id !== stream_id, schedule, `CQ9 ${id} outlived its run`);
  }
  expectThat(ends.size === asked.size, schedule, `CQ9 ${asked.size - ends.size} pending after all runs`);
  return ends;
}

/** CQ5: one winner, who is the one in the log; who lost was told of it. */
export function checkReplies(schedule: Judged, ends: Map<string, { how: string; by?: string }>): number {
  let lost = 0;
  for (const { prompt_id, by, result } of schedule.replies) {
    const end = ends.get(prompt_id)!;
    if (result === 'won')
      expectThat(end.by === by, schedule, `CQ5 ${prompt_id}: ${by} won, the log says ${end.by}`);
    else if (typeof result === 'object') {
      lost += 1;
      const isTrue =
        result.how === 'held' ? end.how === 'cancelled' : result.how === end.how && result.by === end.by;
      expectThat(
        isTrue,
        schedule,
        `CQ5 ${prompt_id}: told ${JSON.stringify(result)}, the log says ${JSON.stringify(end)}`,
      );
    }
  }
  return lost;
}

export async function checkSchedule(
  room: PromptRoom,
  schedule: Schedule,
  figures: PromptFigures,
): Promise<void> {
  const records = await logOf(room, schedule.session_id);
  const ends = checkLog(schedule, records);
  figures.states += checkStates(schedule, records);
  figures.lost_races += checkReplies(schedule, ends);
  for (const { how } of ends.values()) {
    figures.asked += 1;
    if (how === 'answered') figures.answered += 1;
    if (how === 'expired') figures.expired += 1;
    if (how === 'cancelled') figures.cancelled += 1;
  }
  for (const [tab, looks] of schedule.tabs.entries()) {
    for (const { kind, states } of looks ?? [])
      expectThat(states.at(-1)?.pending_count === 0, schedule, `CQ9 ${kind} in tab ${tab} after all runs`);
    for (const look of looks ?? []) look.leave();
  }
  const silent = schedule.heard.filter(({ end }) => !end).length;
  expectThat(silent === 0, schedule, `CQ5 ${silent} questions were never told how they ended`);
  // CQ8: several may have asked the same; nobody hears an answer that the log does not have.
  for (const { end } of schedule.heard)
    if (end?.kind === 'answered') {
      const { by } = end;
      const isTrue = [...ends.values()].some((each) => each.how === 'answered' && each.by === by);
      expectThat(isTrue, schedule, `CQ5 the agent heard an answer by ${by}`);
    }
  figures.schedules += 1;
}
