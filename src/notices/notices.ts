// Web Push, put together: the devices of an owner, their calls, and the way there. The log keeps the devices, a file the
// keys; what is under way lives in memory, and is lost with the process.
import type { Journal } from '../journal/port.ts';
import { type Clock, type Log, notFound, Rejection } from '../protocol/index.ts';
import { isPublicAddress } from './address.ts';
import { createAttempt } from './attempt.ts';
import { type CallerPorts, callFromBoard } from './caller.ts';
import { createDelivery } from './delivery.ts';
import { openKeys } from './keys.ts';
import type { Notices } from './port.ts';
import type { PostPorts } from './post.ts';

/** A test notice is of use now, or not at all (ms). */
const TEST_LIFE_MS = 60_000;

export interface NoticesPorts {
  journal: Journal;
  clock: Clock;
  log: Log;
  /** where the keys are */
  folder: string;
  /** whom a push service may write to, an https or mailto URL (RFC 8292 §2.1) */
  subject: string;
  /** For tests: a push service on this machine. */
  post?: Partial<PostPorts>;
}

/** @throws when the keys can't be read or written */
export async function createNotices(ports: NoticesPorts): Promise<Notices> {
  const { journal, clock, log, subject } = ports;
  const keys = await openKeys(ports.folder);
  const attempt = createAttempt({ mayReach: isPublicAddress, ...ports.post, keys, subject, log });
  const delivery = createDelivery({
    clock,
    log,
    attempt,
    pushed: (endpoint, ok) => journal.pushed(endpoint, ok),
    async gone(owner, endpoint) {
      await journal.unsubscribe(owner, endpoint);
    },
  });
  const endings: (() => void)[] = [];

  return {
    key: keys.public_key,
    async subscribe(owner, subscription) {
      const { kind } = await journal.subscribe(owner, subscription, clock.now());
      if (kind === 'too_many') throw new Rejection('too_many', 'Too many devices are subscribed.');
      if (kind === 'full') throw new Rejection('storage_full', 'The disk takes no writes.');
    },
    async unsubscribe(owner, endpoint) {
      const { kind } = await journal.unsubscribe(owner, endpoint);
      if (kind === 'not_found') throw notFound('subscription');
    },
    async test(owner) {
      const devices = await journal.listSubscriptions(owner);
      const until = clock.now() + TEST_LIFE_MS;
      const about = String(clock.now());
      const notice = {
        type: 'show',
        tag: 'test',
        about,
        topic: 'test',
        title: '',
        body: '',
        path: '/',
      } as const;
      const fates = await Promise.all(
        devices.map(({ subscription }) =>
          delivery.send({ owner, subscription, notice, until, tries_max: 1 }),
        ),
      );
      const sent = fates.filter((fate) => fate === 'sent').length;
      return { sent, failed: fates.length - sent };
    },
    follow(owner, board) {
      const send: CallerPorts['send'] = (subscription, notice, until) =>
        void delivery.send({ owner, subscription, notice, until });
      endings.push(callFromBoard(owner, board, { journal, now: clock.now, log, send }));
    },
    close() {
      for (const end of endings.splice(0)) end();
      delivery.close();
    },
  };
}
