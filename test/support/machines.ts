// Every machine of the house by its name.
import { attachmentMachine } from '../../src/machines/attachment.machine.ts';
import { lineMachine } from '../../src/machines/line.machine.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import { streamMachine } from '../../src/machines/stream.machine.ts';

export const machines = {
  stream: streamMachine,
  session: sessionMachine,
  attachment: attachmentMachine,
  line: lineMachine,
};
