// Stops the run that is on screen; says so until it has.
import { isBusy } from '../shown-run.ts';
import { enSession } from '../text/en-session.ts';
import { useApp, useStore } from './context.tsx';
import { Icon } from './icon.tsx';
import { useEscapes } from './use-escapes.ts';

const words = enSession;

export function StopButton() {
  const { commands, pane } = useApp();
  const canStop = useStore(pane, isBusy);
  const owner = useStore(pane, (context) => context.owner_stream_id);
  const isStopping = useStore(pane, (context) => context.stopping !== null && context.stopping === owner);
  const queued = useStore(pane, (context) => context.queue.length > 0 && !context.session?.queue_paused);
  const isNear = useEscapes(canStop ? owner : null);
  if (!canStop) return null;
  return (
    <button
      type="button"
      className="btn"
      data-guarded={owner ?? ''}
      aria-label={isStopping ? undefined : words.stop}
      title={queued ? words.stopNext : undefined}
      onClick={commands.stop}
    >
      <Icon name="stop" />
      {isStopping ? words.stopping : isNear ? words.stopAgain : words.stop}
    </button>
  );
}
