// What must hold at every step of a feed's way to its states: what is heard, what is lost, and what is older than what is known.
import { pathOf } from '../../src/machines/path.ts';
import type { PromptFeedContext } from '../../src/machines/prompt-feed.machine.ts';
import type { Rules } from '../support/rules.ts';

export const lineRules: Rules<PromptFeedContext> = {
  'LN1 whatever comes over an open line is heard, and one that opens has not failed': ({
    before,
    event,
    after,
  }) => {
    const isOpen = /open|quiet/.test(pathOf(before.value));
    const isHeard = isOpen && /^(line\.(opened|heard)|state\.pushed)$/.test(event.type);
    if (event.type === 'line.opened' && after.context.failures !== 0) return false;
    return !(isHeard || event.type === 'line.opened') || after.context.last_heard_at === event.at;
  },

  'PF4 a line that is lost or ends is waited for; one that was thought quiet and is heard is open': ({
    before,
    event,
    after,
  }) => {
    const from = pathOf(before.value);
    if (!/open|quiet/.test(from)) return true;
    if (event.type === 'line.lost' || event.type === 'line.ended')
      return pathOf(after.value) === 'pushing.connecting';
    return (
      !/^(line\.(opened|heard)|state\.pushed)$/.test(event.type) || pathOf(after.value) === 'pushing.open'
    );
  },

  'PF3 a state is older than the newest record of a prompt': ({ before, event, after }) =>
    after.context.floor ===
    (event.type === 'prompt.settled'
      ? Math.max(before.context.floor, Number(event.pos))
      : before.context.floor),
};
