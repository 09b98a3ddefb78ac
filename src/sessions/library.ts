// The sessions as a collection: made, changed, forked, imported. None of it touches a run.
import type { Catalog } from '../agents/port.ts';
import type { ImportedMessage, Journal, NewSession, Refused, SessionRow } from '../journal/port.ts';
import {
  badField,
  type Clock,
  type CreateSession,
  createId,
  type PatchSession,
  type Random,
  type Session,
} from '../protocol/index.ts';
import type { Boards } from './board.ts';
import { refusal } from './refusals.ts';
import type { Registry } from './registry.ts';
import { compact } from './session-cell.ts';

export interface Library {
  create(owner: string, body: CreateSession): Promise<Session>;
  patch(owner: string, session_id: string, patch: PatchSession): Promise<Session>;
  fork(owner: string, session_id: string, upto_message_id: string): Promise<Session>;
  importSession(owner: string, fields: CreateSession, messages: ImportedMessage[]): Promise<Session>;
  /** The compact session, with what its actors say now. */
  view(row: SessionRow): Session;
}

export function createLibrary(ports: {
  journal: Journal;
  catalog: Catalog;
  clock: Clock;
  random: Random;
  registry: () => Registry;
  boards: Pick<Boards, 'made'>;
}): Library {
  const { journal, catalog, clock, random } = ports;

  function view(row: SessionRow): Session {
    const cell = ports.registry().peek(row.session_id);
    const run = row.active_stream_id === null ? undefined : ports.registry().run(row.active_stream_id);
    return { ...compact(row, run ?? null), ...cell?.prompts.waiting() };
  }

  function created(
    owner: string,
    result: { kind: 'created'; session: SessionRow } | Refused,
    what: string,
  ): Session {
    if (result.kind !== 'created') throw refusal(result, what);
    const session = view(result.session);
    ports.boards.made(owner, session);
    return session;
  }

  function newSession(body: CreateSession): NewSession {
    const agent = body.agent ?? catalog.default;
    if (!catalog.get(agent)) throw badField('agent', `"${agent}" is not configured on this server`);
    if (body.relation && !body.parent_session_id)
      throw badField('parent_session_id', 'is needed with relation');
    return {
      session_id: createId('s', random),
      title: body.title ?? null,
      agent,
      model: body.model ?? null,
      cwd: body.cwd ?? null,
      parent_session_id: body.parent_session_id ?? null,
      relation: body.relation ?? (body.parent_session_id ? 'child' : null),
      is_cli_session: body.is_cli_session ?? false,
      source_tag: body.source_tag ?? null,
      session_source: body.session_source ?? null,
      source_label: body.source_label ?? null,
    };
  }

  return {
    view,
    async create(owner, body) {
      const made = await journal.createSession(owner, newSession(body), clock.now());
      return created(owner, made, 'parent session');
    },
    async patch(owner, session_id, patch) {
      // Held while it is written: who opens the session meanwhile gets the cell that hears of this commit.
      const { cell, release } = await ports.registry().hold(owner, session_id);
      try {
        const patched = await journal.patchSession(owner, session_id, patch, clock.now());
        if (patched.kind !== 'patched') throw refusal(patched, 'session');
        cell.adopt(patched.session);
        return cell.session();
      } finally {
        release();
      }
    },
    async fork(owner, session_id, upto_message_id) {
      const fork_id = createId('s', random);
      const made = await journal.forkSession(owner, session_id, upto_message_id, fork_id, clock.now());
      return created(owner, made, 'message');
    },
    async importSession(owner, fields, messages) {
      const made = await journal.importSession(owner, newSession(fields), messages, clock.now());
      return created(owner, made, 'parent session');
    },
  };
}
