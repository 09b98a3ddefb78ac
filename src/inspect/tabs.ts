// The actors of the browser's tabs, as their pages tell of them. A page is believed nothing: what it tells is redacted again,
// and bounded by tabs, by actors of a tab, and by silence.

import type { Clock } from '../protocol/index.ts';
import {
  INSPECTED_TAB_ACTORS_MAX,
  INSPECTED_TAB_SILENT_MS,
  INSPECTED_TABS_MAX,
  type Observation,
  type TabObservations,
} from '../protocol/inspection.ts';
import { redact } from '../protocol/redaction.ts';
import type { Recorder } from './recorder.ts';

interface Tab {
  actors: Set<string>;
  /** entries that it has told */
  n: number;
  silence: unknown;
}

/** About an entry itself, beside its values. */
const ENTRY_BYTES = 120;

export interface Tabs {
  told(told: TabObservations): { known: boolean };
  close(): void;
}

type Fields = Record<string, unknown>;

/** An observation whose values and words are made safe again, and what it weighs. */
function safe(told: Observation): { observation: Observation; bytes: number } {
  const observation: Fields = { ...told };
  const { kind, at: _at, input, context, event, command, ...words } = observation;
  let bytes = ENTRY_BYTES;
  for (const [key, value] of Object.entries({ input, context, event, command, words })) {
    if (typeof value !== 'object' || value === null) continue;
    const redacted = redact(value);
    bytes += redacted.bytes;
    if (key === 'words') Object.assign(observation, redacted.value);
    else observation[key] = redacted.value;
  }
  // Of a list of states, which may be cut, only that.
  if (kind === 'step' && words.micro === undefined) delete observation.micro;
  return { observation: observation as Observation, bytes };
}

export function createTabs({ recorder, clock }: { recorder: Recorder; clock: Clock }): Tabs {
  const tabs = new Map<string, Tab>();

  function gone(name: string): void {
    const tab = tabs.get(name);
    if (!tab) return;
    clock.clearTimeout(tab.silence);
    tabs.delete(name);
    const at = clock.now();
    for (const actor of tab.actors)
      recorder.record({ kind: 'stopped', at, actor, why: 'stopped' }, ENTRY_BYTES);
  }

  function come(name: string): Tab {
    const [oldest] = tabs.keys();
    if (tabs.size >= INSPECTED_TABS_MAX && oldest !== undefined) gone(oldest);
    const tab: Tab = { actors: new Set(), n: 0, silence: null };
    tabs.set(name, tab);
    return tab;
  }

  function take(name: string, tab: Tab, told: Observation): void {
    const named = (actor: string) => `${name}/${actor}`;
    const { observation, bytes } = safe(told);
    observation.actor = named(observation.actor);
    if (observation.kind === 'event')
      observation.from = observation.from === null ? null : named(observation.from);
    if (observation.kind === 'actor') {
      if (tab.actors.size >= INSPECTED_TAB_ACTORS_MAX) return;
      tab.actors.add(observation.actor);
    } else if (!tab.actors.has(observation.actor)) return;
    recorder.record(observation, bytes);
    if (observation.kind === 'stopped') tab.actors.delete(observation.actor);
  }

  return {
    told({ tab: name, entries, first }) {
      const known = tabs.has(name);
      const tab = tabs.get(name) ?? come(name);
      if (tab.silence !== null) clock.clearTimeout(tab.silence);
      tab.silence = clock.setTimeout(() => gone(name), INSPECTED_TAB_SILENT_MS);
      const heard = first === undefined ? 0 : Math.max(0, tab.n - first);
      for (const entry of entries.slice(heard)) take(name, tab, entry);
      tab.n = Math.max(tab.n, (first ?? tab.n) + entries.length);
      return { known };
    },
    close() {
      for (const { silence } of tabs.values()) clock.clearTimeout(silence);
      tabs.clear();
    },
  };
}
