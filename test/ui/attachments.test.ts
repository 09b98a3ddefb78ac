// @vitest-environment jsdom
// What the page does with files before they are a message's: which type each is of, what is refused, and what of a draft is
// kept, whatever becomes of its uploads.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { uploadSchema } from '../../src/protocol/attachments.ts';
import { ATTACHMENT_TYPES, type Attachment } from '../../src/protocol/index.ts';
import {
  ATTACHMENT_BYTES_MAX,
  ATTACHMENT_NAME_LENGTH_MAX,
  ATTACHMENTS_MAX,
} from '../../src/protocol/limits.ts';
import { ApiError } from '../../src/ui/api.ts';
import { isRunning } from '../../src/ui/attachments/chips.ts';
import { createDesk, type DeskPorts } from '../../src/ui/attachments/desk.ts';
import { keepAttachments, keptAttachments, returnAttachments } from '../../src/ui/attachments/draft.ts';
import { attachmentName, checkFile } from '../../src/ui/attachments/file-check.ts';
import { typeOf } from '../../src/ui/attachments/file-type.ts';
import { pastedFiles } from '../../src/ui/attachments/gifts.ts';
import { leftBehind, watchLeaving } from '../../src/ui/attachments/leaving.ts';
import { fileSize } from '../../src/ui/attachments/size.ts';
import { rescueDraft } from '../../src/ui/draft-rescue.ts';
import { draftKey, keep, kept } from '../../src/ui/kept.ts';
import type { SessionList } from '../../src/ui/list.ts';
import { createPaneStore } from '../../src/ui/pane-store.ts';
import { createSessionActs } from '../../src/ui/session-acts.ts';
import { FACT_MS } from '../support/eventually.ts';

const PNG = '\x89PNG\r\n\x1a\n';
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const file = (name: string, text = 'text', type = ''): File => new File([text], name, { type });
const about = (n: number): Attachment => ({
  attachment_id: `a_${n}`,
  name: `${n}.md`,
  type: 'text/markdown',
  bytes: 4,
});

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('types', () => {
  test.each([
    ['notes.md', '', '# a', 'text/markdown'],
    ['main.TS', 'video/mp2t', 'let a', 'application/typescript'],
    ['out.log', '', 'line', 'text/plain'],
    ['a.yaml', 'application/x-yaml', 'a: 1', 'application/yaml'],
    ['table.csv', 'application/vnd.ms-excel', 'a,b', 'text/csv'],
    ['Makefile', 'application/octet-stream', 'all:', 'text/plain'],
    ['no-extension', 'text/css; charset=utf-8', 'a{}', 'text/css'],
    ['odd.constructor', '', 'x', 'text/plain'],
    ['photo.txt', 'text/plain', PNG, 'image/png'],
    ['photo.png', 'image/png', 'no picture', 'text/plain'],
    ['photo.jpg', '', '\xff\xd8\xff\xe0', 'image/jpeg'],
    ['moving.gif', '', 'GIF89a', 'image/gif'],
    ['web', '', 'RIFF\0\0\0\0WEBP', 'image/webp'],
    ['photo.heic', 'image/heic', '\0\0\0\x18ftypheic', null],
    ['latin.txt', 'text/plain', 'caf\xe9', null],
    ['tool.wasm', 'application/wasm', '\0asm', null],
  ])('ui %s, said to be "%s", is sent as what it holds', (name, told, holds, type) => {
    expect(typeOf(name, told, bytesOf(holds))).toBe(type);
  });

  test('ui whatever a file is called and said to be, its type is one that the server takes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string({ unit: 'binary' }), (name, told, text) => {
        const type = typeOf(name, told, new TextEncoder().encode(text));
        expect(type === null || ATTACHMENT_TYPES.includes(type)).toBe(true);
        expect(type === null).toBe(text.includes('\0'));
      }),
    );
  });

  test('ui whatever a file is called, the server takes its name, and its extension stays', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
        const taken = attachmentName(name);
        expect(uploadSchema.safeParse({ name: taken }).success).toBe(true);
        expect(taken.isWellFormed()).toBe(true);
      }),
    );
    const long = attachmentName(`${'a'.repeat(300)}.md`);
    expect(long).toHaveLength(ATTACHMENT_NAME_LENGTH_MAX);
    expect(long.endsWith('.md')).toBe(true);
    expect(attachmentName('a\u202egnp.exe')).toBe('a_gnp.exe');
  });

  test('ui what can’t be attached says why, and names the limit', async () => {
    const large = file('large.md');
    Object.defineProperty(large, 'size', { value: ATTACHMENT_BYTES_MAX + 1 });
    const folder = file('folder');
    folder.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotFoundError'));
    const whys = await Promise.all(
      [large, file('empty.md', ''), folder, file('a.bin', '\0')].map((one) => checkFile(one, one.name)),
    );
    expect(whys).toEqual([
      { why: 'large.md is too large: a file is at most 16 MB.' },
      { why: 'empty.md is empty.' },
      { why: 'folder can’t be read: it is a folder, or gone.' },
      { why: expect.stringContaining('a.bin can’t be attached: images are PNG, JPEG, GIF or WebP') },
    ]);
    expect(await checkFile(file('a.md'), 'a.md')).toEqual({ type: 'text/markdown' });
    expect([1, 900, 2048, 1_600_000].map(fileSize)).toEqual(['1 byte', '900 bytes', '2 kB', '1.5 MB']);
  });

  test('ui pasted text stays text; pictures, and files from a file manager, are attached', () => {
    const paste = (text: string, ...files: File[]) =>
      pastedFiles({ files: files as unknown as FileList, getData: () => text }).length;
    expect(paste('words')).toBe(0);
    expect(paste('a\tb\n1\t2', file('image.png'))).toBe(0);
    expect(paste('', file('image.png'))).toBe(1);
    expect(paste('a.md\nb.md', file('a.md'), file('b.md'))).toBe(2);
  });
});

