// What can be done with a session, from its row or from its head.
import type { Session } from '../../protocol/views.ts';
import { en } from '../text/en.ts';
import { useApp } from './context.tsx';
import { MenuRow } from './menu-row.tsx';

const words = en.header;

interface SessionMenuProps {
  session: Session;
  close(): void;
  /** where its title can be changed in place */
  rename?: () => void;
}

export default function SessionMenu({ session, close, rename }: SessionMenuProps) {
  const { shell, commands } = useApp();
  const { session_id, pinned, archived } = session;
  const dialog = (name: 'rename' | 'delete' | 'rules') => () =>
    shell.trigger.dialogOpened({ dialog: name, about: session_id });
  const rows: [string, () => void][] = [
    [words.renameShort, rename ?? dialog('rename')],
    [pinned ? words.unpin : words.pin, () => commands.pin(session_id, !pinned)],
    [archived ? words.unarchive : words.archive, () => commands.archive(session_id, !archived)],
    [en.prompts.rules, dialog('rules')],
    [words.remove, dialog('delete')],
  ];
  return rows.map(([name, run]) => (
    <MenuRow
      key={name}
      name={name}
      run={() => {
        close();
        run();
      }}
    />
  ));
}
