// A start that fails, and a start that is overtaken by the end: what was waiting in the log still waits there.

import { rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createCatalog } from '../../src/agents/catalog.ts';
import { createAttachmentFiles } from '../../src/journal/attachment-files.ts';
import { openJournal } from '../../src/journal/open.ts';
import { PortInUse } from '../../src/listen.ts';
import { systemClock, systemRandom } from '../../src/server.ts';
import { createSessions } from '../../src/sessions/sessions.ts';
import { createClient, named } from '../support/client.ts';
import { quietLog, startTestServer, temporaryFolder } from '../support/server.ts';

const OWNER = 'owner';
const WAIT_MS = 10_000;

async function newFolder(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('SE2 a start that finds its port in use takes no follow-up out of its queue', async () => {
  const folder = await newFolder();
  const first = await startTestServer({ data: folder });
  const client = createClient(first.url);
  const session_id = await client.session();
  const stream_id = await client.start(session_id, 'tokens=900 rate=20');
  await client.post('/api/chat/start', {
    session_id,
    message: 'tokens=900 rate=20 and this',
    on_busy: 'queue',
  });
  await (await client.read(`/api/chat/stream?stream_id=${stream_id}`)).until(named('token'));
  await first.close();

  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  await expect(startTestServer({ data: folder, port })).rejects.toThrow(PortInUse);
  other.close();

  const journal = await openJournal({ folder, log: quietLog });
  onTestFinished(() => journal.close());
  expect((await journal.listQueue(OWNER, session_id))?.length).toBe(1);
});

test('ST11 a run that is admitted while the server closes is started by the next start', async () => {
  const folder = await newFolder();
  const journal = await openJournal({ folder, log: quietLog });
  const admitted = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const slow: typeof journal = {
    ...journal,
    async admit(...input) {
      const answer = await journal.admit(...input);
      admitted.resolve();
      await go.promise;
      return answer;
    },
  };
  const catalog = createCatalog({ default_agent: 'demo' }, { clock: systemClock, log: quietLog });
  const timeout_seconds = { clarify: 0, approval: 0 };
  const ports = { catalog, clock: systemClock, random: systemRandom, log: quietLog, timeout_seconds };
  const sessions = createSessions({ ...ports, journal: slow, files: createAttachmentFiles(folder) });
  const { session_id } = await sessions.create(OWNER, {});
  const starting = sessions.start(OWNER, { session_id, message: 'tokens=2' });
  await admitted.promise;
  const closing = sessions.close();
  go.resolve();
  const started = await starting;
  if ('queued' in started) throw new Error('unreachable');
  await closing;
  expect(await journal.getStream(OWNER, started.stream_id)).toMatchObject({ started: false, head: 0 });
  await journal.close();

  const next = await startTestServer({ data: folder });
  onTestFinished(() => next.close());
  const { status } = next.server.parts.sessions;
  const outcome = async () => (await status(OWNER, started.stream_id)).journal.terminal_state;
  await expect.poll(outcome, { timeout: WAIT_MS }).toBe('completed');
});
