// What a server that goes down leaves in its log.
import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createClient, named } from '../support/client.ts';
import { startTestServer, temporaryFolder } from '../support/server.ts';

test('wire §7 a run that a shutdown ends is interrupted by the shutdown, not failed by its agent', async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const first = await startTestServer({ data: folder });
  const client = createClient(first.url);
  const stream_id = await client.start(await client.session(), 'tokens=1000 rate=20');
  const reader = await client.read(`/api/chat/stream?stream_id=${stream_id}`);
  await reader.until(named('token'));
  await first.close();

  const second = await startTestServer({ data: folder });
  onTestFinished(() => second.close());
  const again = await createClient(second.url).read(`/api/chat/stream?stream_id=${stream_id}`);
  await again.ended;
  expect(again.events.at(-1)).toMatchObject({ event: 'stream_end' });
  const error = again.events.find(named('apperror'));
  expect(JSON.parse(error!.data)).toMatchObject({ type: 'interrupted' });
  expect(error!.data).toContain('shutdown');
  expect(JSON.parse(again.events.at(-1)!.data)).toMatchObject({ terminal_state: 'interrupted' });
});
