// Which run a pane speaks of: the same words of it while it is live and after a reload.
import { expect, test } from 'vitest';
import type { Message, Part } from '../../src/protocol/views.ts';
import { emptyPane } from '../../src/ui/pane-store.ts';
import { shownRun } from '../../src/ui/shown-run.ts';

const ended = (terminal_state: Message['terminal_state'], parts: Part[]): string | null | undefined => {
  const answer: Message = {
    message_id: 'm',
    role: 'assistant',
    stream_id: 'r',
    created_at: 1,
    settled_at: 2,
    last_seq: 3,
    terminal_state,
    parts,
  };
  return shownRun({ ...emptyPane('s'), status: 'ready', messages: [answer] })?.why;
};
const error = (type: string, message: string): Part => ({ type: 'error', error: type, message });

test('ui the badge says why a run ended, also after a reload', () => {
  expect(ended('errored', [error('overloaded', 'Too much (of_all).')])).toBe('overloaded');
  const cut = error('interrupted', 'The run was interrupted (restart). What it had said is kept.');
  expect(ended('interrupted', [cut])).toBe('restart');
  expect(ended('interrupted', [error('interrupted', 'Cut.')])).toBe(null);
  expect(ended('cancelled', [{ type: 'text', text: 'half' }])).toBe(null);
  expect(ended('completed', [])).toBe(null);
});
