// Every machine of the house by its name.
import { attachmentMachine } from '../../src/machines/attachment.machine.ts';
import { lineMachine } from '../../src/machines/line.machine.ts';
import { promptFeedMachine } from '../../src/machines/prompt-feed.machine.ts';
import { promptQueueMachine } from '../../src/machines/prompt-queue.machine.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import { streamMachine } from '../../src/machines/stream.machine.ts';
import { tabLeaderMachine } from '../../src/machines/tab-leader.machine.ts';

export const machines = {
  stream: streamMachine,
  session: sessionMachine,
  'prompt-queue': promptQueueMachine,
  attachment: attachmentMachine,
  line: lineMachine,
  'tab-leader': tabLeaderMachine,
  'prompt-feed': promptFeedMachine,
};
