// The inspector's page: actors, the chart of one, what goes between them, and time.
import { memo, type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { exactTime } from '../format.ts';
import { enInspector as words } from '../text/en-inspector.ts';
import { ActorTree } from './actor-tree.tsx';
import { Bar, chosenActor, Files, isCutOff, Notices, type PageActs, type PageProps } from './bar.tsx';
import { chartNamed } from './chart.ts';
import { Statechart } from './chart-view.tsx';
import { Details } from './details.tsx';
import { Icon } from './icons.tsx';
import type { Inspector, Shown } from './inspector.ts';
import { stepOf } from './keys.ts';
import { markOf } from './marks.ts';
import { nameOf, roleOf, shortId, stateWords } from './names.ts';
import type { RowFilter } from './rows.ts';
import { Scroller } from './scroller.tsx';
import { Scrub } from './scrub.tsx';
import { Sequence } from './sequence.tsx';
import { birthOf } from './timeline.ts';
import { useBack } from './use-back.ts';
import { useLater } from './use-later.ts';
import { useNarrow } from './use-narrow.ts';
import { wayOf } from './way.ts';

const SCOPES: RowFilter['scope'][] = ['actor', 'family', 'all'];

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

const ChartPanel = memo(function ChartPanel({ shown, inspector }: { shown: Shown; inspector: Inspector }) {
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
        {actor ? roleOf(actor) : words.chart} <span className="dim mono">{actor && shortId(actor)}</span>
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
});

const SequencePanel = memo(function SequencePanel({
  shown,
  inspector,
}: {
  shown: Shown;
  inspector: Inspector;
}) {
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
});

interface SideProps {
  shown: Shown;
  later: Shown;
  inspector: Inspector;
  acts: PageActs;
}

function Side({ shown, later, inspector, acts }: SideProps) {
  const frame = useBack();
  const isNarrow = useNarrow();
  const machines = [...new Set([...shown.world.values()].map(({ machine }) => machine))].sort();
  const { text, machine } = shown.filter;
  return (
    <nav ref={frame} id="side" className="side" popover="auto" aria-label={words.actors}>
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
      <ActorTree shown={later} inspector={inspector} />
      {isNarrow && <Files shown={shown} acts={acts} over="side" />}
    </nav>
  );
}

/** What a reader of screens hears: where the chosen actor is, while one looks at moments; live, it would never end. */
function Status({ shown }: { shown: Shown }): ReactNode {
  const actor = chosenActor(shown);
  const at = shown.history.entry(shown.n)?.at;
  if (shown.isFollowing || shown.isPlaying || !actor || at === undefined) return null;
  return words.status(exactTime(at), nameOf(actor), stateWords(actor));
}

export function InspectorPage(props: PageProps) {
  const { inspector, acts } = props;
  const shown = useSyncExternalStore(inspector.subscribe, inspector.shown);
  const late = useLater(shown);
  // Moments flow by; another actor, or another inspection, is there at once.
  const isSame = late.history === shown.history && late.actor === shown.actor;
  const later = isSame ? late : shown;
  const drawer = useBack();
  useEffect(() => {
    const step = (event: KeyboardEvent): void => {
      const by = stepOf(event);
      if (by === 0) return;
      event.preventDefault();
      inspector.stepped(by);
    };
    addEventListener('keydown', step);
    return () => removeEventListener('keydown', step);
  }, [inspector]);
  return (
    <main
      className="lab"
      data-cut-off={isCutOff(shown) || undefined}
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
      <Bar shown={later} acts={acts} />
      <Notices shown={shown} {...props} />
      <Side shown={shown} later={later} inspector={inspector} acts={acts} />
      <div className="mid">
        <ChartPanel shown={later} inspector={inspector} />
        <SequencePanel shown={shown} inspector={inspector} />
      </div>
      <aside ref={drawer} id="drawer" className="drawer" popover="auto" aria-label={words.details}>
        <Scroller className="drawer-body" label={words.details}>
          <button
            type="button"
            className="btn bare only-mid"
            popoverTarget="drawer"
            popoverTargetAction="hide"
          >
            {words.close}
          </button>
          <Details shown={later} inspector={inspector} />
        </Scroller>
      </aside>
      <Scrub shown={shown} inspector={inspector} />
    </main>
  );
}
