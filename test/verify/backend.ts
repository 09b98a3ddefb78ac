// The server as the model knows it: the log, the owners of its runs with what they have on its way to the log, the session,
// the prompt queue. Plain data; what happens to it is in `turn.ts`.
import type { Outcome } from '../../src/protocol/index.ts';
import { question } from '../machines/prompt-queue.ground.ts';
import type { Told } from '../support/paths.ts';
import { type Log, logKey, streamId, type Writer } from './log.ts';
import { PROMPT_MS } from './parts.ts';
import { AT } from './stepper.ts';

/** The owner of the first run, one that has lost it to another, the owner of the follow-up. */
export const ROLES = ['first', 'lost', 'second'] as const;
export type Role = (typeof ROLES)[number];
export type Agent = 'none' | 'called' | 'running' | 'dying' | 'gone';

export interface Work {
  kind: 'started' | 'terminal' | 'settle';
  outcome: Outcome | null;
}

export interface Owner extends Writer {
  actor: number;
  agent: Agent;
  /** nothing that the agent says is taken any more */
  fenced: boolean;
  describing: boolean;
  /** on its way to the log, in this order */
  work: readonly Work[];
}

/** A commit, or a refusal, of which the server has not heard yet. */
export interface Note {
  to: Role | 'session' | 'queue' | null;
  event: Told | null;
}

export interface Backend {
  log: Log;
  up: boolean;
  /** records that the server was told of; what readers may see */
  heard: number;
  owners: Record<Role, Owner | null>;
  session: number;
  /** a follow-up is being taken */
  taking: boolean;
  queue: number;
  /** the prompt whose end by its due time is being written */
  expiring: string | null;
  note: Note | null;
  spent: { crashes: number; takeovers: number; refusals: number; unknowns: number };
}

const ownerKey = (owner: Owner | null): string =>
  owner === null
    ? ''
    : [
        owner.epoch,
        owner.actor,
        owner.agent,
        owner.fenced,
        owner.describing,
        ...owner.work.map(({ kind, outcome }) => `${kind}${outcome}`),
      ].join();

export const backendKey = (b: Backend): string =>
  [
    logKey(b.log),
    b.up,
    b.heard,
    ...ROLES.map((role) => ownerKey(b.owners[role])),
    b.session,
    b.taking,
    b.queue,
    b.expiring,
    JSON.stringify(b.note),
    ...Object.values(b.spent),
  ].join(';');

export const promptOf = (prompt: string, isTimed: boolean) => ({
  ...question(prompt, streamId(1), AT, 0),
  expires_at: isTimed ? AT + PROMPT_MS : null,
});
