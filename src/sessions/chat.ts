// What a person does to runs: start, retry, cancel, and the follow-ups that wait. Each outcome of the log becomes an answer
// or a rejection; the log decides, never a look at an actor beforehand.
import type { Agent } from '../agents/port.ts';
import type { Admitted, Journal, QueueChange } from '../journal/port.ts';
import {
  badField,
  type ChatStart,
  type Clock,
  createId,
  notFound,
  type Outcome,
  QUEUE_LENGTH_MAX,
  type QueuedMessage,
  type Random,
  Rejection,
  type StreamState,
} from '../protocol/index.ts';
import { endedWhen } from './facts.ts';
import { refusal } from './refusals.ts';
import type { Registry } from './registry.ts';
import type { SessionCell } from './session-cell.ts';
import type { StreamRun } from './stream-run.ts';

export type Started =
  | { stream_id: string; session_id: string; message_id: string; title: string }
  | { queued: true; message_id: string; position: number };

export interface Cancelled {
  ok: true;
  cancelled: boolean;
  stream_id: string;
  state: StreamState['state'];
}

export interface Chat {
  start(owner: string, body: ChatStart): Promise<Started>;
  retry(owner: string, session_id: string): Promise<Started>;
  cancel(owner: string, stream_id: string): Promise<Cancelled>;
  takeFollowUp(cell: SessionCell): Promise<void>;
  queue(owner: string, session_id: string): Promise<QueuedMessage[]>;
  edit(owner: string, session_id: string, message_id: string, text: string): Promise<QueuedMessage[]>;
  withdraw(owner: string, session_id: string, message_id: string): Promise<void>;
}

export interface ChatPorts {
  journal: Journal;
  registry: () => Registry;
  clock: Clock;
  random: Random;
  agent(name: string): Agent | undefined;
  isClosing(): boolean;
}

