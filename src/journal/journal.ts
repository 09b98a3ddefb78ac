// The port, made of a writer and a reader. Knows which of the two a question is for, and nothing of either.
import { randomBytes } from 'node:crypto';
import { createId, isTerminalEvent, type Log, promptId, type Random } from '../protocol/index.ts';
import type { Lock } from './lock.ts';
import { type Answer, FULL, type Input, type OperationName } from './operations.ts';
import { type Commit, type Damage, DamagedRecord, type Journal, type Retained } from './port.ts';
import { type ReaderClient, startReader } from './reader-client.ts';
import { compact, type RetainingPorts, retain } from './retaining.ts';
import type { Reads, ThreadSettings } from './thread-messages.ts';
import { startWriter, type WriterClient, type WriterPorts } from './writer-client.ts';

const random: Random = { bytes: (count) => randomBytes(count), fraction: () => Math.random() };

interface Listeners {
  commit: (commit: Commit) => void;
  space: (() => void)[];
  damage: ((damage: Damage) => void)[];
  retained: ((retained: Retained) => void)[];
}

export async function createJournal(settings: ThreadSettings, log: Log, lock: Lock): Promise<Journal> {
  const listeners: Listeners = { commit: () => {}, space: [], damage: [], retained: [] };
  let reader: ReaderClient | null = null;
  /** sessions that are known to be damaged: each is told of once */
  const known = new Set<string>();
  const ports: WriterPorts = {
    log,
    onCommit: (commit) => listeners.commit(commit),
    onSpace: () => {
      for (const listener of listeners.space) listener();
    },
    onDamage(damage) {
      if (known.has(damage.session_id)) return;
      known.add(damage.session_id);
      log.error(damage, 'a session is damaged: it is read-only from here on');
      for (const listener of listeners.damage) listener(damage);
    },
    releaseOthers: async () => reader?.release(),
  };
  const writer = await startWriter(settings, ports);
  for (const damage of writer.report.damaged) log.warn(damage, 'a session is damaged');
  if (writer.report.shorter) log.error(writer.report.shorter, 'the log is shorter than it was');
  for (const { session_id } of writer.report.damaged) known.add(session_id);
  reader = startReader(settings, async (damage) => {
    if (known.has(damage.session_id)) return;
    const kept = await writer.group.write('mark', damage).catch(() => FULL);
    // Not kept: whoever meets it next tries again.
    if (kept === null) ports.onDamage(damage);
  });
  return facade(writer, reader, listeners, lock);
}

function facade(writer: WriterClient, reader: ReaderClient, listeners: Listeners, lock: Lock): Journal {
  let sessions = writer.sessions;
  let closed: Promise<void> | null = null;
  const write = <N extends OperationName>(name: N, input: Input<N>): Promise<Answer<N>> =>
    writer.group.write(name, input);
  const counted = <A extends { kind: string }>(
    change: number,
    kind: string,
    answer: Promise<A>,
  ): Promise<A> =>
    answer.then((value) => {
      if (value.kind === kind) sessions += change;
      return value;
    });

  const tasks: RetainingPorts = {
    write,
    reader,
    onRetained(retained) {
      for (const listener of listeners.retained) listener(retained);
    },
  };

  async function close(): Promise<void> {
    await Promise.all([writer.close(), reader.close()]);
    lock.release();
  }

  return {
    report: writer.report,
    onCommit(listener) {
      listeners.commit = listener;
    },
    onSpace: (listener) => void listeners.space.push(listener),
    onDamage: (listener) => void listeners.damage.push(listener),
    onRetained: (listener) => void listeners.retained.push(listener),
    createSession: (owner, session, at) => counted(1, 'created', write('create', { owner, session, at })),
    patchSession: (owner, session_id, patch, at) => write('patch', { owner, session_id, patch, at }),
    deleteSession: (owner, session_id) => counted(-1, 'deleted', write('delete', { owner, session_id })),
    admit: (owner, admission, at) => write('admit', { owner, admission, at }),
    admitRetry: (owner, admission, at) => write('retry', { owner, admission, at }),
    takeFollowUp: (session_id, ids, at) => write('follow', { session_id, ids, at }),
    editQueued: (owner, session_id, message_id, text, at) =>
      write('edit', { owner, session_id, message_id, text, at }),
    withdrawQueued: (owner, session_id, message_id, at) =>
      write('withdraw', { owner, session_id, message_id, at }),
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
    forkSession: (owner, from, upto, session_id, at) =>
      counted(1, 'created', write('fork', { owner, from, upto, session_id, at })),
    importSession(owner, session, messages, at) {
      const message_ids = messages.map(() => createId('m', random));
      return counted(1, 'created', write('import', { owner, session, messages, message_ids, at }));
    },
    announceFile: (hash) => write('announce', { hash }),
    addAttachment: (owner, attachment) => write('attach', { owner, attachment }),
    forgetAttachments: (before) => write('forget_unused', { before }),
    detachAttachments: async (hashes) => (await write('detached', { hashes })) === null,
    subscribe: (owner, subscription, at) => write('subscribe', { owner, subscription, at }),
    unsubscribe: (owner, endpoint) => write('unsubscribe', { owner, endpoint }),
    pushed: async (endpoint, ok) => void (await write('pushed', { endpoint, ok })),
    retain: (...input) => retain(tasks, ...input),
    compact: (signal) => compact(tasks, signal),
    ...reads(reader),
    counts: () => ({
      sessions,
      commits: writer.state.commit_no,
      pending: writer.group.pending,
      bytes: writer.state.bytes,
      full: writer.state.full !== null,
    }),
    close() {
      closed ??= close();
      return closed;
    },
  };
}

function reads(reader: ReaderClient): Omit<Reads, 'planCuts' | 'listTrims'> {
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
