// The one writer of a stream: frames in, appends out. It encodes once, cuts what is too large, holds an agent back that
// is faster than the disk, and drops what comes after the fence (ST6). It knows no reader.
import type { Appended, Journal } from '../journal/port.ts';
import {
  type AgentEvent,
  type Clock,
  FRAME_BYTES_MAX,
  type FrameData,
  type FrameEvent,
} from '../protocol/index.ts';
import { encodeFrame } from './frame-encoding.ts';

/** Frames and bytes on their way to the disk before the agent is asked to wait. P10: bounded per stream. */
export const UNCOMMITTED_FRAMES_MAX = 512;
export const UNCOMMITTED_BYTES_MAX = 1024 * 1024;

export interface Writer {
  write<E extends FrameEvent>(event: E, data: FrameData<E>): Promise<Appended>;
  /** Resolves when the agent may go on; true: the disk is full. */
  agentFrame<E extends AgentEvent>(event: E, data: FrameData<E>): Promise<boolean>;
  /** No agent's frame is taken from here on. */
  fence(): void;
  /** Resolves when nothing is on its way; true: the disk was full, something that the agent said is not in the log. */
  drained(): Promise<boolean>;
}

export function createWriter(of: {
  journal: Journal;
  clock: Clock;
  stream_id: string;
  epoch: number;
}): Writer {
  const { journal, clock, stream_id, epoch } = of;
  let frames = 0;
  let bytes = 0;
  let fenced = false;
  let full = false;
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

  async function append(event: string, payload: string): Promise<Appended> {
    frames += 1;
    bytes += payload.length;
    try {
      return await journal.append({ stream_id, epoch, event, payload, at: clock.now() });
    } finally {
      frames -= 1;
      bytes -= payload.length;
      if (waiting.length > 0 && (hasRoom() || frames === 0)) release();
    }
  }

  return {
    write: (event, data) => append(event, encodeFrame(event, data, FRAME_BYTES_MAX)),
    async agentFrame(event, data) {
      if (fenced) return full;
      append(event, encodeFrame(event, data, FRAME_BYTES_MAX)).then((result) => {
        if (result.kind === 'fenced') fenced = true;
        if (result.kind === 'full') fenced = full = true;
      });
      if (!hasRoom()) await roomOrEnd();
      return full;
    },
    fence() {
      fenced = true;
      release();
    },
    async drained() {
      while (frames > 0) await new Promise<void>((go) => waiting.push(go));
      return full;
    },
  };
}
