// A page of a run's frames, for whoever asks now and then instead of holding a connection.
import * as z from 'zod/mini';

const count = z.int();

/** Frames of one page. */
export const RUN_FRAMES_MAX = 500;

export const runFramesSchema = z.object({
  frames: z.array(
    z.object({
      seq: count,
      /** ms since 1970 */
      at: count,
      event: z.string(),
      /** As the feeds send it. The drawer reads it: `z.record` would come into the page's first load. */
      data: z.looseObject({}),
    }),
  ),
  /** the seq of the run's newest frame */
  head: count,
  /** nothing comes after `head` */
  settled: z.boolean(),
});
export type RunFrames = z.infer<typeof runFramesSchema>;
