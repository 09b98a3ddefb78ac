// What is known of one entry: the event, what it changed of its actor, what the actor asked for, and what may come next.
import { Fragment, memo, type ReactNode } from 'react';
import type { Entry } from '../../protocol/inspection.ts';
import { exactTime, isoTime } from '../format.ts';
import { enInspector as words } from '../text/en-inspector.ts';
import { chartNamed, ruleText } from './chart.ts';
import { type DiffLine, diffOf, valueText } from './diff.ts';
import type { ActorNow } from './fold.ts';
import type { History } from './history.ts';
import type { Inspector, Shown } from './inspector.ts';
import { rowOf } from './lanes.ts';
import { nameOf } from './names.ts';
import { Scroller } from './scroller.tsx';
import { edgeOf, exitsOf, guardOf, hopsOf } from './way.ts';

/** Transitions that are listed as what may come next. */
const EXITS_MAX = 14;
type Fact = [name: string, value: ReactNode];

/** The fields of an event or command that say more than what it is and when. */
const dataOf = (said: Record<string, unknown>): string =>
  Object.entries(said)
    .filter(([key]) => key !== 'type' && key !== 'at')
    .map(([key, value]) => `${key} ${valueText(key, value, exactTime)}`)
    .join(', ');

const mono = (text: string): ReactNode => text && <span className="mono">{text}</span>;
const isSaid = ([, value]: Fact): boolean => value !== '';

/** What an entry itself says. */
function saidFacts(history: History, entry: Entry, own: string): Fact[] {
  const row = rowOf(entry, history);
  const [from, to] = [words.role(row?.from ?? ''), words.role(row?.to ?? '')];
  switch (entry.kind) {
    case 'actor':
      return [[words.facts.input, mono(dataOf(entry.input ?? {}))]];
    case 'record':
      return [
        [words.facts.pos, String(entry.pos)],
        [words.facts.data, mono(valueText('', entry.data, exactTime))],
      ];
    case 'command':
      return [
        [words.facts.from, own],
        [words.facts.to, to],
        [words.facts.data, mono(dataOf(entry.command))],
      ];
    case 'event':
      return [
        [words.facts.from, from],
        [words.facts.to, own],
        [words.facts.data, mono(dataOf(entry.event))],
      ];
    default:
      return [];
  }
}

/** What became of an event: by which guard, what was asked for, which states lay on the way. */
function stepFacts(history: History, { n, actor: id }: Entry, actor: ActorNow | undefined): Fact[] {
  const step = history.stepFor(n);
  const chart = actor ? chartNamed(actor.machine) : null;
  const before = step ? history.actorAt(id, step.n - 1) : null;
  const [hop] = step ? hopsOf(history, step.n, before?.state ?? '') : [];
  const guard = chart && hop ? guardOf(edgeOf(chart, hop), hop.by) : null;
  const commands = history.commandsFor(n).map(({ command }) => command.type);
  const held = guard && (
    <span key="guard" className="badge plain" data-state="completed">
      {guard}
    </span>
  );
  return [
    [words.facts.guard, held ?? ''],
    [words.facts.commands, mono(commands.join(', '))],
    [words.facts.micro, mono((step?.micro ?? []).slice(0, -1).join(', '))],
  ];
}

function factsOf({ history }: Shown, entry: Entry, actor: ActorNow | undefined): Fact[] {
  const time = (
    <time key="at" dateTime={isoTime(entry.at)}>
      {exactTime(entry.at)}
    </time>
  );
  return [
    [words.facts.type, mono(typeOf(entry))] as Fact,
    [words.facts.at, time] as Fact,
    ...saidFacts(history, entry, actor ? nameOf(actor) : entry.actor),
    ...(entry.kind === 'event' ? stepFacts(history, entry, actor) : []),
  ].filter(isSaid);
}

function typeOf(entry: Entry): string {
  if (entry.kind === 'event') return entry.event.type;
  if (entry.kind === 'command') return entry.command.type;
  if (entry.kind === 'record') return entry.event;
  if (entry.kind === 'actor') return entry.machine;
  return entry.kind === 'stopped' ? entry.why : entry.state;
}

/** The step that belongs to an entry: its own, or that of the event that it answers. */
function stepNumber({ history }: Shown, entry: Entry): number | null {
  if (entry.kind === 'actor' || entry.kind === 'step') return entry.n;
  const event_n = entry.kind === 'event' ? entry.n : entry.kind === 'command' ? entry.event_n : null;
  return event_n === null ? null : (history.stepFor(event_n)?.n ?? null);
}

