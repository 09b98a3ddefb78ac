// Attachments between file and row: what a crash or a full disk leaves, the next sweep takes away, and it comes to an end.
import { readdir, rm, writeFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createAttachmentFiles } from '../../src/journal/attachment-files.ts';
import { openJournal } from '../../src/journal/open.ts';
import type { Journal } from '../../src/journal/port.ts';
import { systemRandom } from '../../src/server.ts';
import { createAttachments } from '../../src/sessions/attachments.ts';
import { createManualClock } from '../support/clock.ts';
import { quietLog, temporaryFolder } from '../support/server.ts';

const OWNER = 'owner';
const TEXT = { name: 'a.txt', type: 'text/plain', bytes: Buffer.from('heron') };

async function open() {
  const folder = await temporaryFolder();
  const journal = await openJournal({ folder, log: quietLog });
  onTestFinished(async () => {
    await journal.close();
    await rm(folder, { recursive: true, force: true });
  });
  const files = createAttachmentFiles(folder);
  const withJournal = (changes: Partial<Journal>) =>
    createAttachments({
      journal: { ...journal, ...changes },
      files,
      clock: createManualClock(1_000),
      random: systemRandom,
    });
  return { journal, files, folder: `${folder}/attachments`, withJournal };
}

const crash = () => Promise.reject(new Error('killed'));

test('fault 1 P10 a crash between a file and its row leaves a file that the next sweep removes, half written or whole', async () => {
  const { files, folder, withJournal } = await open();
  await expect(withJournal({ addAttachment: crash }).add(OWNER, TEXT)).rejects.toThrow('killed');
  const [whole] = await readdir(folder);
  await writeFile(`${folder}/${whole}.part`, 'her');
  await withJournal({}).sweep();
  expect(await readdir(folder)).toEqual([]);
  // What is there under another name stays, whoever crashes beside it.
  const { attachment_id } = await withJournal({}).add(OWNER, TEXT);
  await expect(withJournal({ addAttachment: crash }).add(OWNER, TEXT)).rejects.toThrow('killed');
  await withJournal({}).sweep();
  expect(await withJournal({}).read(OWNER, attachment_id)).toEqual(TEXT.bytes);
  expect(await files.size()).toBe(TEXT.bytes.length);
});

test('fault 3 a full disk is said before a file is written, and a sweep that it keeps from writing comes to an end', async () => {
  const { folder, withJournal } = await open();
  const full = async () => ({ kind: 'full' as const });
  const refused = { code: 'storage_full' };
  await expect(withJournal({ announceFile: full }).add(OWNER, TEXT)).rejects.toMatchObject(refused);
  expect(await readdir(folder).catch(() => [])).toEqual([]);
  await expect(withJournal({ addAttachment: crash }).add(OWNER, TEXT)).rejects.toThrow('killed');
  const changes = { detachAttachments: async () => false };
  await expect(withJournal(changes).sweep()).rejects.toMatchObject(refused);
  await expect(withJournal({ forgetAttachments: full }).sweep()).rejects.toMatchObject(refused);
  await withJournal({}).sweep();
  expect(await readdir(folder)).toEqual([]);
});
