// The composite picture: which machine hears what from whom, and asks what of whom. Made from the tables that the types of
// the machines keep complete; drawn as a chart whose states are the parties.
import { MACHINES, type MachineName, type Party, talk } from '../../src/machines/talk.ts';
import type { RuledChart, RuledState } from './rules.ts';

const PAGE: Party[] = ['tab-leader', 'line', 'attachment', 'prompt-feed', 'page', 'person', 'tabs'];
/** What the server calls its clients, and a page its server, is the same wire. */
const WIRE: Party[] = ['client', 'server'];

const regionOf = (party: Party): string | null =>
  WIRE.includes(party) ? null : PAGE.includes(party) ? 'a page' : 'the server';
const nameOf = (party: Party): string => (WIRE.includes(party) ? 'HTTP' : party);
const idOf = (party: Party): string => [regionOf(party), nameOf(party)].filter(Boolean).join('.');
const blank = { initial: null, within: null, commands: [], inside: [], rules: [] };

const isMachine = (party: Party): party is MachineName => (MACHINES as readonly Party[]).includes(party);

function stateOf(party: Party): RuledState {
  const kind = isMachine(party) ? 'atomic' : 'final';
  return { ...blank, id: idOf(party), key: nameOf(party), parent: regionOf(party), kind };
}

/** Parties without their own clocks: a due time is no talk. */
export function systemChart(): RuledChart {
  const edges = new Map<string, { from: string; to: string; labels: string[] }>();
  const parties = new Set<Party>(MACHINES);
  const say = (from: Party, to: Party, label: string): void => {
    if (from === 'clock' || from === to) return;
    parties.add(from).add(to);
    const key = `${idOf(from)} ${idOf(to)}`;
    const edge = edges.get(key) ?? { from: idOf(from), to: idOf(to), labels: [] };
    edge.labels.push(label);
    edges.set(key, edge);
  };
  for (const machine of MACHINES) {
    for (const [type, from] of Object.entries(talk[machine].events)) say(from, machine, type);
    for (const [type, to] of Object.entries(talk[machine].commands)) say(machine, to, `/ ${type}`);
  }
  const states = new Map([...parties].map((party) => [idOf(party), stateOf(party)]));
  for (const key of ['the server', 'a page'])
    states.set(key, { ...blank, id: key, key, parent: null, kind: 'compound' });
  return { id: 'system', initial: '', states: [...states.values()], edges: [...edges.values()], rules: [] };
}