export function createChat(ports: ChatPorts): Chat {
  const { journal, clock, random } = ports;
  const freshIds = () => ({ stream_id: createId('r', random), message_id: createId('m', random) });

  function requireAgent(cell: SessionCell): void {
    const name = cell.row().agent;
    const about = ports.agent(name)?.describe();
    if (about?.available) return;
    const why = about?.reason ?? `The agent "${name}" is not configured on this server.`;
    throw new Rejection('agent_unavailable', why, { agent: name });
  }

  function refuseWhenClosing(): void {
    if (ports.isClosing())
      throw new Rejection('shutting_down', 'The server is shutting down. Nothing was written.');
  }

  function begin(cell: SessionCell, admitted: Extract<Admitted, { kind: 'started' }>): Started {
    const { stream, session } = admitted;
    // ST11: what was admitted while the server began to close is in the log, and the next start starts it.
    if (!ports.isClosing()) {
      const run = cell.begin(stream);
      cell.actor.send({ type: 'stream.admitted', stream_id: stream.stream_id, at: clock.now() });
      cell.adopt(session);
      cell.changed();
      run.start();
    }
    const { stream_id, session_id, user_message_id: message_id } = stream;
    return { stream_id, session_id, message_id, title: session.title };
  }

  function answer(cell: SessionCell, admitted: Admitted): Started {
    switch (admitted.kind) {
      case 'started':
        return begin(cell, admitted);
      case 'queued':
        cell.adopt(admitted.session);
        return { queued: true, message_id: admitted.user_message_id, position: admitted.position };
      case 'repeated': {
        const first = admitted.answer;
        if (first.kind === 'queued')
          return { queued: true, message_id: first.user_message_id, position: first.position };
        const { stream_id, user_message_id: message_id, title } = first;
        return { stream_id, session_id: cell.session_id, message_id, title };
      }
      case 'busy':
        throw new Rejection('session_busy', 'A run is active in this session.', {
          active_stream_id: admitted.active_stream_id,
        });
      case 'queue_full':
        throw new Rejection('too_many', `The queue holds at most ${QUEUE_LENGTH_MAX} messages.`, {
          retry_after_seconds: 5,
        });
      case 'mismatch':
        throw new Rejection(
          'bad_request',
          'client_message_id: was used before with another text or other attachments',
          {
            field: 'client_message_id',
          },
        );
      case 'no_attachment':
        throw badField('attachments', `there is no attachment ${admitted.attachment_id}`);
      case 'no_message':
        throw new Rejection('bad_request', 'session_id: there is no user message to retry', {
          field: 'session_id',
        });
      default:
        throw refusal(admitted, 'session');
    }
  }

  async function within<T>(
    owner: string,
    session_id: string,
    act: (cell: SessionCell) => Promise<T>,
  ): Promise<T> {
    const { cell, release } = await ports.registry().hold(owner, session_id);
    try {
      return await act(cell);
    } finally {
      release();
    }
  }

  async function changeQueue(
    owner: string,
    session_id: string,
    change: () => Promise<QueueChange>,
  ): Promise<QueuedMessage[]> {
    return within(owner, session_id, async (cell) => {
      const changed = await change();
      if (changed.kind === 'message_started')
        throw new Rejection('message_started', 'This message runs already, or has run.');
      if (changed.kind !== 'changed') throw refusal(changed, 'queued message');
      cell.adopt(changed.session);
      return changed.queue;
    });
  }

  return {
    start(owner, body) {
      refuseWhenClosing();
      return within(owner, body.session_id, async (cell) => {
        requireAgent(cell);
        const admission = {
          ...freshIds(),
          session_id: body.session_id,
          user_message_id: createId('m', random),
          client_message_id: body.client_message_id ?? null,
          text: body.message,
          attachment_ids: body.attachments ?? [],
          on_busy: body.on_busy ?? ('reject' as const),
        };
        return answer(cell, await journal.admit(owner, admission, clock.now()));
      });
    },
    retry(owner, session_id) {
      refuseWhenClosing();
      return within(owner, session_id, async (cell) => {
        requireAgent(cell);
        return answer(cell, await journal.admitRetry(owner, { ...freshIds(), session_id }, clock.now()));
      });
    },
    async cancel(owner, stream_id) {
      const run = ports.registry().run(stream_id);
      if (run && run.stream.owner === owner) return cancelRun(run);
      const stream = await journal.getStream(owner, stream_id);
      if (!stream) throw notFound('stream');
      if (!stream.settled)
        // Whoever holds its session takes over a run that nobody owned.
        return within(owner, stream.session_id, async () => {
          const adopted = ports.registry().run(stream_id);
          if (!adopted) throw streamSettled(stream.terminal_state);
          return cancelRun(adopted);
        });
      // Asking twice is the same as once, also when the second comes after the end.
      if (stream.terminal_state !== 'cancelled') throw streamSettled(stream.terminal_state);
      return { ok: true, cancelled: true, stream_id, state: 'settled' };
    },
    async takeFollowUp(cell) {
      const taken = await journal.takeFollowUp(cell.session_id, freshIds(), clock.now());
      const at = clock.now();
      if (ports.isClosing()) return;
      if (taken.kind === 'started') {
        const run = cell.begin(taken.stream);
        cell.actor.send({ type: 'follow_up.started', stream_id: taken.stream.stream_id, at });
        cell.adopt(taken.session);
        cell.changed();
        run.start();
      } else if (taken.kind === 'none') cell.actor.send({ type: 'follow_up.none', at });
      else cell.actor.send({ type: 'follow_up.refused', reason: taken.kind, at });
    },
    async queue(owner, session_id) {
      const queue = await journal.listQueue(owner, session_id);
      if (!queue) throw notFound('session');
      return queue;
    },
    edit: (owner, session_id, message_id, text) =>
      changeQueue(owner, session_id, () =>
        journal.editQueued(owner, session_id, message_id, text, clock.now()),
      ),
    async withdraw(owner, session_id, message_id) {
      await changeQueue(owner, session_id, () =>
        journal.withdrawQueued(owner, session_id, message_id, clock.now()),
      );
    },
  };
}

const streamSettled = (terminal_state: Outcome | null) =>
  new Rejection('stream_settled', 'This run is over.', { terminal_state });

/** Resolves when the cancel is durable. Asking twice is the same as once; what ended otherwise says how. */
async function cancelRun(run: StreamRun): Promise<Cancelled> {
  run.cancel();
  const outcome = await endedWhen(run);
  if (outcome !== 'cancelled') throw streamSettled(outcome);
  return { ok: true, cancelled: true, stream_id: run.stream.stream_id, state: run.state().state };
}
