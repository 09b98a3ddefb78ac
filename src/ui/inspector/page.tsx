// The inspector's page: actors, the chart of one, what goes between them, and time.
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { exactTime } from '../format.ts';
import { enInspector as words } from '../text/en-inspector.ts';
import { ActorTree } from './actor-tree.tsx';
import { chartNamed } from './chart.ts';
import { Statechart } from './chart-view.tsx';
import { Details } from './details.tsx';
import { Icon } from './icons.tsx';
import type { Inspector, Shown } from './inspector.ts';
import { markOf } from './marks.ts';
import { nameOf, roleOf, shortId, stateWords } from './names.ts';
import type { RowFilter } from './rows.ts';
import { Scroller } from './scroller.tsx';
import { Scrub } from './scrub.tsx';
import { Sequence } from './sequence.tsx';
import { birthOf } from './timeline.ts';
import { wayOf } from './way.ts';

const SCOPES: RowFilter['scope'][] = ['actor', 'family', 'all'];
const NARROW = '(max-width: 639px)';
const chosenActor = ({ actor, world }: Shown) => (actor === null ? undefined : world.get(actor));

function useNarrow(): boolean {
  const [media] = useState(() => matchMedia(NARROW));
  return useSyncExternalStore(
    (listener) => {
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => media.matches,
  );
}

/** Nobody stands here at this moment: who it would be, and when it begins. */
function Absent({ shown, inspector }: { shown: Shown; inspector: Inspector }) {
  const { actor, history, file } = shown;
  const known = actor === null ? undefined : history.world.get(actor);
  if (!known) return <p className="dim">{file === null ? words.noActor : words.nobody}</p>;
  const birth = birthOf(history, known.id);
  if (!birth || birth.n <= shown.n) return <p className="dim">{words.notKnown}</p>;
  return (
    <p className="dim">
      {words.notBorn(nameOf(known), exactTime(birth.at))}{' '}
      <button type="button" className="btn" onClick={() => inspector.goTo(birth.n)}>
        {words.toBirth}
      </button>
    </p>
  );
}

function ChartPanel({ shown, inspector }: { shown: Shown; inspector: Inspector }) {
  const [isWhole, setWhole] = useState(false);
  const isNarrow = useNarrow();
  const frame = useRef<HTMLDivElement>(null);
  const actor = chosenActor(shown);
  const chart = actor ? chartNamed(actor.machine) : null;
  const at = shown.history.entry(shown.n)?.at;
  const now = actor?.state ?? '';
  const view = chart && (isWhole && chart.whole ? chart.whole : isNarrow ? chart.tall : chart.wide);
  // Where the picture is larger than its frame, what is lit is in sight.
  useEffect(() => {
    const { current } = frame;
    const lit = now && current?.querySelector('[data-state]');
    if (!current || !lit) return;
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = current;
    if (scrollWidth > clientWidth || scrollHeight > clientHeight)
      lit.scrollIntoView({ block: 'center', inline: 'center' });
  }, [now, view]);
  const way = actor && chart ? wayOf(shown.history, actor.id, Math.max(shown.n, actor.n)) : null;
  return (
    <section className="panel chart-panel" aria-labelledby="h-chart">
      <h2 id="h-chart">
        {actor && roleOf(actor)} <span className="dim mono">{actor && shortId(actor)}</span>
        <span className="push">{at !== undefined && words.legend(exactTime(at))}</span>
        {chart?.whole && (
          <button
            type="button"
            className="btn bare"
            aria-pressed={isWhole}
            onClick={() => setWhole(!isWhole)}
          >
            {words.whole}
          </button>
        )}
      </h2>
      <Scroller ref={frame} label={words.chart}>
        {actor && chart && view && way ? (
          <Statechart chart={chart} view={view} mark={markOf(actor)} step={actor.n} {...way} now={now} />
        ) : (
          (actor && <p className="dim">{words.noChart}</p>) || <Absent shown={shown} inspector={inspector} />
        )}
      </Scroller>
    </section>
  );
}

function SequencePanel({ shown, inspector }: { shown: Shown; inspector: Inspector }) {
  const { rows, n, filter } = shown;
  const before = rows.placeOf(n) + 1;
  return (
    <section className="panel" aria-labelledby="h-seq">
      <h2 id="h-seq">
        {words.sequence}
        <span className="push num">{words.soFar(before, rows.numbers.length - before)}</span>
        <select
          aria-label={words.scope}
          value={filter.scope}
          onChange={(event) => inspector.filtered({ scope: event.target.value as RowFilter['scope'] })}
        >
          {SCOPES.map((scope) => (
            <option key={scope} value={scope}>
              {words.scopes[scope]}
            </option>
          ))}
        </select>
      </h2>
      <Sequence shown={shown} inspector={inspector} />
    </section>
  );
}

function Side({ shown, inspector }: { shown: Shown; inspector: Inspector }) {
  const machines = [...new Set([...shown.world.values()].map(({ machine }) => machine))].sort();
  const { text, machine } = shown.filter;
  return (
    <nav id="side" className="side" popover="auto" aria-label={words.actors}>
      <h2>
        {words.actors} <span className="dim num">{shown.world.size}</span>
        <button
          type="button"
          className="tool-btn only-narrow push"
          popoverTarget="side"
          popoverTargetAction="hide"
          aria-label={words.closeActors}
        >
          <Icon name="close" />
        </button>
      </h2>
      <div className="filters">
        <input
          type="search"
          aria-label={words.findActor}
          placeholder={words.findActor}
          value={text}
          onChange={(event) => inspector.filtered({ text: event.target.value })}
        />
        <select
          aria-label={words.machine}
          value={machine ?? ''}
          onChange={(event) => inspector.filtered({ machine: event.target.value || null })}
        >
          <option value="">{words.anyMachine}</option>
          {machines.map((name) => (
            <option key={name} value={name}>
              {words.role(name)}
            </option>
          ))}
        </select>
      </div>
      <ActorTree shown={shown} inspector={inspector} />
    </nav>
  );
}

/** What this is an inspection of. */
function whereWords({ file, feed, history: { head } }: Shown): string {
  if (file === null) return `${words.live[feed]} · ${location.host}`;
  return head?.run ? words.recordedRun(head.run.title, file) : words.recorded(head?.source ?? '', file);
}

export interface PageActs {
  open(file: File): void;
  goLive(): void;
}

function Bar({ shown, acts }: { shown: Shown; acts: PageActs }) {
  const pick = useRef<HTMLInputElement>(null);
  const actor = chosenActor(shown);
  return (
    <header className="bar">
      <button type="button" className="tool-btn only-narrow" popoverTarget="side" aria-label={words.actors}>
        <Icon name="list" />
      </button>
      <span className="brand wide">
        <Icon name="weir" />
        {words.brand}
      </span>
      <h1>{words.title}</h1>
      <span className="where cut">{whereWords(shown)}</span>
      {actor && (
        <span className="badge push" data-state={markOf(actor)}>
          {stateWords(actor)}
        </span>
      )}
      <input
        ref={pick}
        type="file"
        accept=".jsonl,.json,.ndjson"
        hidden
        onChange={(event) => event.target.files?.[0] && acts.open(event.target.files[0])}
      />
      <button type="button" className="btn wide" title={words.openHint} onClick={() => pick.current?.click()}>
        {words.open}
      </button>
      {shown.file === null ? (
        <a className="btn wide" href="/inspect/recording" download>
          {words.download}
        </a>
      ) : (
        <button type="button" className="btn wide" onClick={acts.goLive}>
          {words.backToLive}
        </button>
      )}
      <button type="button" className="tool-btn only-mid" popoverTarget="drawer" aria-label={words.details}>
        <Icon name="panel" />
      </button>
    </header>
  );
}

/** What a reader of screens hears: where the chosen actor is, while one looks at moments; live, it would never end. */
function Status({ shown }: { shown: Shown }): ReactNode {
  const actor = chosenActor(shown);
  const at = shown.history.entry(shown.n)?.at;
  if (shown.isFollowing || shown.isPlaying || !actor || at === undefined) return null;
  return words.status(exactTime(at), nameOf(actor), stateWords(actor));
}

export function InspectorPage({
  inspector,
  acts,
  error,
}: {
  inspector: Inspector;
  acts: PageActs;
  error: string | null;
}) {
  const shown = useSyncExternalStore(inspector.subscribe, inspector.shown);
  return (
    <main
      className="lab"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        const [file] = event.dataTransfer.files;
        if (file) acts.open(file);
      }}
    >
      <p className="vh" role="status">
        <Status shown={shown} />
      </p>
      <Bar shown={shown} acts={acts} />
      {error !== null && (
        <p className="notice" role="alert">
          {error}
        </p>
      )}
      <Side shown={shown} inspector={inspector} />
      <div className="mid">
        <ChartPanel shown={shown} inspector={inspector} />
        <SequencePanel shown={shown} inspector={inspector} />
      </div>
      <aside id="drawer" className="drawer" popover="auto" aria-label={words.details}>
        <Scroller className="drawer-body" label={words.details}>
          <button
            type="button"
            className="btn bare only-mid"
            popoverTarget="drawer"
            popoverTargetAction="hide"
          >
            {words.close}
          </button>
          <Details shown={shown} />
        </Scroller>
      </aside>
      <Scrub shown={shown} inspector={inspector} />
    </main>
  );
}
