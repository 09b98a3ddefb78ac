// The checker must be able to fail (properties §3): each fault is put into the real code as it is loaded, or into the disk under
// it, for one run of the simulator and nowhere else. A patch whose text is not found exactly once is an error: a fault that has
// gone stale would pass for a checker that sees nothing.
import { registerHooks } from 'node:module';
import type { DiskSins } from './disk.ts';
import type { Focus } from './swarm.ts';

export interface Patch {
  /** under `src/` */
  module: string;
  find: string;
  put: string;
}

export interface Fault {
  name: string;
  patches: Patch[];
  sins?: DiskSins;
  /** the worlds in which it shows soon */
  focus: Focus;
}

const one = (name: string, module: string, find: string, put: string, focus: Focus = {}): Fault => ({
  name,
  patches: [{ module, find, put }],
  focus,
});

const CUTS: Focus = { readers: 4, network: { split: 0.5, cut: 0.08, latency_ms: 2 } };
const CRASHES: Focus = { crashes: 3, zombie: true, acts: 12 };
const QUESTIONS: Focus = { readers: 4, habits: { asks: 0.5, pause_ms: 50 } };
const FLOODS: Focus = { readers: 4, stalls: 4, habits: { floods: 1, asks: 0 } };
const SLOW_READS: Focus = { acts: 12, read_ms: 300 };
const OUTAGES: Focus = { outages: 2, acts: 12, flips: 0 };

export const FAULTS: readonly Fault[] = [
  one(
    'subscribe after snapshot',
    'http/session-feed.ts',
    'const watched = feed.watch(() => reader?.wake());',
    `const watched = feed.watch(() => {});
  const looks = [1, 2, 3, 4].reduce((before) => before.then(() => feed.read(0, 1)), feed.read(0, 1));
  void looks.then(() => {
    watched.unwatch();
    if (outs.length > 0) outs.push(feed.watch(() => reader?.wake()).unwatch);
  });`,
    CUTS,
  ),
  one(
    'replay and live overlapping',
    'http/log-reader.ts',
    'if (!tail || tail.first !== cursor + 1) return false;',
    'if (!tail || tail.first > cursor + 1 || tail.last <= cursor) return false;',
    CUTS,
  ),
  one(
    'tip unknown at a run\u2019s birth',
    'http/log-reader.ts',
    'if (!tail || tail.first !== cursor + 1) return false;',
    'if (!tail || (cursor !== 0 && tail.first !== cursor + 1)) return false;',
  ),
  one(
    'append without the epoch',
    'journal/frame-writes.ts',
    'const stream = ownedStream(writing, input);\n  if (!stream) return FENCED;\n  if (stream.session.damaged) return DAMAGED;\n  // ST1, ST6',
    'const stream = writing.ledger.stream(input.stream_id);\n  if (!stream) return FENCED;\n  if (stream.session.damaged) return DAMAGED;\n  // ST1, ST6',
    CRASHES,
  ),
  one(
    'append and publish not one step',
    'sessions/registry.ts',
    'for (const [cell, all] of bySession) cell.committed(all);',
    `for (const [cell, all] of bySession)
      if (all.length % 2 === 1) ports.clock.setTimeout(() => cell.committed(all), 40);
      else cell.committed(all);`,
    QUESTIONS,
  ),
  one(
    'frame stamped with the channel\u2019s last id instead of its own',
    'http/sse-bytes.ts',
    "const plain = Buffer.from(tail.records.map((record) => encodeRecord(feed, record)).join(''));",
    `const plain = Buffer.from(
        tail.records.map((r) => encodeEvent(r.event, r.json, eventId(feed.feed_id, tail.last))).join(''),
      );`,
  ),
  one(
    'terminal frame filtered by a replay cut-off',
    'http/log-reader.ts',
    'connection.writeShared(shared);',
    `const isEnd = tail.records.some(({ event }) => ['done', 'cancel', 'apperror'].includes(event));
    if (settings.after === 0 || !isEnd) connection.writeShared(shared);`,
  ),
  one(
    'silent drop on overflow',
    'http/log-reader.ts',
    'function resume(): void {',
    `function resume(): void {
    if (!rest) cursor = head();`,
    FLOODS,
  ),
  {
    name: 'notify outside the order of commits',
    patches: [],
    sins: { tellsOutOfOrder: true },
    focus: QUESTIONS,
  },
  {
    name: 'finalizer without the stream\u2019s identity',
    focus: { tabs: 3 },
    patches: [
      {
        module: 'sessions/session-cell.ts',
        find: 'if (run !== settled) return;',
        put: '',
      },
      {
        module: 'ui/attached-stream.ts',
        find: 'if (command.owns_pane) ports.release(stream_id);',
        put: 'ports.release(stream_id);',
      },
      {
        module: 'ui/attached-streams.ts',
        find: 'if (pane().owner_stream_id === stream_id) own(null);\n          ports.touched();',
        put: 'own(null);\n          ports.touched();',
      },
    ],
  },
  one(
    'finalizer without the three clean-ups',
    'journal/prompt-ends.ts',
    'if (prompt.stream_id === stream.stream_id)\n      endPrompt(',
    "if (prompt.stream_id === stream.stream_id && prompt.kind === 'none' as string)\n      endPrompt(",
    QUESTIONS,
  ),
  one(
    'ownership not checked again after an await',
    'sessions/agent-call.ts',
    'if (!of.isActive()) return gone();',
    '',
    SLOW_READS,
  ),
  one(
    'answer not idempotent',
    'journal/prompt-writes.ts',
    "if (prompt.how !== null) return { kind: 'lost', prompt };",
    '',
    QUESTIONS,
  ),
  one(
    'off-by-one cursor',
    'protocol/cursors.ts',
    'else after = Math.max(after, parsed.n);',
    'else after = Math.max(after, parsed.n - 1);',
  ),
  { name: 'acknowledged before durable', patches: [], sins: { tellsEarly: true }, focus: {} },
  one(
    'retry without a bound',
    'machines/stream.setup.ts',
    '({ context }: Seen) => context.try < context.of),',
    '() => true),',
    OUTAGES,
  ),
  {
    name: 'follow-up started twice after a crash',
    focus: CRASHES,
    patches: [
      {
        module: 'journal/admission.ts',
        find: "writing.database.sql('DELETE FROM queue WHERE queue_no = ?').run(next.queue_no);",
        put: `Object.assign(writing.ledger, {
    taken: () => writing.database.sql('DELETE FROM queue WHERE queue_no = ?').run(next.queue_no),
  });`,
      },
      {
        module: 'journal/frame-writes.ts',
        find: 'if (!isTerminalEvent(input.event)) throw',
        put: `(writing.ledger as { taken?: () => void }).taken?.();
  if (!isTerminalEvent(input.event)) throw`,
      },
    ],
  },
];

