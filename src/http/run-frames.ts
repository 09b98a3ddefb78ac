// A page of a run's frames out of the log. Knows no reader: whoever asks says where it stands.
import type { Journal } from '../journal/port.ts';
import { notFound, RUN_FRAMES_MAX, type RunFrames } from '../protocol/index.ts';

/** @throws Rejection not_found, DamagedRecord */
export async function framesOf(
  journal: Journal,
  owner: string,
  { stream_id, after_seq = 0 }: { stream_id: string; after_seq?: number | undefined },
): Promise<RunFrames> {
  // First: of a run that was settled before it was read, all is read.
  const stream = await journal.getStream(owner, stream_id);
  if (!stream) throw notFound('stream');
  const { records, head } = await journal.readStream(stream_id, after_seq, RUN_FRAMES_MAX);
  const frames = records.map(({ seq, at, event, json }) => ({
    ...{ seq: seq ?? 0, at, event },
    data: JSON.parse(json),
  }));
  return { frames, head, settled: stream.settled };
}
