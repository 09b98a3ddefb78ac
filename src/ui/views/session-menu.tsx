// What can be done with a session, from its row or from its head.
import type { Session } from '../../protocol/views.ts';
import { earlierOf } from '../lineage.ts';
import type { Dialog } from '../shell-store.ts';
import { en } from '../text/en.ts';
import { enMenus } from '../text/en-menus.ts';
import { useApp, useStore } from './context.tsx';
import { MenuRow } from './menu-row.tsx';

const words = enMenus;

interface SessionMenuProps {
  session: Session;
  close(): void;
  /** where its title can be changed in place */
  rename?: () => void;
}

export default function SessionMenu({ session, close, rename }: SessionMenuProps) {
  const { shell, list, commands } = useApp();
  const { session_id, pinned, archived, parent_session_id: parent, relation } = session;
  const earlier = useStore(list, (context) => earlierOf(context.sessions, session));
  const dialog = (name: Dialog) => () => shell.trigger.dialogOpened({ dialog: name, about: session_id });
  const rows: [name: string, run: () => void, isOffered?: boolean][] = [
    [words.rename, rename ?? dialog('rename')],
    [pinned ? words.unpin : words.pin, () => commands.pin(session_id, !pinned)],
    [archived ? words.unarchive : words.archive, () => commands.archive(session_id, !archived)],
    [words.lineage(earlier), dialog('lineage'), relation === 'continuation' || earlier !== 0],
    [words.parent[relation ?? 'child'], () => parent !== null && commands.open(parent), parent !== null],
    [words.export, dialog('export')],
    [en.prompts.rules, dialog('rules')],
    [words.remove, dialog('delete')],
  ];
  return rows
    .filter(([, , isOffered = true]) => isOffered)
    .map(([name, run]) => (
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