/** A desk whose uploads end when the test says so. */
function deskWith(changes: Partial<DeskPorts> = {}) {
  const said: string[] = [];
  const begun: { name: string; progress(share: number): void; done(): void; fail(error: Error): void }[] = [];
  let n = 0;
  const desk = createDesk({
    upload: ({ name, type, file: { size } }, progress, signal) =>
      new Promise((resolve, reject) => {
        n += 1;
        const made = { attachment_id: `a_${n}`, name, type, bytes: size };
        signal.addEventListener('abort', () => reject(new ApiError('network', 0, 'cut')));
        begun.push({ name, progress, done: () => resolve(made), fail: reject });
      }),
    isStillThere: async () => true,
    tell: (text) => said.push(text),
    alert: (draft, text) => said.push(`${draft}! ${text}`),
    lockedOut: () => said.push('locked out'),
    ...changes,
  });
  const chips = () => desk.store.getSnapshot().context.chips;
  const shown = () => chips().map((chip) => `${chip.draft} ${chip.name} ${chip.state}`);
  const settles = () => vi.waitFor(() => expect(chips().some(isRunning)).toBe(false), FACT_MS);
  const begins = (count: number) => vi.waitFor(() => expect(begun).toHaveLength(count), FACT_MS);
  return { desk, chips, shown, said, begun, begins, settles };
}

