// @vitest-environment jsdom
// What storage does not take is lost by nobody while the page is there; what another tab keeps is read as it is now.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keptDraft, putDraft } from '../../src/ui/draft.ts';
import { rescueDraft } from '../../src/ui/draft-rescue.ts';
import { draftKey, keep, kept, keptIn, tabStorage, watchKept } from '../../src/ui/kept.ts';
import {
  appendPromptDraft,
  keptPromptDraft,
  promptDraftKey,
  returnPromptDraft,
} from '../../src/ui/prompts/prompt-draft.ts';

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const key of [draftKey(null), draftKey('s'), promptDraftKey('c')]) {
    keep(key, null);
    tabStorage.keep(key, null);
  }
});

const full = (): never => {
  throw new DOMException('full', 'QuotaExceededError');
};

/** Room for so many letters in each storage, keys aside. */
function room(letters: number): void {
  const setItem = Storage.prototype.setItem;
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(function (this: Storage, key, value) {
    let sum = value.length;
    for (let n = 0; n < this.length; n += 1)
      if (this.key(n) !== key) sum += this.getItem(this.key(n)!)!.length;
    if (sum > letters) full();
    setItem.call(this, key, value);
  });
}

test('ui what storage does not take is there as long as the page, until it is taken or forgotten (lesson 95)', () => {
  const { keep, kept } = keptIn(() => localStorage);
  expect(keep('a', 'old')).toBe(true);
  room(3);
  expect(keep('a', 'newer')).toBe(false);
  expect(kept('a')).toBe('newer');
  expect(keptIn(() => localStorage).kept('a')).toBe('old');
  expect(keep('a', 'new')).toBe(true);
  expect(keep('a', 'newer')).toBe(false);
  expect(keep('a', null)).toBe(true);
  expect(kept('a')).toBeNull();
});

test('ui what storage did not take is over once another tab’s was there, also when that is gone again', () => {
  const take = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(full);
  keep('draft.s', 'X');
  take.mockRestore();
  localStorage.setItem('weir.draft.s', 'Y');
  expect(kept('draft.s')).toBe('Y');
  localStorage.removeItem('weir.draft.s');
  expect(kept('draft.s')).toBeNull();
});

test('ui what another tab keeps goes before what storage did not take from this one', () => {
  const { keep, kept } = keptIn(() => localStorage);
  room(3);
  keep('a', 'mine, long');
  localStorage.setItem('weir.a', 'now');
  expect(kept('a')).toBe('now');
});

test('ui a page whose storage is blocked has what it kept (lesson 95)', () => {
  const { keep, kept } = keptIn(() => {
    throw new DOMException('no', 'SecurityError');
  });
  expect(kept('a')).toBeNull();
  expect(keep('a', 'text')).toBe(false);
  expect(kept('a')).toBe('text');
  keep('a', null);
  expect(kept('a')).toBeNull();
});

test('ui a message that comes back while no storage takes it is in the draft', () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(full);
  putDraft('s', 'refused');
  expect(keptDraft('s')).toBe('refused');
});

test('ui the draft of a session that is gone is the next one’s, however little room there is', () => {
  putDraft('s', 'z'.repeat(600));
  room(1000);
  rescueDraft('s');
  expect(localStorage.getItem('weir.draft.new')).toBe('z'.repeat(600));
  keep(draftKey('s'), 'y'.repeat(400));
  room(500);
  rescueDraft('s');
  expect(keptDraft(null)).toBe(`${'z'.repeat(600)}\n\n${'y'.repeat(400)}`);
  expect(keptDraft('s')).toBe('');
});

test('ui of a session that is gone both texts are rescued: what the tabs shared, and what this one has for itself', () => {
  localStorage.setItem('weir.draft.s', 'theirs');
  sessionStorage.setItem('weir.draft.s', 'mine');
  rescueDraft('s');
  expect(keptDraft(null)).toBe('theirs\n\nmine');
  // A tab that was duplicated has the same.
  sessionStorage.setItem('weir.draft.s', 'mine');
  rescueDraft('s');
  expect(keptDraft(null)).toBe('theirs\n\nmine');
});

test('ui a draft is not taken for rescued because another one ends as it does', () => {
  putDraft(null, 'please do not');
  putDraft('s', 'do not');
  rescueDraft('s');
  expect(keptDraft(null)).toBe('please do not\n\ndo not');
});

test.each([
  ['that ends', returnPromptDraft],
  ['that is over, when a person wants it,', appendPromptDraft],
])('ui what was written on a card %s is in the message, however little room there is', (_how, give) => {
  keep(promptDraftKey('c'), 'z'.repeat(600));
  room(1000);
  give('s', 'c');
  expect(localStorage.getItem('weir.draft.s')).toBe('z'.repeat(600));
  expect(keptPromptDraft('c')).toBe('');
  putDraft('s', '');
  keep(promptDraftKey('c'), 'z'.repeat(600));
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(full);
  give('s', 'c');
  expect(keptDraft('s')).toBe('z'.repeat(600));
});

test('ui news of another tab is read as it is kept now, when it comes and when a page that stood still is shown', () => {
  const read: (string | null)[] = [];
  const end = watchKept('a', () => read.push(kept('a')));
  keep('a', 'now');
  dispatchEvent(new StorageEvent('storage', { key: 'weir.a', newValue: 'late' }));
  dispatchEvent(new StorageEvent('storage', { key: 'weir.b', newValue: 'other' }));
  dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  end();
  dispatchEvent(new StorageEvent('storage', { key: 'weir.a', newValue: 'later' }));
  dispatchEvent(new Event('pageshow'));
  keep('a', null);
  expect(read).toEqual(['now', 'now']);
});
