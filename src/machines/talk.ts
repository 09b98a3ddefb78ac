// Who talks to whom: of every event of every machine, who says it; of every command, who performs it. The types of the
// machines make these tables complete. The inspector and the picture of the whole are drawn from them. No behaviour.
import { ownOf } from '../protocol/own.ts';
import type { AttachmentCommand, AttachmentEvent } from './attachment.facts.ts';
import type { LineCommand, LineEvent } from './line.facts.ts';
import type { PromptFeedCommand, PromptFeedEvent } from './prompt-feed.facts.ts';
import type { PromptQueueCommand, PromptQueueEvent } from './prompt-queue.facts.ts';
import type { SessionCommand, SessionEvent } from './session.machine.ts';
import type { StreamCommand, StreamEvent } from './stream.facts.ts';
import type { TabLeaderCommand, TabLeaderEvent } from './tab-leader.facts.ts';

export const MACHINES = [
  'session',
  'stream',
  'prompt-queue',
  'board',
  'tab-leader',
  'line',
  'attachment',
  'prompt-feed',
] as const;
export type MachineName = (typeof MACHINES)[number];

/** No machine: `client`, what asks the server; `server`, as a page sees it; `page`, its document, network and locks. */
export const OUTSIDE = ['client', 'agent', 'log', 'clock', 'server', 'page', 'tabs', 'person'] as const;
export type Party = MachineName | (typeof OUTSIDE)[number];

type Type<T> = T extends { type: infer Name extends string } ? Name : never;
interface Talk<Event, Command> {
  /** who says it */
  events: Record<Type<Event>, Party>;
  /** who performs it */
  commands: Record<Type<Command>, Party>;
}

const session: Talk<SessionEvent, SessionCommand> = {
  events: {
    'stream.admitted': 'log',
    'stream.settled': 'stream',
    'records.committed': 'log',
    'queue.changed': 'log',
    'follow_up.started': 'log',
    'follow_up.none': 'log',
    'follow_up.refused': 'log',
    'readers.changed': 'client',
    'storage.returned': 'log',
    delete: 'client',
    erased: 'log',
    'erase.refused': 'log',
  },
  commands: { 'take.follow_up': 'log', 'cancel.stream': 'stream', erase: 'log' },
};

const stream: Talk<StreamEvent, StreamCommand> = {
  events: {
    start: 'session',
    'stream.started': 'log',
    'frames.committed': 'log',
    'prompts.changed': 'prompt-queue',
    'agent.finished': 'agent',
    'agent.failed': 'agent',
    'agent.gone': 'agent',
    cancel: 'client',
    'terminal.committed': 'log',
    'terminal.refused': 'log',
    'description.finished': 'agent',
    'settle.committed': 'log',
    'settle.refused': 'log',
    'owner.lost': 'session',
    'producer.returned': 'agent',
    'storage.returned': 'log',
  },
  commands: {
    'write.started': 'log',
    'call.agent': 'agent',
    'stop.agent': 'agent',
    'kill.agent': 'agent',
    'write.terminal': 'log',
    describe: 'agent',
    'write.settle': 'log',
  },
};

const promptQueue: Talk<PromptQueueEvent, PromptQueueCommand> = {
  events: {
    'prompt.asked': 'log',
    'prompt.settled': 'log',
    'stream.ending': 'stream',
    'entries.closed': 'log',
    'owner.lost': 'stream',
    'owner.returned': 'stream',
    'expiry.refused': 'log',
    'clock.moved': 'clock',
    'session.deleted': 'session',
  },
  commands: { expire: 'log' },
};

/** Its events are its triggers; what it says is read off its ring. */
const board: Talk<{ type: 'filled' | 'taskSeen' | 'sessionSeen' | 'sessionCame' | 'sessionLeft' }, never> = {
  events: {
    filled: 'log',
    taskSeen: 'stream',
    sessionSeen: 'session',
    sessionCame: 'session',
    sessionLeft: 'session',
  },
  commands: {},
};

const tabLeader: Talk<TabLeaderEvent, TabLeaderCommand> = {
  events: {
    'lock.granted': 'page',
    'lock.lost': 'page',
    'lock.refused': 'page',
    'beat.heard': 'tabs',
    'ping.heard': 'tabs',
    'page.hidden': 'page',
    'page.shown': 'page',
    'page.frozen': 'page',
    'page.resumed': 'page',
    close: 'page',
  },
  commands: {
    'request.lock': 'page',
    'steal.lock': 'page',
    'release.lock': 'page',
    beat: 'tabs',
    ping: 'tabs',
    lead: 'line',
    follow: 'line',
    rest: 'line',
  },
};

const line: Talk<LineEvent, LineCommand> = {
  events: {
    'source.opened': 'server',
    'source.heard': 'server',
    'source.failed': 'server',
    'source.ended': 'server',
    reattach: 'attachment',
    retry: 'person',
    'page.hidden': 'page',
    'page.shown': 'page',
    'network.lost': 'page',
    'network.returned': 'page',
    close: 'tab-leader',
  },
  commands: {
    'open.source': 'server',
    'close.source': 'server',
    'poll.sessions': 'server',
    'line.opened': 'attachment',
    'line.lost': 'attachment',
    'line.ended': 'attachment',
  },
};

const attachment: Talk<AttachmentEvent, AttachmentCommand> = {
  events: {
    'line.opened': 'line',
    'line.lost': 'line',
    'line.ended': 'line',
    'line.reset': 'line',
    'frames.arrived': 'line',
    'pane.changed': 'page',
    'transcript.answered': 'server',
    'page.hidden': 'page',
    'page.shown': 'page',
    'network.lost': 'page',
    'network.returned': 'page',
    retry: 'person',
  },
  commands: {
    'take.frames': 'page',
    'clear.view': 'page',
    reattach: 'line',
    'ask.transcript': 'server',
    'adopt.transcript': 'page',
    finalize: 'page',
  },
};

const promptFeed: Talk<PromptFeedEvent, PromptFeedCommand> = {
  events: {
    'line.opened': 'line',
    'line.lost': 'line',
    'line.ended': 'line',
    'line.heard': 'line',
    'state.pushed': 'line',
    'state.polled': 'server',
    'poll.failed': 'server',
    'prompt.settled': 'line',
    answer: 'person',
    'respond.accepted': 'server',
    'respond.stale': 'server',
    'respond.failed': 'server',
    'respond.overdue': 'clock',
    acknowledge: 'person',
    dismiss: 'person',
    recall: 'person',
    'stream.finalized': 'attachment',
    close: 'page',
  },
  commands: { poll: 'server', reopen: 'line', respond: 'server', 'return.draft': 'page' },
};

interface AnyTalk {
  readonly events: Readonly<Record<string, Party>>;
  readonly commands: Readonly<Record<string, Party>>;
}

export const talk: Readonly<Record<MachineName, AnyTalk>> = {
  session,
  stream,
  'prompt-queue': promptQueue,
  board,
  'tab-leader': tabLeader,
  line,
  attachment,
  'prompt-feed': promptFeed,
};

/** Who says an event to a machine; null: nobody but the machine itself, or nobody knows. */
export function speakerOf(machine: string, type: string): Party | null {
  if (type.startsWith('xstate.after.')) return 'clock';
  return ownOf(ownOf<AnyTalk>(talk, machine)?.events ?? {}, type) ?? null;
}

/** Who performs a command of a machine; null: nobody knows. */
export const performerOf = (machine: string, type: string): Party | null =>
  ownOf(ownOf<AnyTalk>(talk, machine)?.commands ?? {}, type) ?? null;
