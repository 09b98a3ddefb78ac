// What can be done with the list as a whole.
import { en } from '../text/en.ts';
import { enDialogs } from '../text/en-dialogs.ts';
import { enMenus } from '../text/en-menus.ts';
import { useApp, useStore } from './context.tsx';
import { MenuRow } from './menu-row.tsx';

const words = enMenus;

export default function ListMenu({ close }: { close(): void }) {
  const { shell, list, commands } = useApp();
  const isArchive = useStore(list, (context) => context.archived);
  const follows = useStore(shell, (context) => context.follows);
  const rows: [string, () => void][] = [
    [words.search, () => shell.trigger.dialogOpened({ dialog: 'palette' })],
    [isArchive ? words.unarchived : words.archived, () => commands.showArchived(!isArchive)],
    [follows ? words.unfollow : words.follow, () => commands.follow(!follows)],
    [words.import, () => shell.trigger.dialogOpened({ dialog: 'import' })],
    [en.prompts.rules, () => shell.trigger.dialogOpened({ dialog: 'rules' })],
    [enDialogs.settings, () => shell.trigger.dialogOpened({ dialog: 'settings' })],
    [en.header.help, () => shell.trigger.dialogOpened({ dialog: 'help' })],
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
