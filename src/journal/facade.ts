// The port, over something that writes and something that reads: which question is which operation. Knows neither their
// threads nor a disk, and decides nothing.
import { createId, isTerminalEvent, promptId, type Random } from '../protocol/index.ts';
import type { Listeners } from './listeners.ts';
import type { Answer, Input, OperationName } from './operations.ts';
import { DamagedRecord, type Journal } from './port.ts';
import type { ReaderClient } from './reader-client.ts';
import { compact, type RetainingPorts, retain } from './retaining.ts';
import type { Reads } from './thread-messages.ts';

export type Write = <N extends OperationName>(name: N, input: Input<N>) => Promise<Answer<N>>;
export type Reader = Pick<ReaderClient, 'ask'>;

export interface FacadePorts extends Pick<Journal, 'report'> {
  write: Write;
  reader: Reader;
  listeners: Listeners;
  random: Random;
  /** how many there are now */
  sessions: number;
  counts(): Omit<ReturnType<Journal['counts']>, 'sessions'>;
  /** Called once. */
  close(): Promise<void>;
}

export function facade(ports: FacadePorts): Journal {
  const { report, write, reader, listeners } = ports;
  let { sessions } = ports;
  let closed: Promise<void> | null = null;
  const counted: Counted = (change, kind, answer) =>
    answer.then((value) => {
      if (value.kind === kind) sessions += change;
      return value;
    });
  const tasks: RetainingPorts = { write, reader, onRetained: listeners.retained };
  return {
    report,
    ...listeners.port,
    ...sessionWrites(write, counted, ports.random),
    ...runWrites(write),
    ...houseWrites(write),
    retain: (...input) => retain(tasks, ...input),
    compact: (signal) => compact(tasks, signal),
    ...reads(reader),
    counts: () => ({ sessions, ...ports.counts() }),
    close() {
      closed ??= ports.close();
      return closed;
    },
  };
}

/** Counts the sessions by what came of their writes. */
type Counted = <A extends { kind: string }>(change: number, kind: string, answer: Promise<A>) => Promise<A>;

type SessionWrites =
  | 'createSession'
  | 'patchSession'
  | 'deleteSession'
  | 'forkSession'
  | 'importSession'
  | 'editQueued'
  | 'withdrawQueued';

function sessionWrites(write: Write, counted: Counted, random: Random): Pick<Journal, SessionWrites> {
  return {
    createSession: (owner, session, at) => counted(1, 'created', write('create', { owner, session, at })),
    patchSession: (owner, session_id, patch, at) => write('patch', { owner, session_id, patch, at }),
    deleteSession: (owner, session_id) => counted(-1, 'deleted', write('delete', { owner, session_id })),
    forkSession: (owner, from, upto, session_id, at) =>
      counted(1, 'created', write('fork', { owner, from, upto, session_id, at })),
    importSession(owner, session, messages, at) {
      const message_ids = messages.map(() => createId('m', random));
      return counted(1, 'created', write('import', { owner, session, messages, message_ids, at }));
    },
    editQueued: (owner, session_id, message_id, text, at) =>
      write('edit', { owner, session_id, message_id, text, at }),
    withdrawQueued: (owner, session_id, message_id, at) =>
      write('withdraw', { owner, session_id, message_id, at }),
  };
}

type RunWrites =
  | 'admit'
  | 'admitRetry'
  | 'takeFollowUp'
  | 'append'
  | 'terminal'
  | 'settle'
  | 'takeOver'
  | 'ask'
  | 'answer'
  | 'deleteRule';

function runWrites(write: Write): Pick<Journal, RunWrites> {
  return {
    admit: (owner, admission, at) => write('admit', { owner, admission, at }),
    admitRetry: (owner, admission, at) => write('retry', { owner, admission, at }),
    takeFollowUp: (session_id, ids, at) => write('follow', { session_id, ids, at }),
    append(append) {
      // ST1: an end is written by `terminal` and `settle`, which decide it; never by the way.
      if (isTerminalEvent(append.event) || append.event === 'stream_end')
        return Promise.reject(new TypeError(`${append.event} is not appended`));
      return write('append', append);
    },
    terminal: (terminal) => write('terminal', terminal),
    settle: (settle) => write('settle', settle),
    takeOver: (stream_id, reason, at) => write('take_over', { stream_id, reason, at }),
    ask: async ({ entry, ...more }) =>
      write('ask', { ...more, prompt_id: promptId(entry), entry: JSON.stringify(entry) }),
    answer: (owner, answer) => write('answer', { ...answer, owner }),
    deleteRule: (owner, rule_id) => write('withdraw_rule', { owner, rule_id }),
  };
}

type HouseWrites =
  | 'announceFile'
  | 'addAttachment'
  | 'forgetAttachments'
  | 'detachAttachments'
  | 'subscribe'
  | 'unsubscribe'
  | 'pushed';

function houseWrites(write: Write): Pick<Journal, HouseWrites> {
  return {
    announceFile: (hash) => write('announce', { hash }),
    addAttachment: (owner, attachment) => write('attach', { owner, attachment }),
    forgetAttachments: (before) => write('forget_unused', { before }),
    detachAttachments: async (hashes) => (await write('detached', { hashes })) === null,
    subscribe: (owner, subscription, at) => write('subscribe', { owner, subscription, at }),
    unsubscribe: (owner, endpoint) => write('unsubscribe', { owner, endpoint }),
    pushed: async (endpoint, ok) => void (await write('pushed', { endpoint, ok })),
  };
}

function reads(reader: Reader): Omit<Reads, 'planCuts' | 'listTrims'> {
  return {
    getSession: (...input) => reader.ask('getSession', ...input),
    async getTranscript(...input) {
      try {
        return await reader.ask('getTranscript', ...input);
      } catch (error) {
        // Marked by now: the second answer says so itself, with what the transcript holds.
        if (error instanceof DamagedRecord) return reader.ask('getTranscript', ...input);
        throw error;
      }
    },
    listSessions: (...input) => reader.ask('listSessions', ...input),
    listQueue: (...input) => reader.ask('listQueue', ...input),
    getStream: (...input) => reader.ask('getStream', ...input),
    getReceipt: (...input) => reader.ask('getReceipt', ...input),
    readStream: (...input) => reader.ask('readStream', ...input),
    readSession: (...input) => reader.ask('readSession', ...input),
    openSession: (...input) => reader.ask('openSession', ...input),
    getPrompt: (...input) => reader.ask('getPrompt', ...input),
    findRule: (...input) => reader.ask('findRule', ...input),
    listRules: (...input) => reader.ask('listRules', ...input),
    listTasks: (...input) => reader.ask('listTasks', ...input),
    listUnsettled: () => reader.ask('listUnsettled'),
    getAttachment: (...input) => reader.ask('getAttachment', ...input),
    listSubscriptions: (...input) => reader.ask('listSubscriptions', ...input),
    storage: () => reader.ask('storage'),
  };
}
