// What dialogs say, and the list of keys: the part of the catalogue that comes with them.

export const enDialogs = {
  deleteTitle: 'Delete this session?',
  deleteText: 'Its transcript and its log are removed. This can’t be undone.',
  deleteLive: 'A run is live. It is stopped first, then everything is removed. This can’t be undone.',
  delete: 'Delete',
  deleteAndStop: 'Stop and delete',
  cancel: 'Cancel',
  stopTitle: 'Stop the run?',
  stopText: 'One of its tools is still running. It is stopped with the run.',
  stop: 'Stop',
  goOn: 'Go on',
  renameTitle: 'Rename session',
  rename: 'Rename',
  title: 'Title',
  lineageTitle: 'One session continued',
  lineageText: 'Each continues the one below it.',
  lineageLoading: 'Reading the sessions',
  lineageHere: 'shown here',
  exportTitle: 'Export this session',
  exports: [
    ['markdown', 'Markdown', 'to read: what was said and done'],
    ['json', 'JSON', 'the transcript with all its fields'],
    ['jsonl', 'Log', 'every record; it can be imported again'],
  ] as [format: string, name: string, what: string][],
  importTitle: 'Import a session',
  importText: 'A log or a transcript that was exported here or elsewhere becomes a new session.',
  importFile: 'File',
  importing: 'Reading the file',
  /** `line`: the one of a log that is none */
  importRefused: (name: string, line: string | null, why: string): string =>
    `${
      line === null
        ? `“${name}” is no log or transcript of a session, or not a whole one.`
        : `“${name}” is damaged: its ${line} can’t be read.`
    } The server says: ${why}`,
  importRecording:
    'It is a run’s export, not a session’s: the inspector opens it (npm start -- --inspect), and so does npm run replay.',
  importFailed: (name: string, why: string): string => `“${name}” could not be imported. ${why}`,
  importTooLarge: (max: string): string => `A file is at most ${max}.`,
  loginTitle: 'This server asks for a password',
  password: 'Password',
  login: 'Log in',
  helpTitle: 'Keys',
  settings: 'Settings',
  close: 'Close',
  keys: [
    ['Enter', 'Send'],
    ['Shift+Enter', 'New line'],
    ['1 – 9', 'Choose an answer'],
    ['Ctrl/⌘+Alt+Enter', 'Allow once'],
    ['Ctrl/⌘+Alt+Backspace', 'Deny'],
    ['Ctrl/⌘+K', 'Go to a session, or do something'],
    ['Ctrl/⌘+B', 'Show or hide the list'],
    ['g b', 'The board'],
    ['g w', 'The next session that waits'],
    ['n', 'New session'],
    ['j / k', 'Next or previous session'],
    ['[ / ]', 'Previous or next turn'],
    ['i', 'Write'],
    ['d', 'Show or hide the run’s details'],
    ['Esc', 'Close the top thing'],
    ['Esc Esc', 'Stop the run'],
    ['?', 'These keys'],
  ] as [string, string][],
} as const;