describe('a draft', () => {
  test('ui files are sent two at once, shown with their progress, and kept when they are there', async () => {
    const { desk, shown, said, begun, begins, settles, chips } = deskWith();
    await desk.add('s', [file('a.md'), file('b.md'), file('c.md')]);
    expect(shown()).toEqual(['s a.md sending', 's b.md sending', 's c.md waiting']);
    begun[0]!.progress(0.5);
    expect(chips()[0]).toMatchObject({ share: 0.5 });
    begun[0]!.done();
    await begins(3);
    expect(keptAttachments('s')?.map(({ name }) => name)).toEqual(['a.md']);
    begun[1]!.done();
    begun[2]!.done();
    await settles();
    expect(said).toEqual(['Uploading 3 files', '3 files attached']);
    expect(desk.take('s').map(({ attachment_id }) => attachment_id)).toEqual(['a_1', 'a_2', 'a_3']);
    expect(shown()).toEqual([]);
    expect(keptAttachments('s')).toBeNull();
  });

  test('ui files stand as they were given, whichever arrives first, and behind what was there before', async () => {
    keepAttachments('s', [about(7)]);
    const { desk, chips, begun, begins, settles } = deskWith();
    await desk.open('s');
    await desk.add('s', [file('a.md'), file('b.md'), file('c.md')]);
    const keys = chips().map(({ key }) => key);
    begun[1]!.done();
    await begins(3);
    begun[2]!.done();
    begun[0]!.done();
    await settles();
    expect(chips().map(({ key }) => key)).toEqual(keys);
    expect(keptAttachments('s')?.map(({ name }) => name)).toEqual(['7.md', 'a.md', 'b.md', 'c.md']);
  });

  test('ui more files than a message takes are left out, and said so', async () => {
    const { desk, chips, said } = deskWith();
    await desk.add(
      's',
      Array.from({ length: ATTACHMENTS_MAX + 2 }, (_, n) => file(`${n}.md`)),
    );
    expect(chips()).toHaveLength(ATTACHMENTS_MAX);
    await desk.add('other', [file('there.md')]);
    expect(chips()).toHaveLength(ATTACHMENTS_MAX + 1);
    expect(said[0]).toBe('s! 2 files were left out: a message takes at most 10.');
  });

  test('ui a failed upload stays, says why, and is tried again when asked; a refused one is only removed', async () => {
    const { desk, chips, begun, begins, said } = deskWith();
    await desk.add('s', [file('a.md'), file('b.md')]);
    begun[0]!.fail(new ApiError('network', 0, 'The connection broke.'));
    begun[1]!.fail(new ApiError('unsupported_media_type', 415, 'The file is no text.'));
    await vi.waitFor(() =>
      expect(chips()).toMatchObject([
        { state: 'failed', mayRetry: true, why: 'The connection broke.' },
        { state: 'failed', mayRetry: false, why: 'The file is no text.' },
      ]),
    );
    expect(said).toContain('a.md was not uploaded. The connection broke.');
    desk.remove(chips()[1]!.key);
    desk.retry(chips()[0]!.key);
    await begins(3);
    expect(chips()).toMatchObject([{ state: 'sending', share: 0 }]);
  });

  test('ui a removed file is nowhere, whether it was being checked, waited, was sent or was there', async () => {
    const { desk, chips, begun, shown } = deskWith();
    const adding = desk.add('s', [file('a.md'), file('b.md'), file('c.md'), file('d.md')]);
    desk.remove(chips()[3]!.key);
    await adding;
    desk.remove(chips()[2]!.key);
    desk.remove(chips()[1]!.key);
    begun[0]!.done();
    await vi.waitFor(() => expect(shown()).toEqual(['s a.md attached']), FACT_MS);
    desk.remove(chips()[0]!.key);
    expect(shown()).toEqual([]);
    expect(keptAttachments('s')).toBeNull();
    expect(begun).toHaveLength(2);
  });

  test('ui what a draft held outlives a reload; what the server has forgotten is taken off it, with a word', async () => {
    keepAttachments('s', [about(1), about(2)]);
    const { desk, shown, said } = deskWith({ isStillThere: async (id) => id !== 'a_1' });
    await desk.open('s');
    expect(shown()).toEqual(['s 2.md attached']);
    expect(said).toEqual(['s! 1.md is no longer on the server. Attach it again.']);
    expect(keptAttachments('s')).toEqual([about(2)]);
  });

  test('ui attachments of a refused message come back before what was added since, and are asked for again', async () => {
    const asked: string[] = [];
    const { desk, shown } = deskWith({ isStillThere: async (id) => asked.push(id) > 0 });
    keepAttachments('s', [about(1)]);
    await desk.open('s');
    const taken = desk.take('s');
    keepAttachments('s', [about(2)]);
    returnAttachments('s', taken);
    await desk.open('s');
    expect(shown()).toEqual(['s 1.md attached', 's 2.md attached']);
    expect(asked).toEqual(['a_1', 'a_1', 'a_2']);
  });

  test('ui what another tab attached or sent is so here; what is on its way here stays', async () => {
    const { desk, shown, begun, settles } = deskWith();
    await desk.add('s', [file('mine.md')]);
    keepAttachments('s', [about(7)]);
    desk.heard('weir.attached.s');
    desk.heard('weir.draft.s');
    expect(shown()).toEqual(['s 7.md attached', 's mine.md sending']);
    begun[0]!.done();
    await settles();
    expect(keptAttachments('s')).toHaveLength(2);
    keepAttachments('s', []);
    desk.heard('weir.attached.s');
    expect(shown()).toEqual([]);
  });

  test('ui what another tab sent or took off is not attached again here, heard of or not', async () => {
    keepAttachments('s', [about(7)]);
    const { desk, shown, begun, settles } = deskWith();
    await desk.open('s');
    expect(shown()).toEqual(['s 7.md attached']);
    // A page that stands still hears of nothing.
    keepAttachments('s', []);
    await desk.add('s', [file('mine.md')]);
    begun[0]!.done();
    await settles();
    expect(shown()).toEqual(['s mine.md attached']);
    keepAttachments('s', []);
    expect(desk.take('s')).toEqual([]);
    await desk.open('s');
    expect(shown()).toEqual([]);
  });

  test('ui what was written and attached in a session that another tab deletes is the next draft’s, once, however many tabs showed it', async () => {
    vi.useFakeTimers();
    vi.stubGlobal('fetch', async () => new Response(null, { status: 204 }));
    keepAttachments('s', [about(1), about(2)]);
    keepAttachments('new', [about(2), about(3)]);
    keep(draftKey('s'), 'half a thought');
    const done: Promise<unknown>[] = [];
    const acts = createSessionActs({
      pane: createPaneStore(),
      sessions: { changed() {} } as unknown as SessionList,
      act: (run) => void done.push(run()),
      report() {},
      leave() {},
    });
    acts.remove('s');
    await Promise.all(done);
    rescueDraft('s');
    rescueDraft('s');
    expect(keptAttachments('new')).toEqual([about(1), about(2), about(3)]);
    expect([kept(draftKey('s')), kept(draftKey(null))]).toEqual([null, 'half a thought']);
    // Nobody showed that one.
    keepAttachments('t', [about(4)]);
    acts.remove('t');
    await Promise.all(done);
    vi.runAllTimers();
    expect(keptAttachments('s')).toBeNull();
    expect(keptAttachments('t')).toBeNull();
  });

  test('ui what is on its way while a new session is made is for that session', async () => {
    const { desk, shown, begun, settles } = deskWith();
    await desk.add('new', [file('a.md')]);
    desk.move('new', 's');
    await desk.open('s');
    begun[0]!.done();
    await settles();
    expect(shown()).toEqual(['s a.md attached']);
    expect(keptAttachments('s')).toHaveLength(1);
    expect(keptAttachments('new')).toBeNull();
  });

  test('ui storage that takes nothing never stops an attachment (lesson 95)', async () => {
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    const { desk, begun, settles } = deskWith();
    await desk.add('s', [file('a.md'), file('b.md')]);
    begun[0]!.done();
    begun[1]!.done();
    await settles();
    expect(desk.take('s')).toHaveLength(2);
    expect(desk.take('s')).toHaveLength(0);
  });

  test('ui what had not arrived when its page was left is named by the next one, once', () => {
    const end = watchLeaving(() => ['a.md']);
    dispatchEvent(new Event('pagehide'));
    end();
    expect(leftBehind()).toEqual(['a.md']);
    expect(leftBehind()).toEqual([]);
  });
});
