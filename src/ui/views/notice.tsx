// The connection, in words: lost, being tried, back with proof. Silent while all is well.
import { useEffect } from 'react';
import { duration } from '../format.ts';
import type { LineView } from '../line/said.ts';
import { en } from '../text/en.ts';
import { useApp, useLine, useStore } from './context.tsx';
import { Icon } from './icon.tsx';

const RESUMED_SHOWN_MS = 12_000;
const words = en.line;

export function LineNotice() {
  const { pane, commands } = useApp();
  const line = useLine();
  const resumed = useStore(pane, (context) => context.resumed);
  useEffect(() => {
    if (!resumed) return;
    const timer = setTimeout(commands.dismissResumed, RESUMED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [resumed, commands]);
  if (line.lost) {
    const isOffline = line.state === 'suspended' && !navigator.onLine;
    return (
      <div className="notice" data-line-state={line.state}>
        <i className="mark" data-state="quiet" aria-hidden="true" />
        <span>{line.state === 'polling' ? words.polling : isOffline ? words.offline : words.lost}</span>
        {line.try !== undefined && <span className="dim push num">{words.reconnecting(line.try)}</span>}
        <button type="button" className="link" onClick={commands.retryLine}>
          {words.tryNow}
        </button>
      </div>
    );
  }
  if (!resumed) return null;
  return (
    <div className="notice" data-line-state={line.state}>
      <Icon name="check" />
      <span className="num">{words.resumed(resumed.events)}</span>
      <span className="dim push wide num">{words.offlineFor(duration(resumed.offline_ms))}</span>
      <button type="button" className="tool-btn" aria-label={words.dismiss} onClick={commands.dismissResumed}>
        <Icon name="close" />
      </button>
    </div>
  );
}

const wordOf = ({ state, try: tries }: LineView): string =>
  ({
    open: words.open,
    connecting: words.connecting,
    quiet: words.quiet,
    backoff: words.reconnecting(tries ?? 1),
    polling: words.polling,
    suspended: words.offline,
    closed: words.closed,
  })[state];
const signOf = ({ state, lost }: LineView): string => (lost && state === 'connecting' ? 'backoff' : state);

/** In the head of a session: the same, while the list is away. */
export function LineSign() {
  const line = useLine();
  return (
    <span className="line-sign" data-line={signOf(line)} title={wordOf(line)}>
      <span>{wordOf(line)}</span>
    </span>
  );
}

/** The foot of the list: the state of the connection. */
export function LineState() {
  const { shell } = useApp();
  const line = useLine();
  const theme = useStore(shell, (context) => context.theme);
  return (
    <div className="line-state" data-line-state={signOf(line)} data-line={signOf(line)}>
      <span>{wordOf(line)}</span>
      <button
        type="button"
        className="tool-btn push"
        aria-label={en.theme[theme]}
        title={en.theme[theme]}
        onClick={() => shell.trigger.themeSwitched({})}
      >
        <Icon name={theme} />
      </button>
      <button
        type="button"
        className="tool-btn"
        aria-label={en.header.help}
        title={en.header.help}
        onClick={() => shell.trigger.dialogOpened({ dialog: 'help' })}
      >
        ?
      </button>
    </div>
  );
}