const Lines = ({ lines }: { lines: DiffLine[] }) =>
  lines.map(({ sign, key, value }) => (
    <div key={`${sign}${key}`} className={sign === '+' ? 'a' : sign === '-' ? 'd' : ''}>
      <span>{sign}</span>
      <span>{key}</span>
      <span>{value}</span>
    </div>
  ));

function Snapshot({ shown, id, step_n }: { shown: Shown; id: string; step_n: number | null }) {
  const { history, n } = shown;
  const after = history.actorAt(id, step_n ?? n);
  if (!after) return <p className="dim">{words.notKnown}</p>;
  const isBirth = step_n === null || history.entry(step_n)?.kind === 'actor';
  const before = isBirth ? null : history.actorAt(id, step_n - 1);
  const { lines, changed, fields } = diffOf(before, after, exactTime);
  return (
    <>
      <h2 className="sub">
        {words.snapshot}
        <span className="push">{before && words.changed(changed, fields)}</span>
      </h2>
      <Scroller className="snap" label={words.snapshotLabel}>
        <Lines lines={before ? lines.filter(({ sign }) => sign !== '') : lines} />
        {before && changed < fields && (
          <details>
            <summary>{words.unchanged(fields - changed)}</summary>
            <Lines lines={lines.filter(({ sign }) => sign === '')} />
          </details>
        )}
      </Scroller>
    </>
  );
}

function Exits({ actor }: { actor: ActorNow }) {
  const chart = chartNamed(actor.machine);
  const exits = chart && actor.status === 'active' ? exitsOf(chart, actor.state) : [];
  if (exits.length === 0) return null;
  const lines = exits.flatMap(({ to, labels }) => labels.map((label) => ({ to, label }))).slice(0, EXITS_MAX);
  return (
    <>
      <h2 className="sub">{words.next(nameOf(actor))}</h2>
      <ul className="exits">
        {lines.map(({ to, label }) => (
          <li key={`${label} ${to}`}>
            <span>{label}</span>
            <b>{to}</b>
          </li>
        ))}
      </ul>
    </>
  );
}

function Rules({ actor }: { actor: ActorNow }) {
  const chart = chartNamed(actor.machine);
  if (!chart) return null;
  const here = chart.states.filter(({ id }) => actor.state === id || actor.state.startsWith(`${id}.`));
  const ids = [...new Set([...here.toReversed().flatMap(({ rules }) => rules), ...chart.rules])];
  if (ids.length === 0) return null;
  return (
    <>
      <h2 className="sub">{words.rules(nameOf(actor))}</h2>
      <dl className="facts rules">
        {ids.map((id) => (
          <Fragment key={id}>
            <dt className="mono">{id}</dt>
            <dd>{ruleText(id)}</dd>
          </Fragment>
        ))}
      </dl>
    </>
  );
}

/** Whose event this is, and the way to its chart where another's is shown. */
function Owner({ actor, shown, inspector }: { actor: ActorNow; shown: Shown; inspector: Inspector }) {
  return (
    <p className="owner">
      <span className="dim">{words.ofActor(nameOf(actor))}</span>
      {actor.id !== shown.actor && (
        <button type="button" className="btn bare push" onClick={() => inspector.chosen(actor.id)}>
          {words.showChart}
        </button>
      )}
    </p>
  );
}

export const Details = memo(function Details({ shown, inspector }: { shown: Shown; inspector: Inspector }) {
  const { history, world, n, rows } = shown;
  const entry = history.entry(n);
  if (!entry) return null;
  const actor = world.get(entry.actor);
  return (
    <>
      <h2>
        {words.kinds[entry.kind]}
        <span className="push num">
          {rows.has(n) ? words.place(rows.placeOf(n) + 1, rows.numbers.length) : words.notShown}
        </span>
      </h2>
      {actor && <Owner actor={actor} shown={shown} inspector={inspector} />}
      <dl className="facts">
        {factsOf(shown, entry, actor).map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
      <Snapshot shown={shown} id={entry.actor} step_n={stepNumber(shown, entry)} />
      {actor && <Exits actor={actor} />}
      {actor && <Rules actor={actor} />}
    </>
  );
});