/** What is loaded once, with or without a fault. */
const SHARED = /\/test\/sim\/(traps|faults)\.ts$/;
const OURS = /\/(src|test\/sim)\//;
const MARK = 'fault';

const markOf = (url: string | undefined): string | null =>
  url?.startsWith('file:') ? new URL(url).searchParams.get(MARK) : null;

function patched(url: string, source: string): string {
  const mark = markOf(url);
  const fault = mark === null ? undefined : FAULTS[Number(mark)];
  const path = new URL(url).pathname;
  let text = source;
  for (const { module, find, put } of fault?.patches ?? []) {
    if (!path.endsWith(`/src/${module}`)) continue;
    if (text.split(find).length !== 2) throw new Error(`${fault?.name}: its place in ${module} is gone`);
    text = text.replace(find, () => put);
  }
  return text;
}

let isHooked = false;

function hook(): void {
  if (isHooked) return;
  isHooked = true;
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const mark = markOf(context.parentURL);
      const isOurs = OURS.test(resolved.url) && !resolved.url.includes('/node_modules/');
      if (mark === null || !isOurs || SHARED.test(resolved.url)) return resolved;
      return { ...resolved, url: `${resolved.url}?${MARK}=${mark}` };
    },
    load(url, context, next) {
      const loaded = next(url, context);
      if (markOf(url) === null) return loaded;
      return { ...loaded, source: patched(url, String(loaded.source)) };
    },
  });
}

/** The simulator over the code with this fault in it: a copy of all that is ours, beside the one that has none. */
export async function simulatorWith(fault: number | null): Promise<typeof import('./run.ts')> {
  if (fault === null) return import('./run.ts');
  hook();
  return import(`./run.ts?${MARK}=${fault}`);
}
