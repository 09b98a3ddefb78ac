// The few questions that stop everything else: delete, the password, the rules, and the list of keys.
import { type FormEvent, useState } from 'react';
import { isBusy } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { useApp, useStore } from './context.tsx';
import { Modal } from './modal.tsx';
import { RulesDialog } from './prompt-parts.tsx';

const words = en.dialogs;

function DeleteDialog() {
  const { shell, pane, commands } = useApp();
  const isLive = useStore(pane, isBusy);
  const close = (): void => shell.trigger.dialogClosed({});
  return (
    <Modal title={words.deleteTitle}>
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
            commands.remove();
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
        {en.keys.map(([keys, what]) => (
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

export function Dialogs() {
  const dialog = useStore(useApp().shell, (context) => context.dialog);
  if (dialog === 'delete') return <DeleteDialog />;
  if (dialog === 'help') return <HelpDialog />;
  if (dialog === 'rules') return <RulesDialog />;
  return dialog === 'login' ? <LoginDialog /> : null;
}
