// What is said inside the drawer: the part of the catalogue that comes with it.
import type { RunState } from '../../protocol/index.ts';
import { plural } from './plural.ts';

export const enDrawer = {
  facts: { state: 'State', since: 'Since', why: 'Why', took: 'Took', run: 'Run' },
  took: (time: string, tries: number): string => (tries > 1 ? `${time} · ${tries} tries` : time),
  run: (attempt: string, epoch: number | undefined, head: string): string =>
    `${attempt}${epoch === undefined ? '' : `epoch ${epoch} · `}head ${head}`,
  whys: {
    starting: 'the message is taken, the agent is called',
    running: 'the agent works',
    waiting: 'the agent asked something',
    quiet: 'no frame for a while',
    draining: 'its end is being written',
    stale: 'nobody live owns it',
    settled: 'it is over',
  } as Record<RunState, string>,
  ways: { ended: 'ended, or Stop', lost: 'owner lost', recovered: 'recovered, or bounds spent' },
  chart: 'Statechart',
  /** `time`: the moment that is looked back at; null: now */
  legend: (time: string | null): string =>
    `lit: ${time === null ? 'now' : `at ${time}`} · blue: the way here`,
  chartLabel: (now: string, before: string[], time: string | null): string =>
    `Statechart of this run. ${time === null ? 'Now' : `At ${time}`} in ${now}.${before.length > 0 ? ` It was ${before.join(', ')} before.` : ''}`,
  transitions: 'Transitions',
  dropped: (n: number): string => `${plural(n, 'older transition is', 'older transitions are')} not kept.`,
  fromLog: 'Read from what log and answer tell. Quiet spells and further tries are not in it.',
  fromLogBefore: (n: number): string =>
    `${n === 1 ? 'The first was' : `The first ${n} were`} before another owner took over, and are read from the log.`,
  receiptFailed: 'The transitions could not be read.',
  past: {
    look: 'Look back',
    export: 'Export this run',
    back: 'Back to now',
    asItWas: (time: string): string => `As it was at ${time}`,
    moment: 'Moment of this run',
    momentText: (time: string, n: number, count: number, label: string): string =>
      `${time}, ${n.toLocaleString('en')} of ${count.toLocaleString('en')}: ${label}`,
    transcript: 'Transcript as it was',
    choices: 'What could be chosen',
    unended: 'The run was not over when this was read.',
    readOn: 'Read on',
    silent: 'Nothing was said yet.',
    onlyLook: 'Nothing can be sent or answered here.',
    failed: 'The log of this run could not be read.',
  },
  newest: (n: number): string => `${n.toLocaleString('en')} · newest first`,
  rows: (shown: number, all: number): string =>
    shown < all
      ? `the newest ${shown.toLocaleString('en')} of ${all.toLocaleString('en')}`
      : plural(all, 'record', 'records'),
  loading: 'Reading the log',
  logInterrupted: 'The log can’t be read at the moment. It is tried again by itself.',
  logLost: 'The log can’t be read any further.',
  logLabel: 'Records of this run, newest first',
} as const;
