// The frame of a dialog: it stops everything else until it is closed.
import '../style/dialog.css';
import { type ReactNode, useEffect, useRef } from 'react';
import { useApp } from './context.tsx';
import { useOver } from './use-over.ts';

const PHONE = '(max-width: 639px)';

export function Modal({ title, children }: { title: string; children: ReactNode }) {
  const { shell } = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  // Elsewhere a dialog is no place: what lies ahead in the history stays.
  useOver(matchMedia(PHONE).matches, () => dialog.current?.close());
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby="dialog-title"
      onClose={() => shell.trigger.dialogClosed({})}
    >
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}
