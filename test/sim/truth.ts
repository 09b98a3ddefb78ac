// The log as it is on the disk, seen from outside: what every commit really held, in order. Whoever was told something is held
// against this. It also watches the writes themselves: who wrote, at which epoch, how often. Knows no server and no client.
import type { Operation } from '../../src/journal/operations.ts';
import { isTerminalEvent, type Outcome, outcomeOf, type StoredRecord } from '../../src/protocol/index.ts';

export interface TrueStream {
  stream_id: string;
  session_id: string;
  frames: StoredRecord[];
  /** the answer's text up to each seq */
  texts: string[];
  epoch: number;
  started: boolean;
  terminal: string | null;
  outcome: Outcome | null;
  settled: boolean;
  /** times that an agent was called for it */
  calls: number;
}

export interface TruePrompt {
  id: string;
  kind: string;
  stream_id: string;
  how: string | null;
  by: string | null;
  expires_at: number | null;
}

export interface TrueSession {
  session_id: string;
  owner: string;
  records: StoredRecord[];
  prompts: Map<string, TruePrompt>;
  /** queue states by kind: at which pos which prompts were pending, oldest first */
  pending: Record<string, { pos: number; ids: string[] }[]>;
  messages: Set<string>;
  submissions: Set<string>;
  /** follow-ups that have not begun */
  queue: Set<string>;
  isPaused: boolean;
  isDeleted: boolean;
  isDamaged: boolean;
}

export type Violate = (rule: string, what: string) => void;

export interface Truth {
  readonly sessions: Map<string, TrueSession>;
  readonly streams: Map<string, TrueStream>;
  readonly commits: number;
  readonly records: number;
  /** One durable transaction. */
  committed(operations: Operation[], answers: readonly unknown[], records: StoredRecord[]): void;
  damaged(session_id: string): void;
  /** What was pending in a queue when its newest change at or before `version` was made; null: no such change. */
  pendingAt(session_id: string, kind: string, version: number): string[];
}

type Answered = {
  kind?: string;
  stream?: { epoch: number; stream_id: string };
  session?: { session_id: string };
};

