// Which session the open dialog is about, as the list or the pane has it.
import type { Session } from '../../protocol/views.ts';
import { useApp, useStore } from './context.tsx';

/** null: it went meanwhile */
export function useAbout(): Session | null {
  const { shell, list, pane } = useApp();
  const about = useStore(shell, (context) => context.about);
  const listed = useStore(list, (context) => context.sessions.find((one) => one.session_id === about));
  const shown = useStore(pane, (context) => context.session);
  return (shown?.session_id === about ? shown : listed) ?? null;
}
