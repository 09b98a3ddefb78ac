// Two rules of prompts that belong to no room alone: what comes to everyone who looks, and who may show it.
import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { filesBelow, read } from '../../scripts/source.ts';
import { PROMPT_KINDS, promptId } from '../../src/protocol/index.ts';
import { logOf, openPromptRoom, untilPending, when } from '../support/prompt-room.ts';
import { OWNER } from '../support/puppet.ts';
import { temporaryFolder } from '../support/server.ts';

const SUBSCRIBERS = 3;
const QUESTIONS = 8;
const TIMEOUT_SECONDS = 5;

async function openRoom() {
  const folder = await temporaryFolder();
  const room = await openPromptRoom({ folder });
  onTestFinished(async () => {
    await room.close();
    await rm(folder, { recursive: true, force: true });
  });
  return room;
}

test('Q3 every pending prompt comes to every subscriber in its turn, or expires before', async () => {
  const room = await openRoom();
  const { session_id, call } = await room.begin();
  const { cell, release } = await room.sessions.hold(OWNER, session_id);
  const shown = Array.from({ length: SUBSCRIBERS }, () => {
    const seen = new Set<string>();
    const look = () => {
      const { pending } = watch.state();
      if (pending) seen.add(promptId(pending));
    };
    const watch = cell.prompts.watch('clarify', look);
    look();
    return { seen, watch };
  });
  for (let at = 1; at <= QUESTIONS; at++) {
    const timeout_seconds = at % 2 === 0 ? TIMEOUT_SECONDS : 0;
    void call.output.clarify({ question: `Question ${at}?`, timeout_seconds });
    await untilPending(room, session_id, 'clarify', at);
  }
  // Each second one is due while it still stands behind the head.
  await room.clock.advance(TIMEOUT_SECONDS * 1000);
  for (let left = QUESTIONS / 2; left > 0; left--) {
    const clarify_id = await untilPending(room, session_id, 'clarify', left);
    await room.sessions.respond.clarify(OWNER, { session_id, clarify_id, response: 'yes' }, 'tab');
  }
  await untilPending(room, session_id, 'clarify', 0);
  const records = await when('all ends', async () => {
    const log = await logOf(room, session_id);
    return log.filter(({ event }) => event === 'prompt_settled').length === QUESTIONS ? log : null;
  });
  const endOf = (how: string) =>
    records
      .filter(({ event, data }) => event === 'prompt_settled' && data.how === how)
      .map(({ data }) => data.id);
  expect(endOf('expired')).toHaveLength(QUESTIONS / 2);
  for (const { seen } of shown) expect([...seen]).toEqual(endOf('answered'));
  for (const { watch } of shown) watch.unwatch();
  release();
});

test('PF5 one place of the page starts prompt feeds, one for each kind, and each page of cards opens its own: the session on screen, the board', () => {
  const page = filesBelow('src/ui', '.ts', '.tsx');
  const callsIn = (call: RegExp) => page.flatMap((file) => Array.from(read(file).matchAll(call), () => file));
  const started = callsIn(/\bstartPromptFeed\(|\bstart\(\s*promptFeedMachine\b/g);
  expect(started.filter((file) => file !== 'src/ui/actors.ts')).toEqual(['src/ui/prompts/prompt-desk.ts']);
  const desk = read('src/ui/prompts/prompt-desk.ts');
  const begun = [...desk.matchAll(/\bbegin\('(\w+)'\)/g)].map(([, kind]) => kind);
  expect(begun).toEqual([...PROMPT_KINDS]);
  expect(callsIn(/(?<!function )\bcreatePromptDesk\(/g).sort()).toEqual([
    'src/ui/board/board-prompts.ts',
    'src/ui/session-watch.ts',
  ]);
});
