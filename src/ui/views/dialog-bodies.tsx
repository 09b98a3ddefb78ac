// The few questions that stop everything else: delete, rename, the password, the rules, and the list of keys.
import { type FormEvent, lazy, useState } from 'react';
import { TITLE_LENGTH_MAX } from '../../protocol/limits.ts';
import type { Session } from '../../protocol/views.ts';
import { loadPrompts } from '../prompts/load.ts';
import type { Dialog } from '../shell-store.ts';
import { isBusy } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { enDialogs } from '../text/en-dialogs.ts';
import { useApp, useStore } from './context.tsx';
import { Modal } from './modal.tsx';
import { useAbout } from './use-about.ts';

const words = enDialogs;
const Settings = lazy(() => import('./settings.tsx'));
const StopDialog = lazy(() => import('./stop-dialog.tsx'));
const LineageDialog = lazy(() => import('./lineage.tsx'));
const ExportDialog = lazy(() =>
  import('./copies.tsx').then(({ ExportDialog }) => ({ default: ExportDialog })),
);
const ImportDialog = lazy(() =>
  import('./copies.tsx').then(({ ImportDialog }) => ({ default: ImportDialog })),
);
const RulesDialog = lazy(() => loadPrompts().then((parts) => ({ default: parts.RulesDialog })));

function DeleteDialog() {
  const { shell, pane, commands } = useApp();
  const session = useAbout();
  const isShown = useStore(pane, (context) => context.session_id === session?.session_id);
  const isShownBusy = useStore(pane, isBusy);
  const isLive = isShown ? isShownBusy : session !== null && session.state !== 'idle';
  const close = (): void => shell.trigger.dialogClosed({});
  return (
    <Modal title={words.deleteTitle}>
      {session && (
        <p className="about cut" dir="auto">
          {session.title || en.sidebar.untitled}
        </p>
      )}
      <p>{isLive ? words.deleteLive : words.deleteText}</p>
      <div className="acts">
        <button type="button" className="btn" onClick={close}>
          {words.cancel}
        </button>
        <button
          type="button"
          className="btn solid"
          onClick={() => {
            close();
            if (session) commands.remove(session.session_id);
          }}
        >
          {isLive ? words.deleteAndStop : words.delete}
        </button>
      </div>
    </Modal>
  );
}

function HelpDialog() {
  const { shell } = useApp();
  return (
    <Modal title={words.helpTitle}>
      <dl className="keys">
        {words.keys.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <div className="acts">
        <button type="button" className="btn" onClick={() => shell.trigger.dialogClosed({})}>
          {words.close}
        </button>
      </div>
    </Modal>
  );
}

function LoginDialog() {
  const { commands, pane } = useApp();
  const alert = useStore(pane, (context) => context.alert);
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    commands.login(password);
    setPassword('');
  };
  return (
    <Modal title={words.loginTitle}>
      <form className="free" onSubmit={submit}>
        <input
          type="password"
          autoComplete="current-password"
          aria-label={words.password}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <button type="submit" className="btn solid">
          {words.login}
        </button>
      </form>
      {alert && <p className="failed">{alert}</p>}
    </Modal>
  );
}

function RenameForm({ session }: { session: Session }) {
  const { shell, commands } = useApp();
  const [text, setText] = useState(session.title);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const title = text.trim();
    if (title === '') return;
    shell.trigger.dialogClosed();
    if (title !== session.title) commands.rename(session.session_id, title);
  };
  return (
    <form onSubmit={submit}>
      <div className="free">
        <input
          aria-label={words.title}
          dir="auto"
          maxLength={TITLE_LENGTH_MAX}
          value={text}
          onFocus={(event) => event.target.select()}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <div className="acts">
        <button type="button" className="btn" onClick={() => shell.trigger.dialogClosed({})}>
          {words.cancel}
        </button>
        <button type="submit" className="btn solid">
          {words.rename}
        </button>
      </div>
    </form>
  );
}

function RenameDialog() {
  const session = useAbout();
  return <Modal title={words.renameTitle}>{session && <RenameForm session={session} />}</Modal>;
}

export default function DialogBody({ dialog }: { dialog: Exclude<Dialog, 'palette'> }) {
  if (dialog === 'delete') return <DeleteDialog />;
  if (dialog === 'stop') return <StopDialog />;
  if (dialog === 'rename') return <RenameDialog />;
  if (dialog === 'help') return <HelpDialog />;
  if (dialog === 'settings') return <Settings />;
  if (dialog === 'lineage') return <LineageDialog />;
  if (dialog === 'export') return <ExportDialog />;
  if (dialog === 'import') return <ImportDialog />;
  return dialog === 'rules' ? <RulesDialog /> : <LoginDialog />;
}
