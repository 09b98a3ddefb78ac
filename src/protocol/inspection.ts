// Inspection: what actors were told, did and asked for, as entries. Live, recorded and exported are the same: a head, which
// says how the actors stood, then entries without a hole. Nothing that a person or an agent wrote is in them (redaction.ts).
// Knows no actor and no connection.
import * as z from 'zod/mini';

const text = z.string();
const count = z.int().check(z.nonnegative());
/** The last that a Date can say (ms since 1970). */
const TIME_MAX = 8_640_000_000_000_000;
const time = count.check(z.maximum(TIME_MAX));
const fields = z.record(text, z.unknown());

export const RECORDING_FORMAT = 'weir-recording';
export const RECORDING_VERSION = 1;
/** Entries that are kept for readers and for a recording: the newest. */
export const INSPECTION_RING_MAX = 20_000;
/** What they may weigh together, roughly in bytes. */
export const INSPECTION_RING_BYTES_MAX = 32 * 1024 * 1024;
/** Entries of one event of the feed, and of one body that a page sends. */
export const INSPECTION_BATCH_MAX = 1_000;
/** Tabs whose actors are known at the same time; one more takes the place of the first that came. */
export const INSPECTED_TABS_MAX = 64;
/** Actors of one tab; more are not listened to. */
export const INSPECTED_TAB_ACTORS_MAX = 256;
/** A tab that tells nothing for so long is gone, and its actors with it. Timers of a hidden tab run once a minute. */
export const INSPECTED_TAB_SILENT_MS = 180_000;
/** What comes within this time goes to a reader in one piece. */
export const INSPECTION_FLUSH_MS = 16;
/** What happens in a tab within this time goes to its server in one piece. */
export const INSPECTED_TAB_FLUSH_MS = 100;
/** A tab in which nothing happens says so. */
export const INSPECTED_TAB_BEAT_MS = 30_000;

const of = {
  /** ms since 1970: when it happened, not when it was told */
  at: time,
  /** `session:s_…`, `stream:st_…`, `clarify:s_…`; of a tab's, after its name and a slash: `t_…/line`. One at a time bears it. */
  actor: text,
};

/** An actor as it stands: when it began, or where what is kept of it begins. */
const actor = {
  ...of,
  kind: z.literal('actor'),
  /** of src/machines; `board` is a store */
  machine: text,
  /** the actor that it belongs to; null: it stands alone */
  parent: z.nullable(text),
  /** what its machine was given, redacted; null: it was not seen to begin */
  input: z.nullable(fields),
  /** the path of its state, such as `draining.closing`; of a store: the empty string */
  state: text,
  /** all of it, redacted; of the board only sizes */
  context: fields,
};
/** It was sent an event. */
const event = {
  ...of,
  kind: z.literal('event'),
  /** the actor in whose step it was sent; null: it came from outside (machines/talk.ts knows from whom) */
  from: z.nullable(text),
  event: z.looseObject({ type: text }),
};
/** It asked its surroundings for something, while it took a step. */
const command = {
  ...of,
  kind: z.literal('command'),
  command: z.looseObject({ type: text }),
};
/** What became of the oldest event of this actor that has not had its step. */
const step = {
  ...of,
  kind: z.literal('step'),
  state: text,
  /** the keys that changed; the others are as they were */
  context: fields,
  /** states on the way, the last one included, where there was more than one step */
  micro: z.optional(z.array(text)),
  status: z.enum(['active', 'done']),
};
/** It is no more. */
const stopped = {
  ...of,
  kind: z.literal('stopped'),
  /** `done`: at a final state; `stopped`: let go of; `error`: a bug ended it */
  why: z.enum(['done', 'stopped', 'error']),
};
/** Of a run's export: a record of its log, as it stands there, unredacted. */
const record = { ...of, kind: z.literal('record'), pos: count, event: text, data: z.unknown() };

/** 1, 2, 3 … from the start of the recorder, no hole */
const n = { n: count };
/** of a step and a command: the number of the event that it answers; null: none, it is its beginning, or its event is not kept */
const event_n = { event_n: z.nullable(count) };

export const inspectedActorSchema = z.object({ ...n, ...actor });
export type InspectedActor = z.infer<typeof inspectedActorSchema>;

export const entrySchema = z.discriminatedUnion('kind', [
  inspectedActorSchema,
  z.object({ ...n, ...event }),
  z.object({ ...n, ...event_n, ...command }),
  z.object({ ...n, ...event_n, ...step }),
  z.object({ ...n, ...stopped }),
  z.object({ ...n, ...record }),
]);
export type Entry = z.infer<typeof entrySchema>;

/** What an observer tells a recorder, which numbers it. */
export const observationSchema = z.discriminatedUnion('kind', [
  z.object(actor),
  z.object(event),
  z.object(command),
  z.object(step),
  z.object(stopped),
]);
export type Observation = z.infer<typeof observationSchema>;

export const RECORDING_SOURCES = ['server', 'run', 'tab', 'simulator'] as const;

/** First line of a recording, and first event of the feed; whoever is told another one has lost what lies between. */
export const recordingHeadSchema = z.object({
  format: z.literal(RECORDING_FORMAT),
  version: z.literal(RECORDING_VERSION),
  source: z.enum(RECORDING_SOURCES),
  made_at: time,
  /** the start of the server whose numbers these are */
  boot: text,
  /** the number before the first entry that follows; 0: it begins at the beginning */
  n: count,
  /** how those stood then that were alive; `n` of each: the entry that made it so, or the latest before */
  actors: z.array(inspectedActorSchema),
  /** of a run's export: which one */
  run: z.optional(z.object({ session_id: text, stream_id: text, title: text, agent: text })),
});
export type RecordingHead = z.infer<typeof recordingHeadSchema>;

/** What a page sends of its own actors. */
export const tabObservationsSchema = z.strictObject({
  /** its own name among the tabs */
  tab: text.check(z.regex(/^[A-Za-z0-9_-]{1,32}$/)),
  /** how many the tab has told before these: what comes a second time, because nobody knows whether it came, is known by it */
  first: z.optional(count),
  entries: z.array(observationSchema).check(z.maxLength(INSPECTION_BATCH_MAX)),
});
export type TabObservations = z.infer<typeof tabObservationsSchema>;

/** How actors stand after one more entry. One that an entry changes is another object then. Changes `actors` in place. */
export function foldActors(actors: Map<string, InspectedActor>, entry: Entry): void {
  if (entry.kind === 'actor') actors.set(entry.actor, entry);
  else if (entry.kind === 'stopped') actors.delete(entry.actor);
  else if (entry.kind === 'step') {
    const known = actors.get(entry.actor);
    if (!known) return;
    const { n, state } = entry;
    actors.set(entry.actor, { ...known, n, state, context: { ...known.context, ...entry.context } });
  }
}
