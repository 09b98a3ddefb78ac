// What a notice says, in English. The page and its service worker say the same.
import type { ShownNotice } from '../../protocol/notices.ts';

type Words = Record<ShownNotice['topic'], (text: string) => string>;

export const enNotices = {
  app: 'Weir',
  untitled: 'New session',
  bodies: {
    clarify: (question) => question || 'It has a question.',
    approval: (command) => (command === '' ? 'It asks for leave.' : `Allow? ${command}`),
    completed: () => 'Done.',
    error: (why) => (why === '' ? 'Failed.' : `Failed: ${why}.`),
    killed: () => 'Stopped.',
    test: () => 'This is how you are called.',
  } satisfies Words as Words,
};
