// What must hold of the server, in every place and at every step: P1–P12 as far as they speak of it. A claim is true or it
// is not; what breaks one is told with the way there. Knows no page.
import * as bounds from '../../src/machines/bounds.ts';
import { promptId } from '../../src/protocol/index.ts';
import { type Backend, ROLES } from './backend.ts';
import { epochOf, framesOf, isSettled, of, pendingOf, STREAMS, terminalOf, type Writer } from './log.ts';
import type { House } from './parts.ts';

export interface ServerStep {
  before: Backend;
  after: Backend;
  /** the owner who wrote to the log */
  writer: Writer | null;
  /** the prompt whose answer was accepted */
  accepted: string | null;
  house: House;
}

type Claims = Record<string, (step: ServerStep) => boolean>;

const written = ({ before, after }: ServerStep) => after.log.entries.slice(before.log.entries.length);
const onlyOne = (count: number): boolean => count <= 1;
const counted = ({ after }: ServerStep, kind: string, stream = 1): number =>
  of(after.log, stream as 1).filter((entry) => entry.kind === kind).length;

export const serverClaims: Claims = {
  'P1 seqs are contiguous, and epochs never fall': ({ after }) =>
    STREAMS.every((stream) => {
      const frames = framesOf(after.log, stream);
      return frames.every(
        ({ seq, epoch }, index) => seq === index + 1 && epoch >= (frames[index - 1]?.epoch ?? 0),
      );
    }),

  'P2 what stands in the log stays there': ({ before, after }) =>
    before.log.entries.every((entry, index) => after.log.entries[index] === entry),

  'P4 one terminal per stream, and nothing after stream_end': ({ after }) =>
    STREAMS.every((stream) => {
      const frames = framesOf(after.log, stream);
      const end = frames.findIndex(({ kind }) => kind === 'end');
      return (
        onlyOne(frames.filter(({ kind }) => kind === 'terminal').length) &&
        (end < 0 || (end === frames.length - 1 && terminalOf(after.log, stream) !== null))
      );
    }),

  'P5 nothing is appended under an older epoch': ({ before, writer }) =>
    writer === null || writer.epoch === epochOf(before.log, writer.stream),

  'P6 only the owner ends, clears or releases a run': (step) =>
    step.writer === null ||
    written(step).every(
      ({ stream, epoch }) => stream === step.writer!.stream && epoch === epochOf(step.before.log, stream),
    ),

  'P7 the queue is what the log holds as pending, head first, at every version': ({ after, house }) => {
    if (!after.up) return true;
    const { entries, version } = house.queue.at(after.queue).context;
    const pending = pendingOf(after.log, after.heard);
    return entries.map(promptId).join() === pending.join() && version <= after.heard;
  },

  'P7 CQ5 a prompt ends once': ({ after }) =>
    ['a', 'b'].every((prompt) =>
      onlyOne(
        after.log.entries.filter((entry) => entry.kind === 'settled' && entry.prompt === prompt).length,
      ),
    ),

  'P12 CQ5 an answer that is accepted is the one in the log': (step) =>
    step.accepted === null || written(step).some(({ prompt }) => prompt === step.accepted),

  'P9 no try is beyond its bound': ({ after, house }) =>
    ROLES.every((role) => {
      const owner = after.owners[role];
      return owner === null || house.stream.at(owner.actor).context.try <= bounds.COMMIT_TRIES_MAX;
    }) &&
    (!after.up || house.queue.at(after.queue).context.try <= bounds.EXPIRY_TRIES_MAX) &&
    (!after.up || house.session.at(after.session).context.try <= bounds.FOLLOW_UP_TRIES_MAX),

  'P11 whoever is settled has no timer': ({ after, house }) =>
    ROLES.every((role) => {
      const owner = after.owners[role];
      if (owner === null) return true;
      const { isOver, timers } = house.stream.at(owner.actor);
      return !isOver || timers.size === 0;
    }),

  'ST7 P11 no agent speaks for a run that is settled': ({ after, house }) =>
    ROLES.every((role) => {
      const owner = after.owners[role];
      return owner === null || owner.agent !== 'running' || !house.stream.at(owner.actor).isOver;
    }),

  'P12 SE2 a follow-up is started once, and its agent is called once per start': (step) =>
    onlyOne(counted(step, 'user', 2)) && STREAMS.every((stream) => onlyOne(counted(step, 'started', stream))),

  'SE1 the next run begins when the one before it is settled': ({ after }) =>
    after.log.epochs[1] === 0 || isSettled(after.log, 1),

  'ST5 no prompt is pending once its run has its terminal': ({ after }) =>
    terminalOf(after.log, 1) === null || pendingOf(after.log, after.log.entries.length).length === 0,

  'ST2 a run is settled by two commits, except by who has taken it over': (step) =>
    step.writer === null ||
    !written(step).some(({ kind }) => kind === 'end') ||
    terminalOf(step.before.log, step.writer.stream) !== null ||
    ROLES.some((role) => {
      const owner = step.before.owners[role];
      return (
        owner?.epoch === step.writer!.epoch && step.house.stream.at(owner.actor).path.startsWith('stale')
      );
    }),
};

const claims = Object.entries(serverClaims);

/** The names of the claims that the step breaks. */
export const brokenBy = (step: ServerStep): readonly string[] =>
  claims.filter(([, holds]) => !holds(step)).map(([name]) => name);
