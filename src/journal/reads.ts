// Every read of the port by its name, over whatever handle it is given. Knows no thread and no file.
import { getAttachment, listSubscriptions, listTasks, listUnsettled } from './house-reads.ts';
import { getTranscript, readSession, readStream } from './log-reads.ts';
import { findRule, getPrompt, listRules, openSession } from './prompt-reads.ts';
import { listTrims, planCuts } from './retention.ts';
import { getReceipt, getSession, getStream, listQueue, listSessions } from './session-reads.ts';

export const READS = {
  getSession,
  getTranscript,
  listSessions,
  listQueue,
  getStream,
  getReceipt,
  readStream,
  readSession,
  openSession,
  getPrompt,
  findRule,
  listRules,
  listTasks,
  listUnsettled,
  getAttachment,
  listSubscriptions,
  planCuts,
  listTrims,
};
