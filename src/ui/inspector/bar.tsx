// The top of the inspector's page: what is inspected, where the chosen actor is, files, and what is wrong with what is shown.
import { memo, useRef } from 'react';
import { exactTime } from '../format.ts';
import { enInspector as words } from '../text/en-inspector.ts';
import { Icon } from './icons.tsx';
import type { Inspector, Shown } from './inspector.ts';
import { markOf } from './marks.ts';
import { stateWords } from './names.ts';
import { useNarrow } from './use-narrow.ts';

export const chosenActor = ({ actor, world }: Shown) => (actor === null ? undefined : world.get(actor));

/** What this is an inspection of. */
function whereWords({ file, feed, history: { head } }: Shown): string {
  if (file === null) return `${words.live[feed]} · ${location.host}`;
  return head?.run ? words.recordedRun(head.run.title, file) : words.recorded(head?.source ?? '', file);
}

export interface PageActs {
  open(file: File): void;
  goLive(): void;
}

export interface PageProps {
  inspector: Inspector;
  acts: PageActs;
  error: string | null;
}

/** It looks live, and is not. */
export const isCutOff = ({ file, feed }: Shown): boolean =>
  file === null && (feed === 'again' || feed === 'lost');

interface FilesProps {
  shown: Shown;
  acts: PageActs;
  /** id of what lies over the page, and is put away by it */
  over?: string;
}

/** In and out with recordings: in the bar, or where that has no room, below the actors. */
export function Files({ shown, acts, over }: FilesProps) {
  const pick = useRef<HTMLInputElement>(null);
  return (
    <div className="files">
      <input
        ref={pick}
        type="file"
        accept=".jsonl,.json,.ndjson"
        hidden
        onChange={({ target }) => {
          const [file] = target.files ?? [];
          if (!file) return;
          acts.open(file);
          if (over) document.getElementById(over)?.hidePopover();
        }}
      />
      <button type="button" className="btn" title={words.openHint} onClick={() => pick.current?.click()}>
        {words.open}
      </button>
      {shown.file === null ? (
        <a className="btn" href="/inspect/recording" download>
          {words.download}
        </a>
      ) : (
        <button
          type="button"
          className="btn"
          onClick={acts.goLive}
          {...(over && { popoverTarget: over, popoverTargetAction: 'hide' as const })}
        >
          {words.backToLive}
        </button>
      )}
    </div>
  );
}

export const Bar = memo(function Bar({ shown, acts }: { shown: Shown; acts: PageActs }) {
  const isNarrow = useNarrow();
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
      {!isNarrow && <Files shown={shown} acts={acts} />}
      <button type="button" className="tool-btn only-mid" popoverTarget="drawer" aria-label={words.details}>
        <Icon name="panel" />
      </button>
    </header>
  );
});

/** What is worth a word, and changes nothing of what is shown. */
function plainNotice({ anew, cut_line }: Shown): string | null {
  if (anew) return words.anew[anew];
  return cut_line === null ? null : words.cutOff(cut_line);
}

/**
 * What is wrong with what is shown: a file that is none or not whole, a connection that is lost, a beginning that is not
 * the first.
 */
export function Notices({ shown, inspector, acts, error }: PageProps & { shown: Shown }) {
  const { feed, history } = shown;
  const plain = plainNotice(shown);
  const at = history.entry(history.last)?.at;
  const isLost = isCutOff(shown) && at !== undefined;
  if (error !== null)
    return (
      <p className="notice" role="alert">
        {error}
      </p>
    );
  if (isLost)
    return (
      <p className="notice" role="alert">
        {words.notReached[feed === 'lost' ? 'lost' : 'again'](exactTime(at))}{' '}
        {feed === 'lost' && (
          <button type="button" className="btn" onClick={acts.goLive}>
            {words.connect}
          </button>
        )}
      </p>
    );
  return (
    plain && (
      <p className="notice plain" role="alert">
        {plain}{' '}
        <button type="button" className="tool-btn" aria-label={words.gotIt} onClick={inspector.noted}>
          <Icon name="close" />
        </button>
      </p>
    )
  );
}
