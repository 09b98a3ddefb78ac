// The port of the log over a simulated disk: which question is which operation. It decides nothing.

import type { Database } from '../../src/journal/database.ts';
import { getAttachment, listSubscriptions, listTasks, listUnsettled } from '../../src/journal/house-reads.ts';
import { getTranscript, readSession, readStream } from '../../src/journal/log-reads.ts';
import type { Answer, Input, OperationName } from '../../src/journal/operations.ts';
import { type Commit, type Damage, DamagedRecord, type Journal } from '../../src/journal/port.ts';
import { findRule, getPrompt, listRules, openSession } from '../../src/journal/prompt-reads.ts';
import { getSession, getStream, listQueue, listSessions } from '../../src/journal/session-reads.ts';
import { isTerminalEvent, promptId } from '../../src/protocol/index.ts';

export type Write = <N extends OperationName>(name: N, input: Input<N>) => Promise<Answer<N>>;
export type Ask = <T>(question: (database: Database) => T) => Promise<T>;

export interface FacadePorts extends Pick<Journal, 'report' | 'counts' | 'close'> {
  listeners: {
    commit: (commit: Commit) => void;
    space: (() => void)[];
    damage: ((damage: Damage) => void)[];
  };
  write: Write;
  ask: Ask;
}

const none = (what: string) => () => Promise.reject(new Error(`${what} is not simulated`));

function reads(ask: Ask) {
  const of =
    <I extends unknown[], T>(question: (database: Database, ...input: I) => T) =>
    (...input: I): Promise<T> =>
      ask((database) => question(database, ...input));
  return {
    getSession: of(getSession),
    getTranscript: async (...input: Parameters<Journal['getTranscript']>) => {
      try {
        return await ask((database) => getTranscript(database, ...input));
      } catch (error) {
        if (error instanceof DamagedRecord) return ask((database) => getTranscript(database, ...input));
        throw error;
      }
    },
    listSessions: of(listSessions),
    listQueue: of(listQueue),
    getStream: of(getStream),
    readStream: of(readStream),
    readSession: of(readSession),
    openSession: of(openSession),
    getPrompt: of(getPrompt),
    findRule: of(findRule),
    listRules: of(listRules),
    listTasks: of(listTasks),
    listUnsettled: of(listUnsettled),
    getAttachment: of(getAttachment),
    listSubscriptions: of(listSubscriptions),
  };
}

export function facade({ report, listeners, write, ask, counts, close }: FacadePorts): Journal {
  return {
    report,
    onCommit(listener) {
      listeners.commit = listener;
    },
    onSpace: (listener) => void listeners.space.push(listener),
    onDamage: (listener) => void listeners.damage.push(listener),
    // Nothing is cut in these worlds.
    onRetained() {},
    createSession: (owner, session, at) => write('create', { owner, session, at }),
    patchSession: (owner, session_id, patch, at) => write('patch', { owner, session_id, patch, at }),
    deleteSession: (owner, session_id) => write('delete', { owner, session_id }),
    admit: (owner, admission, at) => write('admit', { owner, admission, at }),
    admitRetry: (owner, admission, at) => write('retry', { owner, admission, at }),
    takeFollowUp: (session_id, ids, at) => write('follow', { session_id, ids, at }),
    editQueued: (owner, session_id, message_id, text, at) =>
      write('edit', { owner, session_id, message_id, text, at }),
    withdrawQueued: (owner, session_id, message_id, at) =>
      write('withdraw', { owner, session_id, message_id, at }),
    append(append) {
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
    announceFile: (hash) => write('announce', { hash }),
    addAttachment: (owner, attachment) => write('attach', { owner, attachment }),
    forgetAttachments: (before) => write('forget_unused', { before }),
    detachAttachments: async (hashes) => (await write('detached', { hashes })) === null,
    subscribe: (owner, subscription, at) => write('subscribe', { owner, subscription, at }),
    unsubscribe: (owner, endpoint) => write('unsubscribe', { owner, endpoint }),
    pushed: async (endpoint, ok) => void (await write('pushed', { endpoint, ok })),
    forkSession: none('a fork'),
    importSession: none('an import'),
    retain: none('retention'),
    storage: none('the size of the disk'),
    compact: none('compacting'),
    ...reads(ask),
    counts,
    close,
  };
}
