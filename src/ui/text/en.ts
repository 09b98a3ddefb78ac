// Every word that the page says, in one place. A second language is a second file of this shape.
import type { TaskStatus } from '../../protocol/board.ts';
import type { Outcome, PromptKind, RunState } from '../../protocol/index.ts';
import { plural } from './plural.ts';

const promptNames: Record<PromptKind, string> = { clarify: 'Question', approval: 'Approval' };

const stateWords: Record<RunState, string> = {
  starting: 'Starting',
  running: 'Running',
  waiting: 'Waiting for you',
  quiet: 'Quiet',
  draining: 'Finishing',
  stale: 'Stale',
  settled: 'Settled',
};
const outcomeWords: Record<Outcome, string> = {
  completed: 'Done',
  cancelled: 'Stopped',
  errored: 'Failed',
  interrupted: 'Interrupted',
};

export const en = {
  app: 'Weir',
  skip: 'Skip to the transcript',
  skipToBoard: 'Skip to the board',
  /** Of questions and approvals, what is said without their cards; the rest is in en-prompts.ts. */
  prompts: {
    names: promptNames,
    rules: 'Rules',
    headline: (kind: PromptKind, text: string): string => `${promptNames[kind]} · ${text}`,
    pending(clarify: number, approval: number): string {
      const parts = [
        ...(clarify > 0 ? [plural(clarify, 'question', 'questions')] : []),
        ...(approval > 0 ? [plural(approval, 'approval', 'approvals')] : []),
      ];
      return `${parts.join(' and ')} ${clarify + approval === 1 ? 'is' : 'are'} pending`;
    },
    asked: (kind: PromptKind, count: number, text: string): string =>
      `Waiting for you: ${promptNames[kind].toLowerCase()}${count > 1 ? `, 1 of ${count}` : ''}, ${text}`,
  },
  stateWords,
  outcomeWords,
  sidebar: {
    views: 'Sessions',
    newSession: 'New session',
    close: 'Close the list',
    open: (waiting: number): string => (waiting > 0 ? `Sessions, ${waiting} waiting` : 'Sessions'),
    region: 'Session list',
    list: 'Sessions',
    groups: {
      pinned: 'Pinned',
      waiting: 'Waiting for you',
      running: 'Running',
      today: 'Today',
      earlier: 'Earlier',
    },
    untitled: 'New session',
    draft: (text: string): string => `Draft: ${text}`,
    empty: 'No sessions yet.',
    nothing: 'Nothing found.',
    more: 'Show earlier sessions',
    sessions: 'Sessions',
    board: 'Board',
    search: 'Search sessions',
    searchHint: 'Search',
    menu: 'List',
    rowMenu: (title: string): string => `More about ${title}`,
    members: (n: number): string => plural(n, 'session', 'sessions'),
    cli: 'CLI',
    fork: 'Fork',
    archive: 'Archive',
    leaveArchive: 'Back to the sessions',
    failed: 'The list could not be read.',
    idle: 'New',
    live: 'Live',
    titled: (waiting: number, title: string): string => (waiting > 0 ? `(${waiting}) ${title}` : title),
    queued: (n: number, isPaused: boolean): string =>
      `${plural(n, 'message', 'messages')} queued${isPaused ? ' · paused' : ''}`,
    unsent: (n: number): string => `${n} not sent`,
    pinnedMark: 'Pinned: ',
  },
  /** Of the board, what is said without it; the rest is in en-board.ts. */
  board: {
    loading: 'The board is on its way.',
    waits: (title: string): string => `Waiting for you: ${title}`,
    ended: (title: string, how: string): string => `${title}: ${how}`,
    began: (title: string): string => `A run began elsewhere: ${title}`,
    statuses: {
      running: 'Running',
      'waiting-for-input': 'Waiting for you',
      stale: 'Stale',
      completed: 'Done',
      error: 'Failed',
      killed: 'Stopped',
    } as Record<TaskStatus, string>,
  },
  theme: {
    system: 'Colours: as the system',
    light: 'Colours: light',
    dark: 'Colours: dark',
  },
  header: {
    details: 'Run details',
    menu: 'Session',
    title: 'Title',
    help: 'Keys',
  },
  badge: {
    overdue: 'settlement overdue',
    try: (n: number, of: number): string => `try ${n} of ${of}`,
    stopping: 'Stopping',
  },
  composer: {
    label: 'Message',
    placeholder: 'Message',
    placeholderBusy: 'Queue a message',
    send: 'Send',
    attach: 'Attach files',
    agent: (agent: string, model: string | null): string => (model === null ? agent : `${agent} · ${model}`),
    demo: 'Demo agent · no key needed',
    tooLong: (max: string): string => `A message is at most ${max}.`,
  },
  line: {
    open: 'Live',
    connecting: 'Connecting',
    quiet: 'Silent · looking',
    lost: 'Connection lost. What happens meanwhile is picked up.',
    reconnecting: (attempt: number): string => `Reconnecting · try ${attempt}`,
    polling: 'No live connection. Asking every few seconds.',
    offline: 'Offline. What happens meanwhile is picked up.',
    closed: 'Closed',
    resumed: (events: number): string =>
      `Picked the stream back up · ${events > 0 ? `${plural(events, 'event', 'events')}, none missing` : 'nothing was missed'}`,
    offlineFor: (duration: string): string => `offline ${duration}`,
    dismiss: 'Dismiss',
    tryNow: 'Try now',
  },
  drawer: {
    name: 'Run',
    state: 'State',
    log: 'Log',
    close: 'Close',
    none: 'No run yet.',
  },
  start: {
    title: 'Start a run',
    text: 'It goes on when you close this tab, and it is here when you come back.',
  },
  missing: {
    title: 'There is no such session',
    text: 'It was deleted, or the address is wrong.',
    draft: 'What you had written is kept for a new session.',
  },
  loadFailed: {
    title: 'The session could not be read',
    retry: 'Try again',
  },
  guard: {
    failed: 'This part of the page failed. That ends no run.',
    again: 'Reload the page',
  },
  errors: {
    network: 'The server could not be reached. Nothing is lost; try again.',
    answer: 'The server’s answer was not understood.',
    status: (status: number): string => `The server answered ${status}.`,
  },
  announce: {
    state: (word: string, why: string | null): string => (why === null ? word : `${word}: ${why}`),
    settled: (word: string): string => `The run is over: ${word}.`,
    failed: (message: string): string => `The run failed: ${message}`,
  },
} as const;
