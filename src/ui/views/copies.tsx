// A session leaves as a file, and comes out of one.
import '../style/copies.css';
import { type ChangeEvent, useState } from 'react';
import { exportPath, importFile, refusalOf } from '../copies.ts';
import { en } from '../text/en.ts';
import { enDialogs } from '../text/en-dialogs.ts';
import { useApp } from './context.tsx';
import { Modal } from './modal.tsx';
import { useAbout } from './use-about.ts';

const words = enDialogs;

function Close() {
  const { shell } = useApp();
  return (
    <div className="acts">
      <button type="button" className="btn" onClick={() => shell.trigger.dialogClosed({})}>
        {words.close}
      </button>
    </div>
  );
}

export function ExportDialog() {
  const session = useAbout();
  return (
    <Modal title={words.exportTitle}>
      {session && (
        <>
          <p className="about cut" dir="auto">
            {session.title || en.sidebar.untitled}
          </p>
          <ul className="members">
            {words.exports.map(([format, name, what]) => (
              <li key={format}>
                <a href={exportPath(session.session_id, format)} download="">
                  <b>{name}</b> <span className="dim">{what}</span>
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
      <Close />
    </Modal>
  );
}

export function ImportDialog() {
  const { shell, commands } = useApp();
  const [isReading, setReading] = useState(false);
  const [why, setWhy] = useState<string | null>(null);
  async function take({ target }: ChangeEvent<HTMLInputElement>): Promise<void> {
    const [file] = target.files ?? [];
    if (!file) return;
    setReading(true);
    setWhy(null);
    try {
      const { session_id } = await importFile(file);
      if (shell.getSnapshot().context.dialog === 'import') {
        shell.trigger.dialogClosed({});
        commands.open(session_id);
      }
    } catch (error) {
      setWhy(refusalOf(file, error));
    }
    setReading(false);
    // The same file again is a change again.
    target.value = '';
  }
  return (
    <Modal title={words.importTitle}>
      <p>{words.importText}</p>
      <input
        type="file"
        className="import-file"
        aria-label={words.importFile}
        accept=".jsonl,.json,.ndjson,.txt"
        disabled={isReading}
        onChange={(event) => void take(event)}
      />
      <p className={why === null ? 'dim' : 'failed'} role="status">
        {isReading ? words.importing : why}
      </p>
      <Close />
    </Modal>
  );
}
