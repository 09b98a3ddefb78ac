// What menus offer: the part of the catalogue that comes with them.
import type { Session } from '../../protocol/views.ts';

export const enMenus = {
  rename: 'Rename',
  pin: 'Pin',
  unpin: 'Unpin',
  archive: 'Archive',
  unarchive: 'Take out of the archive',
  lineage: (earlier: number | null): string =>
    earlier === null ? 'Earlier and later sessions…' : `Earlier sessions (${earlier.toLocaleString('en')})…`,
  /** the way to the session that this one came from */
  parent: {
    continuation: 'Go to the session it continues',
    fork: 'Go to the session it was forked from',
    child: 'Go to the session that made it',
  } as Record<NonNullable<Session['relation']>, string>,
  export: 'Export…',
  remove: 'Delete…',
  search: 'Go to…',
  archived: 'Archived sessions',
  unarchived: 'Sessions that are not archived',
  follow: 'Follow the newest run here',
  unfollow: 'Stay with one session here',
  import: 'Import…',
} as const;
