// People and programs that command: start, stop, queue, answer, over a network that loses answers and doubles requests. What
// was promised to them is remembered, and held against every later log. Knows no fault of its own.
import type { Chance } from './chance.ts';
import type { Scheduler, SimNode } from './clock.ts';
import type { Network } from './network.ts';
import type { TrueSession, Truth, Violate } from './truth.ts';

export interface Persons {
  /** Makes a session. Its id comes into the truth when it is durable. */
  create(owner: string): void;
  /** Does something to a session that is there. */
  act(): void;
  /** Answers nobody's prompts any more: those that wait for ever are answered now. */
  answerAll(): void;
  readonly requests: number;
  /** not answered yet, or to be made again */
  readonly waiting: number;
  readonly accepted: number;
}

interface Reply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: one shape per route
  body: any;
}

export interface PersonsPorts {
  scheduler: Scheduler;
  chance: Chance;
  network: Network;
  truth: Truth;
  violate: Violate;
  node: SimNode;
  /** share of acts that delete a session */
  deletes: number;
  /** The disk fails reads here: that is told as a failure of the server. */
  readsFail: boolean;
}

/** A request that got no answer is made again, this often. */
const TRIES = 4;

export function createPersons(ports: PersonsPorts): Persons {
  const { scheduler, chance, network, truth, violate, node } = ports;
  let requests = 0;
  let accepted = 0;
  let keys = 0;
  let waiting = 0;

  function request(
    owner: string,
    method: string,
    path: string,
    body: unknown,
    done: (reply: Reply | null) => void,
  ): void {
    requests += 1;
    waiting += 1;
    let isOver = false;
    const finish = (reply: Reply | null) => {
      if (isOver) return;
      isOver = true;
      waiting -= 1;
      scheduler.cancel(bound);
      done(reply);
    };
    const connection = network.connect(
      {
        method,
        path,
        headers: { owner, 'weir-client': `p${chance.between(1, 3)}` },
        body: body === null ? null : JSON.stringify(body),
      },
      {
        node,
        opened() {},
        bytes() {},
        answered(status, text) {
          const mayFail = ports.readsFail || [...truth.sessions.values()].some(({ isDamaged }) => isDamaged);
          if (status >= 500 && !mayFail && JSON.parse(text || '{}').code === 'internal')
            violate('bug', `${method} ${path} was answered ${status} ${text}`);
          finish({ status, body: text === '' ? null : JSON.parse(text) });
        },
        closed: () => finish(null),
      },
    );
    const bound = scheduler.at(node, 20_000, () => {
      connection.close();
      finish(null);
    });
  }

  function again(act: () => void): void {
    waiting += 1;
    scheduler.at(node, chance.between(10, 500), () => {
      waiting -= 1;
      act();
    });
  }

  const resumed = new Set<TrueSession>();
  function resume(session: TrueSession): void {
    const path = `/api/sessions/${session.session_id}`;
    request(session.owner, 'PATCH', path, { queue_paused: false }, (reply) => {
      if (reply && reply.status < 500) resumed.add(session);
    });
  }

  const living = (): TrueSession[] => [...truth.sessions.values()].filter(({ isDeleted }) => !isDeleted);

  /** P2: what was promised is in the log, at once and for ever. */
  function promised(session: TrueSession, message_id: string): void {
    accepted += 1;
    if (session.isDeleted) return;
    const isThere = session.records.some(
      ({ event, json }) => event.startsWith('user_message') && json.includes(message_id),
    );
    const isQueued = session.records.some(
      ({ event, json }) => event === 'message_queued' && json.includes(message_id),
    );
    if (!isThere && !isQueued) violate('P2', `${message_id} was promised, and is not in the log`);
  }

  function start(session: TrueSession): void {
    keys += 1;
    const { session_id, owner } = session;
    const on_busy = chance.is(0.6) ? 'queue' : 'reject';
    const body = { session_id, message: `m${keys}`, client_message_id: `k${keys}`, on_busy };
    const attempt = (tries: number): void =>
      request(owner, 'POST', '/api/chat/start', body, (reply) => {
        if (!reply) {
          if (tries < TRIES) again(() => attempt(tries + 1));
          return;
        }
        if (reply.status === 200 || reply.status === 202) promised(session, reply.body.message_id);
        // Some think better of it at once.
        if (reply.status === 200 && chance.is(0.08)) cancel(session);
      });
    attempt(1);
  }

  function cancel(session: TrueSession): void {
    const streams = [...truth.streams.values()].filter((one) => one.session_id === session.session_id);
    const stream = streams.at(-1);
    if (!stream) return;
    request(session.owner, 'POST', '/api/chat/cancel', { stream_id: stream.stream_id }, (reply) => {
      if (reply?.status === 200 && !session.isDamaged && !session.isDeleted && stream.terminal !== 'cancel')
        violate('P2', `${stream.stream_id} was cancelled, the log says ${stream.terminal}`);
    });
  }

  function queued(session: TrueSession): void {
    const path = `/api/sessions/${session.session_id}/queue`;
    request(session.owner, 'GET', path, null, (reply) => {
      const entry = reply?.body?.queue?.[0];
      if (!entry) return;
      const one = `${path}/${entry.message_id}`;
      if (chance.is(0.5)) request(session.owner, 'DELETE', one, null, () => {});
      else request(session.owner, 'PATCH', one, { message: 'edited' }, () => {});
    });
  }

  function answer(session: TrueSession, id: string, kind: string): void {
    const { owner, session_id } = session;
    const reply =
      kind === 'clarify'
        ? chance.pick<object>([{ response: 'this' }, { choices: ['that'] }, { action: 'decline' }])
        : chance.pick<object>([{ choice: 'once' }, { choice: 'session' }, { choice: 'deny' }]);
    const by = chance.between(1, 2);
    for (let at = 0; at < by; at += 1)
      request(owner, 'POST', `/api/${kind}/respond`, { session_id, [`${kind}_id`]: id, ...reply }, (said) => {
        if (said?.status !== 200 || session.isDamaged || session.isDeleted) return;
        const prompt = session.prompts.get(id);
        if (prompt?.by !== said.body.answered_by)
          violate(
            'P7',
            `${id} was answered by ${said.body.answered_by}, the log says ${prompt?.how} ${prompt?.by}`,
          );
      });
  }

  const pendingOf = (session: TrueSession) => [...session.prompts.values()].filter(({ how }) => how === null);

  /** What people do: each up to so many of a hundred times. */
  const ACTS: [upto: number, act: (session: TrueSession) => void][] = [
    [50, start],
    [68, cancel],
    [76, queued],
    [82, (session) => change(session, 'PATCH', { queue_paused: chance.is(0.4) })],
    [88, ({ owner, session_id }) => request(owner, 'POST', '/api/chat/retry', { session_id }, () => {})],
    [94, stranger],
    [100, read],
  ];

  const change = ({ owner, session_id }: TrueSession, method: string, body: object | null) =>
    request(owner, method, `/api/sessions/${session_id}`, body, () => {});

  function read({ owner, session_id, records }: TrueSession): void {
    request(owner, 'GET', `/api/session?session_id=${session_id}&messages=1`, null, (reply) => {
      if (reply?.status === 200 && reply.body.session.head > records.length)
        violate('P2', `the transcript of ${session_id} is at ${reply.body.session.head}`);
    });
  }

  function act(): void {
    const sessions = living();
    if (sessions.length === 0) return;
    const session = chance.pick(sessions);
    const prompts = pendingOf(session);
    if (prompts.length > 0 && chance.is(0.6)) {
      const { id, kind } = chance.pick(prompts);
      answer(session, id, kind);
    } else if (chance.is(ports.deletes)) change(session, 'DELETE', null);
    else {
      const at = chance.between(1, 100);
      ACTS.find(([upto]) => at <= upto)![1](session);
    }
  }

  /** P8: another principal's ids open nothing. */
  function stranger({ session_id }: TrueSession): void {
    request('stranger', 'GET', `/api/session?session_id=${session_id}`, null, (reply) => {
      if (reply && reply.status < 400) violate('P8', `a stranger read ${session_id}`);
    });
  }

  return {
    create: (owner) => request(owner, 'POST', '/api/sessions', {}, () => {}),
    act,
    answerAll() {
      for (const session of living()) {
        // Once is enough: what is said for nothing wakes who has missed something.
        if (!resumed.has(session)) resume(session);
        for (const { id, kind } of pendingOf(session)) answer(session, id, kind);
      }
    },
    get waiting() {
      return waiting;
    },
    get requests() {
      return requests;
    },
    get accepted() {
      return accepted;
    },
  };
}
