// What Prometheus is told. Counted where it lives, read when it is asked for; nothing here is on a token's way.
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Journal } from '../journal/port.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { SseHub } from './sse-hub.ts';

export interface Metrics {
  contentType: string;
  text(): Promise<string>;
}

export function createMetrics(parts: { journal: Journal; sessions: Sessions; hub: SseHub }): Metrics {
  const { journal, sessions, hub } = parts;
  const register = new Registry();
  collectDefaultMetrics({ register, prefix: 'weir_' });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `weir_${name}`,
      help,
      registers: [register],
      collect() {
        this.set(read());
      },
    });
  gauge('sse_connections', 'Open server-sent-events connections', () => hub.size);
  gauge('sse_unsent_bytes', 'Bytes that event readers have not taken yet', () => hub.unsent);
  gauge('log_commits', 'Durable commits since the log was made', () => journal.counts().commits);
  gauge('log_pending', 'Writes on their way to the disk', () => journal.counts().pending);
  gauge('log_bytes', 'Bytes of the log on disk', () => journal.counts().bytes);
  gauge('log_full', '1 while the disk takes no new work', () => (journal.counts().full ? 1 : 0));
  new Gauge({
    name: 'weir_actors',
    help: 'Actors in memory, by kind and state',
    labelNames: ['kind', 'state'],
    registers: [register],
    collect() {
      this.reset();
      for (const [kind, states] of Object.entries(sessions.counts()))
        for (const [state, count] of Object.entries(states)) this.set({ kind, state }, count);
    },
  });
  return { contentType: register.contentType, text: () => register.metrics() };
}
