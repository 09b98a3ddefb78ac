// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Message } from '../../src/protocol/views.ts';
import { keptDraft, putDraft } from '../../src/ui/draft.ts';
import { keep } from '../../src/ui/kept.ts';
import { createPaneStore } from '../../src/ui/pane-store.ts';
import { createPromptDesk } from '../../src/ui/prompts/prompt-desk.ts';
import { promptDraftKey } from '../../src/ui/prompts/prompt-draft.ts';
import { FACT_MS } from '../support/eventually.ts';

const CLIENT = 'tab-1';
const entry = {
  clarify_id: 'c1',
  session_id: 's',
  stream_id: 'r',
  requested_at: 5,
  timeout_seconds: 0,
  expires_at: null,
  question: 'Which?',
  choices_offered: ['this', 'that'],
  multiple: false,
};
const answering: Message = {
  message_id: 'm',
  role: 'assistant',
  parts: [{ type: 'text', text: 'so far' }],
  created_at: 1,
  stream_id: 'r',
  last_seq: 2,
  terminal_state: null,
};

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
  vi.stubGlobal('fetch', async () => Response.json({ ok: true, clarify_id: 'c1', answered_by: CLIENT }));
});
afterEach(() => vi.unstubAllGlobals());

/** A desk with the question on screen; resolves once its answer was taken. */
async function answered(line: 'line.opened' | 'line.lost') {
  const store = createPaneStore();
  store.trigger.cleared({ session_id: 's' });
  store.trigger.answerChanged({ answer: answering });
  const desk = createPromptDesk('s', {
    store,
    now: () => 9,
    client: CLIENT,
    reattach() {},
    draftReturned() {},
    broken: (bug) => expect(bug).toBeNull(),
  });
  desk.line('line.opened');
  desk.pushed('clarify', { session_id: 's', pending: entry, pending_count: 1, version: 3 });
  desk.line(line);
  desk.answer('clarify', 'c1', { choices: ['that'] });
  const pane = () => store.getSnapshot().context;
  await vi.waitFor(() => expect(pane().prompts.clarify.current).toBeNull(), FACT_MS);
  desk.close();
  return pane().messages[0]!.parts;
}

test('PF2 without a line the answer that was taken stands in the transcript at once', async () => {
  expect(await answered('line.lost')).toEqual([
    ...answering.parts,
    {
      ...{ type: 'prompt', kind: 'clarify', prompt_id: 'c1', asked: { question: 'Which?' }, asked_at: 5 },
      ...{ how: 'answered', by: CLIENT, answer: { choices: ['that'] }, settled_at: 9 },
    },
  ]);
});

test('PF1 with a line it is the log that tells of it', async () => {
  expect(await answered('line.opened')).toEqual(answering.parts);
});

test('lesson 103 what was written on a card that is over goes behind the message, when a person wants it there', () => {
  let returned = 0;
  const desk = createPromptDesk('s', {
    store: createPaneStore(),
    now: () => 9,
    client: CLIENT,
    reattach() {},
    draftReturned: () => {
      returned += 1;
    },
    broken: (bug) => expect(bug).toBeNull(),
  });
  putDraft('s', 'the message');
  keep(promptDraftKey('c1'), 'the answer');
  desk.takeDraft('c1');
  desk.close();
  expect([keptDraft('s'), returned]).toEqual(['the message\n\nthe answer', 1]);
});
