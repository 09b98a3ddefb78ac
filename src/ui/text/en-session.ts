// What is said around the composer of a session: its queue, its meter, its Stop. The part of the catalogue that comes with it.

export const enSession = {
  stop: 'Stop',
  stopping: 'Stopping',
  stopAgain: 'Esc again to stop',
  stopNext: 'The next message in the queue starts then.',
  meter: {
    used: 'Context used',
    details: 'Context and tokens',
    last: 'Last prompt',
    window: 'Window',
    guess: 'estimated',
    tokensIn: 'Tokens in, all runs',
    tokensOut: 'Tokens out, all runs',
    cost: 'Cost, as told by the agent',
    of: (total: string): string => ` of ${total}`,
    exceeded: (percent: string): string => `context exceeded, ${percent}`,
    estimated: (percent: string): string => `about ${percent}`,
  },
  queue: {
    name: 'Next in the queue',
    next: 'Next',
    startsNext: 'Starts next',
    edit: 'Edit',
    withdraw: 'Withdraw',
    pause: 'Pause queue',
    resume: 'Go on with the queue',
    paused: 'Queue paused',
    save: 'Save',
    cancel: 'Cancel',
    editLabel: 'Queued message',
  },
} as const;