/** `isSteady`: the wall clock does not jump, so that a due time can be held against it. */
export function createTruth(violate: Violate, isSteady: boolean): Truth {
  const sessions = new Map<string, TrueSession>();
  const streams = new Map<string, TrueStream>();
  let commits = 0;
  let records_count = 0;

  function streamOf(stream_id: string, session_id: string): TrueStream {
    const known = streams.get(stream_id);
    if (known) return known;
    const fresh: TrueStream = {
      stream_id,
      session_id,
      frames: [],
      texts: [''],
      epoch: 1,
      started: false,
      terminal: null,
      outcome: null,
      settled: false,
      calls: 0,
    };
    streams.set(stream_id, fresh);
    return fresh;
  }

  function takeFrame(record: StoredRecord): void {
    const stream = streamOf(record.stream_id!, record.session_id);
    const { frames } = stream;
    if (record.seq !== frames.length + 1)
      violate('P1', `seq ${record.seq} of ${stream.stream_id} after ${frames.length}`);
    if (stream.settled) violate('P4', `${record.event} after stream_end of ${stream.stream_id}`);
    const data = JSON.parse(record.json);
    if (isTerminalEvent(record.event)) {
      if (stream.terminal !== null) violate('P4', `a second terminal of ${stream.stream_id}`);
      stream.terminal = record.event;
      stream.outcome = outcomeOf(record.event, data);
      for (const prompt of sessions.get(record.session_id)?.prompts.values() ?? [])
        if (prompt.stream_id === stream.stream_id && prompt.how === null)
          violate('P7', `${prompt.id} is pending after the terminal of its run`);
    }
    if (record.event === 'stream_end') {
      if (stream.terminal === null) violate('P4', `stream_end of ${stream.stream_id} without a terminal`);
      stream.settled = true;
    }
    if (record.event === 'stream_started') stream.started = true;
    if (typeof data.epoch === 'number') {
      if (data.epoch < stream.epoch) violate('P1', `epoch ${data.epoch} after ${stream.epoch}`);
      stream.epoch = data.epoch;
    }
    frames.push(record);
    stream.texts.push(stream.texts.at(-1)! + (record.event === 'token' ? data.text : ''));
  }

  function takeRecord(session: TrueSession, record: StoredRecord): void {
    const data = JSON.parse(record.json);
    noteQueue(session, record.event, data);
    if (record.event === 'user_message') {
      streamOf(data.stream_id, record.session_id);
      if (session.messages.has(data.message_id) && data.retry_of === undefined)
        violate('P12', `the message ${data.message_id} was started twice`);
      session.messages.add(data.message_id);
    }
    if (record.event === 'user_message' || record.event === 'message_queued')
      noteSubmission(session, record, data);
    if (record.event === 'prompt_asked') {
      const { entry, kind } = data;
      const id = entry.clarify_id ?? entry.approval_id;
      const { stream_id, expires_at } = entry;
      session.prompts.set(id, { id, kind, stream_id, how: null, by: null, expires_at });
      notePending(session, kind, record.pos, (ids) => [...ids, id]);
    }
    if (record.event === 'prompt_settled') {
      const prompt = session.prompts.get(data.id);
      if (!prompt || prompt.how !== null) violate('P7', `${data.id} ended ${prompt ? 'twice' : 'unasked'}`);
      else {
        prompt.how = data.how;
        prompt.by = data.by ?? null;
        if (
          isSteady &&
          data.how === 'expired' &&
          (prompt.expires_at === null || record.at < prompt.expires_at)
        )
          violate('P7', `${data.id} expired before its time`);
      }
      notePending(session, data.kind, record.pos, (ids) => ids.filter((id) => id !== data.id));
    }
  }

  function noteQueue(
    session: TrueSession,
    event: string,
    data: { message_id: string; session?: { queue_paused: boolean } },
  ) {
    if (event === 'message_queued') session.queue.add(data.message_id);
    if (event === 'user_message' || event === 'message_withdrawn') session.queue.delete(data.message_id);
    if (event === 'session_updated') session.isPaused = data.session?.queue_paused === true;
  }

  function noteSubmission(session: TrueSession, record: StoredRecord, data: Record<string, unknown>): void {
    const key = data.client_message_id as string | undefined;
    if (key === undefined || data.retry_of !== undefined) return;
    const name = `${record.event} ${key}`;
    if (session.submissions.has(name)) violate('P12', `${name} stands twice in ${session.session_id}`);
    session.submissions.add(name);
  }

  function notePending(
    session: TrueSession,
    kind: string,
    pos: number,
    change: (ids: string[]) => string[],
  ): void {
    const states = session.pending[kind]!;
    states.push({ pos, ids: change(states.at(-1)?.ids ?? []) });
  }

  /** P5, P6: what had an effect was written by the owner. */
  function watchOwner({ name, input }: Operation, answer: Answered): void {
    if (name === 'take_over' && answer.kind === 'taken') {
      const { stream_id, epoch } = answer.stream!;
      const stream = streams.get(stream_id);
      if (stream && epoch < stream.epoch) violate('P1', `the epoch of ${stream_id} fell to ${epoch}`);
      if (stream) stream.epoch = epoch;
    }
    if (name !== 'append' && name !== 'terminal' && name !== 'settle' && name !== 'ask') return;
    const stream = streams.get(input.stream_id);
    const hadEffect = ['committed', 'won', 'settled', 'asked'].includes(answer.kind ?? '');
    if (stream && hadEffect && input.epoch < stream.epoch)
      violate(
        name === 'settle' ? 'P6' : 'P5',
        `${name} at epoch ${input.epoch}, the owner's is ${stream.epoch}`,
      );
  }

  function watchSessions({ name, input }: Operation, answer: Answered): void {
    if (name === 'create' && answer.kind === 'created')
      sessions.set(input.session.session_id, {
        session_id: input.session.session_id,
        owner: input.owner,
        records: [],
        prompts: new Map(),
        pending: { clarify: [], approval: [] },
        messages: new Set(),
        submissions: new Set(),
        queue: new Set(),
        isPaused: false,
        isDeleted: false,
        isDamaged: false,
      });
    if (name === 'delete' && answer.kind === 'deleted') sessions.get(input.session_id)!.isDeleted = true;
  }

  return {
    sessions,
    streams,
    get commits() {
      return commits;
    },
    get records() {
      return records_count;
    },
    committed(operations, answers, records) {
      commits += 1;
      operations.forEach((operation, at) => {
        watchOwner(operation, (answers[at] ?? {}) as Answered);
        watchSessions(operation, (answers[at] ?? {}) as Answered);
      });
      for (const record of records) {
        records_count += 1;
        const session = sessions.get(record.session_id);
        if (!session) {
          violate('P8', `a record of ${record.session_id}, that is not there`);
          continue;
        }
        if (record.pos !== session.records.length + 1)
          violate('P1', `pos ${record.pos} after ${session.records.length}`);
        if (record.seq === null) takeRecord(session, record);
        else takeFrame(record);
        session.records.push(record);
      }
    },
    damaged(session_id) {
      const session = sessions.get(session_id);
      if (session) session.isDamaged = true;
    },
    pendingAt(session_id, kind, version) {
      const states = sessions.get(session_id)?.pending[kind] ?? [];
      return states.findLast(({ pos }) => pos <= version)?.ids ?? [];
    },
  };
}
