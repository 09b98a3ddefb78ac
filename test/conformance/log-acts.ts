// What becomes of a write on its way into the log: it is let through, or the disk refuses it. What the log makes of it is told
// here as the log would.
import { BOARD_SETTLED_AGE_MS } from '../../src/protocol/index.ts';
import { type Act, isOpen } from './act.ts';

export const startIsKept: Act = {
  name: 'the log takes stream_started',
  may: (scene) => isOpen(scene) && scene.facts.started === 'held',
  tell(scene) {
    const { facts } = scene;
    facts.started = 'yes';
    // After its end nothing begins.
    if (facts.terminal !== null) return;
    scene.commit(1);
    scene.tellStream({ type: 'stream.started', head: facts.head });
  },
  drive: (hands) => hands.release('started'),
};

export const startIsRefused: Act = {
  name: 'the disk refuses stream_started',
  may: (scene) => isOpen(scene) && scene.facts.started === 'held',
  tell(scene) {
    const { facts } = scene;
    facts.started = 'refused';
    const error = { type: 'storage_full', message: '' };
    scene.tellStream({ type: 'agent.failed', epoch: facts.epoch, error });
    scene.tellStream({ type: 'agent.gone', epoch: facts.epoch });
  },
  drive: (hands) => hands.refuse('started'),
};

export const questionIsKept: Act = {
  name: 'the log takes the question',
  may: (scene) => isOpen(scene) && scene.facts.asking !== null,
  tell(scene) {
    const entry = scene.facts.asking!;
    scene.facts.asking = null;
    if (scene.facts.terminal === null) scene.commit(0, [entry]);
  },
  drive: (hands) => hands.release('question'),
};

export const terminalIsKept: Act = {
  name: 'the log takes the terminal',
  may: (scene) => isOpen(scene) && scene.facts.terminals.length > 0,
  tell(scene) {
    const { facts } = scene;
    const outcome = facts.terminals.shift()!;
    if (facts.terminal === null) {
      scene.commitEnd(outcome, 1);
      facts.terminal_seq = facts.head;
    }
    scene.tellStream({ type: 'terminal.committed', outcome: facts.terminal, head: facts.terminal_seq });
  },
  drive: (hands) => hands.release('terminal'),
};

export const terminalIsRefused: Act = {
  name: 'the disk refuses the terminal',
  may: (scene) => isOpen(scene) && scene.facts.terminals.length > 0,
  tell(scene) {
    scene.facts.terminals.shift();
    scene.tellStream({ type: 'terminal.refused', reason: 'storage' });
  },
  drive: (hands) => hands.refuse('terminal'),
};

export const settleIsKept: Act = {
  name: 'the log takes the settlement',
  may: (scene) => isOpen(scene) && scene.facts.settles.length > 0,
  tell(scene) {
    const { facts } = scene;
    const outcome = facts.settles.shift()!;
    const asked_at = facts.settles_at.shift()!;
    if (!facts.settled) {
      facts.aged = asked_at < scene.at - BOARD_SETTLED_AGE_MS;
      const isFirst = facts.terminal === null;
      facts.settled = true;
      scene.commitEnd(outcome, isFirst ? 2 : 1);
      if (isFirst) facts.terminal_seq = facts.head - 1;
    }
    scene.tellStream({ type: 'settle.committed', outcome: facts.terminal, head: facts.head });
  },
  drive: (hands) => hands.release('settle'),
};

export const settleIsRefused: Act = {
  name: 'the disk refuses the settlement',
  may: (scene) => isOpen(scene) && scene.facts.settles.length > 0,
  tell(scene) {
    scene.facts.settles.shift();
    scene.facts.settles_at.shift();
    scene.tellStream({ type: 'settle.refused', reason: 'storage' });
  },
  drive: (hands) => hands.refuse('settle'),
};

export const expiryIsKept: Act = {
  name: 'the log takes the expiry',
  may: (scene) => isOpen(scene) && scene.facts.expiries.length > 0,
  tell(scene) {
    const id = scene.facts.expiries.shift()!;
    if (scene.pending.some(({ clarify_id }) => clarify_id === id)) scene.commit(0, [], [[id, 'expired']]);
  },
  drive: (hands) => hands.release('expiry'),
};

export const expiryIsRefused: Act = {
  name: 'the disk refuses the expiry',
  may: (scene) => isOpen(scene) && scene.facts.expiries.length > 0,
  tell(scene) {
    const prompt_id = scene.facts.expiries.shift()!;
    scene.tellQueue({ type: 'expiry.refused', prompt_id });
  },
  drive: (hands) => hands.refuse('expiry'),
};
