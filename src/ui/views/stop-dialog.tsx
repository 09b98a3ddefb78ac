// Asks whether a run is meant to be stopped while one of its tools runs. Gone with the run that it is about.
import { useEffect } from 'react';
import { enDialogs } from '../text/en-dialogs.ts';
import { useApp, useStore } from './context.tsx';
import { Modal } from './modal.tsx';

const words = enDialogs;

export default function StopDialog() {
  const { shell, pane, commands } = useApp();
  const stream_id = useStore(shell, (context) => context.about);
  const isOver = useStore(pane, (context) => context.owner_stream_id !== stream_id);
  const close = (): void => shell.trigger.dialogClosed({});
  useEffect(() => {
    if (isOver) shell.trigger.dialogClosed({});
  }, [isOver, shell]);
  return (
    <Modal title={words.stopTitle}>
      <p>{words.stopText}</p>
      <div className="acts">
        <button type="button" className="btn" onClick={close}>
          {words.goOn}
        </button>
        <button
          type="button"
          className="btn solid"
          onClick={() => {
            close();
            if (!isOver) commands.stop();
          }}
        >
          {words.stop}
        </button>
      </div>
    </Modal>
  );
}
