// The one writer of a stream: frames in, appends out. It encodes once, cuts what is too large, holds an agent back that
// is faster than the disk, and drops what comes after the fence (ST6). It knows no reader.
import type { Appended, Journal } from '../journal/port.ts';
import {
  type AgentEvent,
  type Clock,
  FRAME_BYTES_MAX,
  type FrameData,
  type FrameEvent,
  type Log,
} from '../protocol/index.ts';
import { encodeFrame } from './frame-encoding.ts';

/** Frames and bytes on their way to the disk before the agent is asked to wait. P10: bounded per stream. */
export const UNCOMMITTED_FRAMES_MAX = 512;
export const UNCOMMITTED_BYTES_MAX = 1024 * 1024;

/** Why what an agent says does not reach the log any more. */
export type Loss = 'full' | 'damaged' | 'bug';

export interface Writer {
  write<E extends FrameEvent>(event: E, data: FrameData<E>): Promise<Appended>;
  /** Resolves when the agent may go on; not null: nothing that it says is kept from here on. */
  agentFrame<E extends AgentEvent>(event: E, data: FrameData<E>): Promise<Loss | null>;
  /** No agent's frame is taken from here on. */
  fence(): void;
  /** Resolves when nothing is on its way; not null: something that the agent said is not in the log. */
  drained(): Promise<Loss | null>;
}

export function createWriter(of: {
  journal: Journal;
  clock: Clock;
  log: Log;
  stream_id: string;
  epoch: number;
}): Writer {
  const { journal, clock, log, stream_id, epoch } = of;
  let frames = 0;
  let bytes = 0;
  let fenced = false;
  let loss: Loss | null = null;
  let waiting: (() => void)[] = [];

  const hasRoom = () => frames < UNCOMMITTED_FRAMES_MAX && bytes < UNCOMMITTED_BYTES_MAX;
  const roomOrEnd = async () => {
    while (!hasRoom() && !fenced) await new Promise<void>((go) => waiting.push(go));
  };
  const release = () => {
    const go = waiting;
    waiting = [];
    for (const each of go) each();
  };

  function lose(why: Loss): void {
    fenced = true;
    loss ??= why;
  }

  async function append(event: string, payload: string): Promise<Appended> {
    frames += 1;
    bytes += payload.length;
    try {
      const appended = await journal.append({ stream_id, epoch, event, payload, at: clock.now() });
      // Noted before it counts as gone: whoever waits for the last frame must hear of its loss.
      if (appended.kind === 'fenced') fenced = true;
      else if (appended.kind !== 'committed') lose(appended.kind);
      return appended;
    } catch (bug) {
      lose('bug');
      throw bug;
    } finally {
      frames -= 1;
      bytes -= payload.length;
      if (hasRoom() || fenced) release();
    }
  }

  return {
    write: (event, data) => append(event, encodeFrame(event, data, FRAME_BYTES_MAX)),
    async agentFrame(event, data) {
      if (fenced) return loss;
      // Nobody waits for this promise: what it rejects with must not become the end of the process (SE3).
      append(event, encodeFrame(event, data, FRAME_BYTES_MAX)).catch((bug) =>
        log.error({ err: bug, stream_id }, 'a frame could not be written'),
      );
      if (!hasRoom()) await roomOrEnd();
      return loss;
    },
    fence() {
      fenced = true;
      release();
    },
    async drained() {
      while (frames > 0) await new Promise<void>((go) => waiting.push(go));
      return loss;
    },
  };
}
