// The settings: what is chosen for this browser, each with a way to try it.
import '../style/settings.css';
import { enDialogs } from '../text/en-dialogs.ts';
import { enSettings } from '../text/en-settings.ts';
import { CallSettings } from './call-settings.tsx';
import { useApp } from './context.tsx';
import { Modal } from './modal.tsx';
import { StorageSettings } from './storage-settings.tsx';

export default function Settings() {
  const { shell } = useApp();
  return (
    <Modal title={enDialogs.settings}>
      <CallSettings />
      <StorageSettings />
      <div className="acts">
        <button type="button" className="btn" onClick={() => shell.trigger.dialogClosed({})}>
          {enSettings.close}
        </button>
      </div>
    </Modal>
  );
}
