// Retention and compaction as whole tasks, made of many small writes with everybody else's between them. Each may be cut short
// by a crash or by their asker, and begun again. Knows no database.
import type { Retention } from '../protocol/index.ts';
import { type Answer, FULL, type Input, type OperationName } from './operations.ts';
import type { Full, Retained } from './port.ts';
import type { ReaderClient } from './reader-client.ts';
import type { Cut } from './retention.ts';

export interface RetainingPorts {
  write<N extends OperationName>(name: N, input: Input<N>): Promise<Answer<N>>;
  reader: Pick<ReaderClient, 'ask'>;
  onRetained(retained: Retained): void;
}

export async function retain(
  ports: RetainingPorts,
  retention: Retention,
  now: number,
  signal?: AbortSignal,
): Promise<{ runs_cut: number }> {
  let runs_cut = 0;
  await trimAll(ports, signal);
  for (;;) {
    const cut = await cutAll(ports, await ports.reader.ask('planCuts', retention, now), signal);
    // Nothing is over a bound, or what is can't be written now.
    if (cut === 0) return { runs_cut };
    runs_cut += cut;
    await trimAll(ports, signal);
  }
}

async function cutAll(
  { write, onRetained }: RetainingPorts,
  cuts: Cut[],
  signal: AbortSignal | undefined,
): Promise<number> {
  let runs_cut = 0;
  for (const planned of cuts) {
    signal?.throwIfAborted();
    const cut = await write('cut', planned);
    if (cut.kind !== 'cut') continue;
    runs_cut += cut.runs_cut;
    onRetained({ session_id: cut.session_id, kept_from: cut.kept_from });
  }
  return runs_cut;
}

async function trimAll({ write, reader }: RetainingPorts, signal: AbortSignal | undefined): Promise<void> {
  for (const session_id of await reader.ask('listTrims'))
    for (let more = true; more; ) {
      signal?.throwIfAborted();
      const trimmed = await write('trim', { session_id });
      more = trimmed.kind === 'trimmed' && trimmed.more;
    }
}

export async function compact(
  { write }: RetainingPorts,
  signal?: AbortSignal,
): Promise<{ kind: 'compacted' } | Full> {
  let free_pages = Infinity;
  let unordered = false;
  for (;;) {
    signal?.throwIfAborted();
    const part = await write('compact', {});
    if (part.kind === 'full') return part;
    // The writer has tried to write it anew between the two.
    if (part.unordered && unordered) return { ...FULL, reason: 'there is no room to write it anew' };
    unordered = part.unordered;
    // What others free meanwhile is the next one's.
    if (!unordered && (part.free_pages === 0 || part.free_pages >= free_pages)) return { kind: 'compacted' };
    free_pages = part.free_pages;
  }
}
