// How full the agent's window is, as a bar and in words; what it was counted from, and the tokens of all runs, one press away.
import type { Usage } from '../../protocol/frames.ts';
import type { Session } from '../../protocol/views.ts';
import { type ContextUse, contextOf, totalsOf } from '../context-meter.ts';
import { shortNumber, wholeNumber } from '../format.ts';
import { dollars } from '../money.ts';
import type { Pane } from '../pane-store.ts';
import { lastAnswer } from '../shown-run.ts';
import { enSession } from '../text/en-session.ts';
import { useApp, useStore } from './context.tsx';

const words = enSession.meter;
const FULL_PERCENT = 100;

/** What the newest run has told of itself so far. The same object as long as it says nothing new. */
const newestUsage = ({ messages }: Pane): Usage | null => lastAnswer(messages)?.usage ?? null;

function wordsOf({ percent, isExceeded, isEstimated }: ContextUse): string {
  const said = isEstimated ? words.estimated(`${percent} %`) : `${percent} %`;
  return isExceeded ? words.exceeded(said) : said;
}

function Details({ session, live, use }: { session: Session; live: Usage | null; use: ContextUse }) {
  const { input, output, cost } = totalsOf(session.usage, live);
  const window = wholeNumber(use.size);
  const rows: [string, string][] = [
    [words.last, wholeNumber(use.used)],
    [words.window, use.isEstimated ? `${window}, ${words.guess}` : window],
    [words.tokensIn, wholeNumber(input)],
    [words.tokensOut, wholeNumber(output)],
    ...(cost === null ? [] : [[words.cost, dollars(cost)] satisfies [string, string]]),
  ];
  return (
    <dl className="tokens">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Meter({ session }: { session: Session }) {
  const { pane } = useApp();
  const newest = useStore(pane, newestUsage);
  const isLive = useStore(pane, (context) => context.owner_stream_id !== null);
  const use = contextOf(session.usage, newest);
  if (!use) return null;
  return (
    <details
      className="context-frame"
      name="context"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !event.currentTarget.open) return;
        event.stopPropagation();
        event.currentTarget.open = false;
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) event.currentTarget.open = false;
      }}
    >
      <summary className="context" data-exceeded={use.isExceeded || undefined} title={words.details}>
        <meter min={0} max={FULL_PERCENT} value={Math.min(use.percent, FULL_PERCENT)} aria-label={words.used}>
          {wordsOf(use)}
        </meter>
        <span>
          {wordsOf(use)}
          <span className="wide">{words.of(shortNumber(use.size))}</span>
        </span>
      </summary>
      <Details session={session} live={isLive ? newest : null} use={use} />
    </details>
  );
}
