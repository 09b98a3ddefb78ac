// What is said of files on their way to a message, and of those that are in one.
import { plural } from './plural.ts';

export const enAttachments = {
  name: 'Attachments',
  list: 'Files of this message',
  unnamed: 'file',
  remove: (name: string): string => `Remove ${name}`,
  cancel: (name: string): string => `Cancel ${name}`,
  retry: 'Try again',
  retryLabel: (name: string): string => `Try again: ${name}`,
  progress: (name: string): string => `Uploading ${name}`,
  uploading: (n: number): string => `Uploading ${plural(n, 'file', 'files')}`,
  attached: (n: number): string => `${plural(n, 'file', 'files')} attached`,
  failed: (name: string, why: string): string => `${name} was not uploaded. ${why}`,
  cut: 'The connection broke.',
  wantsText: 'Files go with a message: write one.',
  drop: 'Drop files to attach them',
  count: (n: number): string => plural(n, 'file', 'files'),
  sendWaits: 'Send waits for the files',
  waits: 'Is sent as soon as the files are there.',
  stuck: 'A file was not uploaded. Try it again, or remove it.',
  left: (names: string[]): string =>
    `Not uploaded before the page was left: ${names.join(', ')}. Attach ${names.length === 1 ? 'it' : 'them'} again.`,
  expired: (name: string): string => `${name} is no longer on the server. Attach it again.`,
  download: 'Download',
  notHere: 'not in this copy',
  refused: {
    tooLarge: (name: string, max: string): string => `${name} is too large: a file is at most ${max}.`,
    empty: (name: string): string => `${name} is empty.`,
    unreadable: (name: string): string => `${name} can’t be read: it is a folder, or gone.`,
    type: (name: string): string =>
      `${name} can’t be attached: images are PNG, JPEG, GIF or WebP, all else is text in UTF-8.`,
    tooMany: (n: number, max: number): string =>
      `${plural(n, 'file was', 'files were')} left out: a message takes at most ${max}.`,
  },
} as const;
