// One draft, several tabs: each tab here has what it shows, and reads what is kept when it hears of others, sooner or later.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { draftsIn, keptDraft, putDraft, returnDraft } from '../../src/ui/draft.ts';
import { keptIn } from '../../src/ui/kept.ts';

/** What a browser keeps, for all its tabs or for one: full, it takes nothing. */
function storage() {
  const items = new Map<string, string>();
  const made = {
    isFull: false,
    getItem: (key: string) => items.get(key) ?? null,
    removeItem: (key: string) => void items.delete(key),
    setItem(key: string, value: string) {
      if (made.isFull) throw new DOMException('full', 'QuotaExceededError');
      items.set(key, value);
    },
  };
  return made as typeof made & Storage;
}

/** Two tabs of a browser: what is shared is there at once, and heard of when a tab is told to. */
function twoTabs() {
  const all = storage();
  const own = [storage(), storage()] as const;
  const open = (tab: 0 | 1) =>
    draftsIn(
      keptIn(() => all),
      keptIn(() => own[tab]),
    );
  const drafts: [ReturnType<typeof open>, ReturnType<typeof open>] = [open(0), open(1)];
  const shown: [string, string] = ['', ''];
  const hear = (tab: 0 | 1): void => {
    shown[tab] = drafts[tab].keptDraft('s');
  };
  return {
    shown: (tab: 0 | 1) => shown[tab],
    hear,
    write(tab: 0 | 1, text: string): void {
      drafts[tab].writeDraft('s', shown[tab], text);
      shown[tab] = text;
    },
    fill(isFull: boolean, isOwnFull: boolean): void {
      all.isFull = isFull;
      for (const one of own) one.isFull = isOwnFull;
    },
    reload(tab: 0 | 1): void {
      drafts[tab] = open(tab);
      hear(tab);
    },
  };
}
const side = fc.constantFrom<0 | 1>(0, 1);

it('ui a tab where nobody writes shows every letter of the draft, and nothing once it was sent', () => {
  const two = twoTabs();
  for (const text of ['f', 'fo', 'fol', 'follow up']) {
    two.write(0, text);
    two.hear(1);
    expect(two.shown(1)).toBe(text);
  }
  two.write(0, '');
  two.hear(1);
  expect(two.shown(1)).toBe('');
});

it('ui a draft begun in one tab, gone on with and sent in another leaves no part of it in the first', () => {
  const two = twoTabs();
  two.write(0, 'foo');
  two.hear(1);
  two.write(1, 'fo, and more');
  two.write(1, '');
  two.hear(0);
  expect(two.shown(0)).toBe('');
});

it('ui tabs that hear of each other before they write show the same, whoever writes', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(side, fc.constantFrom('', ' ', 'a', 'ab', 'b c'))), (acts) => {
      const two = twoTabs();
      for (const [tab, text] of acts) {
        two.hear(tab);
        two.write(tab, text);
        two.hear(tab === 0 ? 1 : 0);
        expect([two.shown(0), two.shown(1)]).toEqual([text, text]);
      }
    }),
  );
});

it('ui who writes at the same moment as another tab keeps their own text, through its sending too', () => {
  const two = twoTabs();
  two.write(0, 'mine');
  two.hear(1);
  two.write(0, 'mine too');
  two.write(1, 'mine, yours');
  two.hear(1);
  two.write(1, 'yours');
  two.write(0, '');
  two.hear(1);
  expect(two.shown(1)).toBe('yours');
});

it('ui of two who write at the same moment neither loses what they wrote to the other', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(side, fc.constantFrom('x', 'xy'), fc.boolean())), (acts) => {
      const two = twoTabs();
      two.write(0, 'one');
      two.write(1, 'other');
      for (const [tab, text, isHeard] of acts) {
        const rest = two.shown(tab === 0 ? 1 : 0);
        two.write(tab, `${two.shown(tab)}${text}`);
        if (isHeard) for (const each of [0, 1] as const) two.hear(each);
        expect(two.shown(tab === 0 ? 1 : 0)).toBe(rest);
      }
    }),
  );
});

