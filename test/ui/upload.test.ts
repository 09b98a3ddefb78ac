// @vitest-environment jsdom
// One file on its way: whatever becomes of its request, it ends, and says how.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { upload } from '../../src/ui/attachments/upload.ts';

/** A request that does what the test says. */
class FakeRequest {
  static last: FakeRequest;
  upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;
  status = 0;
  responseText = '';
  asked: string[] = [];
  constructor() {
    FakeRequest.last = this;
  }
  open(method: string, path: string): void {
    this.asked.push(`${method} ${path}`);
  }
  setRequestHeader(name: string, value: string): void {
    this.asked.push(`${name}: ${value}`);
  }
  send(): void {}
  abort(): void {
    this.onabort?.();
  }
  answer(status: number, text: string): void {
    this.status = status;
    this.responseText = text;
    this.onload?.();
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('XMLHttpRequest', FakeRequest);
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function begin() {
  const shares: number[] = [];
  const end = new AbortController();
  const file = new File(['# a'], 'a b&c.md');
  const ended = upload(
    { file, name: 'a b&c.md', type: 'text/markdown' },
    (share) => shares.push(share),
    end.signal,
  );
  return { request: FakeRequest.last, shares, end, ended };
}
const about = { attachment_id: 'a_1', name: 'a b&c.md', type: 'text/markdown', bytes: 3 };

test('ui an upload names its file and type, tells how far it is, and gives what the server made of it', async () => {
  const { request, shares, ended } = begin();
  expect(request.asked).toEqual(['POST /api/attachments?name=a%20b%26c.md', 'Content-Type: text/markdown']);
  request.upload.onprogress!({ loaded: 1, total: 4 });
  request.answer(201, JSON.stringify(about));
  expect(await ended).toEqual(about);
  expect(shares).toEqual([0.25]);
});

test.each([
  [
    507,
    '{"error":"The disk is full.","code":"storage_full"}',
    { code: 'storage_full', message: 'The disk is full.' },
  ],
  [502, '<html>', { code: 'answer', message: 'The server answered 502.' }],
  [201, '{"id":1}', { code: 'answer', status: 201 }],
])('ui an upload that is answered %i ends with what was said', async (status, text, error) => {
  const { request, ended } = begin();
  request.answer(status, text);
  await expect(ended).rejects.toMatchObject(error);
});

test('ui an upload ends when its connection breaks, when it is taken back, and when nothing moves any more', async () => {
  const broken = begin();
  broken.request.onerror!();
  await expect(broken.ended).rejects.toMatchObject({ code: 'network' });
  const back = begin();
  back.end.abort();
  await expect(back.ended).rejects.toMatchObject({ code: 'network' });
  const silent = begin();
  vi.advanceTimersByTime(29_000);
  silent.request.upload.onprogress!({ loaded: 1, total: 2 });
  vi.advanceTimersByTime(29_000);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(1_000);
  await expect(silent.ended).rejects.toMatchObject({ code: 'network', message: 'The connection broke.' });
});
