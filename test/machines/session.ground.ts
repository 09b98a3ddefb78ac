// The session machine's ground: everything that it can be told, in every order, and what must hold at every step.
import { pathOf } from '../../src/machines/path.ts';
import type { SessionContext, SessionInput } from '../../src/machines/session.machine.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import type { Place, Told } from '../support/paths.ts';
import type { Ground, Rules } from '../support/rules.ts';
import { stateOf, timeRules } from './time.rules.ts';

const input: SessionInput = {
  session_id: 'x',
  head: 0,
  active_stream_id: null,
  queue_length: 0,
  queue_paused: false,
  at: 1_000,
};

function events({ context }: Place<SessionContext>): Told[] {
  const at = context.now + 1;
  return [
    ...['a', 'b'].flatMap((stream_id) => [
      { type: 'stream.admitted', stream_id, at },
      { type: 'stream.settled', stream_id, at },
      { type: 'follow_up.started', stream_id, at },
    ]),
    { type: 'records.committed', head: context.head + 1, at },
    { type: 'records.committed', head: context.head - 1, at },
    { type: 'queue.changed', length: 0, paused: false, at },
    { type: 'queue.changed', length: 2, paused: false, at },
    { type: 'queue.changed', length: 2, paused: true, at },
    { type: 'follow_up.none', at },
    { type: 'follow_up.refused', reason: 'damaged', at },
    { type: 'readers.changed', count: 0, at },
    { type: 'readers.changed', count: 1, at },
    { type: 'storage.returned', at },
    { type: 'delete', at },
    { type: 'erased', at },
    { type: 'erase.refused', at },
  ];
}

const key = ({ value, context }: Place<SessionContext>): string => {
  const path = pathOf(value);
  const { active_stream_id, queue_length, queue_paused, queue_moved, readers, why } = context;
  const place = [path, active_stream_id, queue_length, queue_paused, Math.min(readers, 1), why];
  if (path.startsWith('advancing')) place.push(queue_moved, context.try);
  if (path.startsWith('deleting')) return `${path} ${active_stream_id} ${context.try}`;
  return place.join(' ');
};

const same = (before: Place<SessionContext>, after: Place<SessionContext>): boolean =>
  JSON.stringify(before.value) === JSON.stringify(after.value);
const takes = (commands: Told[]): boolean => commands.some(({ type }) => type === 'take.follow_up');

const rules: Rules<SessionContext> = {
  ...timeRules<SessionContext>((path) =>
    path === 'deleted' || path === 'passivated' ? null : stateOf(path),
  ),

  'SE1 whatever run the log admits is the session’s run, and is cancelled where the session is being deleted':
    ({ before, event, after, commands }) => {
      if (!/^(stream\.admitted|follow_up\.started)$/.test(event.type)) return true;
      const path = pathOf(before.value);
      if (path.startsWith('idle') && event.type === 'follow_up.started') return true;
      const cancels = commands.some(
        ({ type, stream_id }) => type === 'cancel.stream' && stream_id === event.stream_id,
      );
      if (path.startsWith('deleting') && after.context.try !== 0) return false;
      return after.context.active_stream_id === event.stream_id && cancels === path.startsWith('deleting');
    },

  'SE2 an unattended idle session has a timer to its passivation': ({ after, due }) =>
    pathOf(after.value) !== 'idle.unattended' ||
    [...due.keys()].some((timer) => timer.includes('passivateAfter')),

  'SE2 a queue that does not move says why: the log’s word, or that storage did not answer': ({
    before,
    event,
    after,
  }) => {
    if (!pathOf(before.value).startsWith('advancing') || !pathOf(after.value).startsWith('idle')) return true;
    if (event.type === 'follow_up.none') return after.context.why === null;
    return after.context.why === (event.type === 'follow_up.refused' ? event.reason : 'storage');
  },

  'SE4 a deletion that storage holds back says so, and goes on when storage is back or the log has erased it':
    ({ before, event, after, commands }) => {
      if (pathOf(after.value) === 'deleting.held' && !same(before, after) && after.context.why !== 'storage')
        return false;
      if (event.type === 'erased' && /erasing|held/.test(pathOf(before.value)))
        return after.status === 'done';
      if (event.type !== 'storage.returned' || pathOf(before.value) !== 'deleting.held') return true;
      return commands.some(({ type }) => type === 'erase');
    },

  'P1 the head is the highest that was committed': ({ before, event, after }) =>
    after.context.head ===
    Math.max(before.context.head, event.type === 'records.committed' ? Number(event.head) : 0),

  'SE1 it runs exactly when it has a stream': ({ after }) =>
    ['running', 'deleting.cancelling'].includes(pathOf(after.value)) ===
    (after.context.active_stream_id !== null),

  'SE2 a message is taken only when nothing runs': ({ after, commands }) =>
    !takes(commands) || after.context.active_stream_id === null,

  'SE2 the first take of a row finds a queue that is neither empty nor paused': ({
    before,
    after,
    commands,
  }) =>
    !takes(commands) ||
    pathOf(before.value) === 'advancing.retrying' ||
    (after.context.queue_length > 0 && !after.context.queue_paused),

  'ST3 the end of another stream changes nothing': ({ before, event, after, commands }) =>
    event.type !== 'stream.settled' ||
    event.stream_id === before.context.active_stream_id ||
    (commands.length === 0 && after.context === before.context && same(before, after)),

  'ST8 readers come and go, and no run hears of it': ({ before, event, after, commands }) =>
    event.type !== 'readers.changed' ||
    pathOf(before.value).startsWith('idle') ||
    (commands.length === 0 && same(before, after)),

  'ST4 whoever takes, erases, or waits to do so, has a timer': ({ after, timers }) =>
    !/advancing|erasing|retrying|held/.test(pathOf(after.value)) || timers.size > 0,

  'P9 no try beyond its bound': ({ after }) =>
    after.context.try <= after.context.of && after.context.of <= 10,

  'P9 the last try is the last': ({ before, event, after }) =>
    !event.type.endsWith('.refused') ||
    before.context.try < before.context.of ||
    !pathOf(after.value).endsWith('.retrying'),

  'SE4 only an unattended idle session is passivated, and none whose next message could start': ({
    before,
    after,
  }) =>
    pathOf(after.value) !== 'passivated' ||
    (pathOf(before.value) === 'idle.unattended' &&
      before.context.readers === 0 &&
      (before.context.queue_length === 0 || before.context.queue_paused)),

  'P11 no timer outlives the session': ({ after, timers }) => after.status !== 'done' || timers.size === 0,

  'P1 the head never falls': ({ before, after }) => after.context.head >= before.context.head,
};

export const sessionGround: Ground<SessionContext> = {
  machine: sessionMachine,
  walk: {
    inputs: [input, { ...input, active_stream_id: 'a' }, { ...input, queue_length: 1 }],
    events,
    key,
    places_max: 700,
  },
  rules,
};