it('ui a tab that kept a text of its own shares it again when it is the only one, the same, or given up', () => {
  const apart = () => {
    const two = twoTabs();
    two.write(0, 'theirs');
    two.write(1, 'mine');
    return two;
  };
  const only = apart();
  only.write(0, '');
  only.write(1, 'mine too');
  only.hear(0);
  expect(only.shown(0)).toBe('mine too');
  const same = apart();
  same.write(1, 'theirs');
  same.write(0, '');
  same.hear(1);
  expect(same.shown(1)).toBe('');
  const given = apart();
  given.write(1, ' ');
  given.hear(1);
  expect(given.shown(1)).toBe('theirs');
});

it('ui late news of what another tab wrote and sent takes nothing of what is written here since', () => {
  const two = twoTabs();
  two.write(0, 'theirs');
  two.write(0, '');
  two.write(1, 'mine');
  two.hear(1);
  expect(two.shown(1)).toBe('mine');
});

type Act = { type: 'word' | 'blanks' | 'sent' | 'heard'; tab: 0 | 1 } | { type: 'filled'; full: boolean[] };
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('word' as const), tab: side }) },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constantFrom('heard' as const, 'sent', 'blanks'), tab: side }),
  },
  fc.record({ type: fc.constant('filled' as const), full: fc.tuple(fc.boolean(), fc.boolean()) }),
);

/** Plays what two tabs do; after each act every word that no tab has sent or taken out is shown in one of them. */
function loseNothing(acts: Act[], after: (two: ReturnType<typeof twoTabs>) => void = () => {}): void {
  const two = twoTabs();
  const words = new Set<string>();
  let last = 0;
  for (const one of acts) {
    if (one.type === 'filled') two.fill(one.full[0]!, one.full[1]!);
    else if (one.type === 'heard') two.hear(one.tab);
    else if (one.type === 'word') {
      last += 1;
      words.add(`w${last}`);
      two.write(one.tab, `${two.shown(one.tab)} w${last}`);
    } else {
      for (const word of two.shown(one.tab).split(' ')) words.delete(word);
      two.write(one.tab, one.type === 'sent' ? '' : '  ');
    }
    after(two);
    expect(`${two.shown(0)} ${two.shown(1)}`.split(' ')).toEqual(expect.arrayContaining([...words]));
  }
}

it('ui no word is lost between two tabs that write, blank and send, however late they hear and whatever is full', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40, size: 'max' }), (acts) => loseNothing(acts)),
    { numRuns: 500 },
  );
});

it('ui no word is lost to reloads while a tab can keep its own, though nothing can be shared', () => {
  const full: Act = { type: 'filled', full: [true, false] };
  const rest = act.filter(({ type }) => type !== 'filled');
  fc.assert(
    fc.property(fc.array(rest), fc.array(rest), (before, acts) => {
      loseNothing([...before, full, ...acts], (two) => {
        two.reload(0);
        two.reload(1);
      });
    }),
  );
});

it('ui what is refused comes back before what was written since, and behind what came back before it', () => {
  returnDraft('s_back', 'first');
  expect(keptDraft('s_back')).toBe('first');
  putDraft('s_back', `${keptDraft('s_back')}\n\nwritten since`);
  returnDraft('s_back', 'second');
  expect(keptDraft('s_back')).toBe('first\n\nsecond\n\nwritten since');
  returnDraft('s_back', 'third');
  expect(keptDraft('s_back')).toBe('first\n\nsecond\n\nthird\n\nwritten since');
  // Sent again, and refused again.
  putDraft('s_back', 'firstly');
  returnDraft('s_back', 'first');
  expect(keptDraft('s_back')).toBe('first\n\nfirstly');
});
