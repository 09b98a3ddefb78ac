// One draft, several tabs: each tab here has what it shows, and hears of the others in order, sooner or later.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Draft, draftHeard, draftWritten } from '../../src/ui/draft.ts';

const EMPTY: Draft = { text: '', shared: '' };

/** Two tabs of a browser: what is shared is there at once, and heard of when a tab is told to. */
function twoTabs() {
  const tabs: [Draft, Draft] = [EMPTY, EMPTY];
  const unheard: [string[], string[]] = [[], []];
  let shared = '';
  return {
    shown: (tab: 0 | 1) => tabs[tab].text,
    hear(tab: 0 | 1): void {
      for (const text of unheard[tab].splice(0)) tabs[tab] = draftHeard(tabs[tab], text);
    },
    write(tab: 0 | 1, text: string): void {
      tabs[tab] = draftWritten({ text: tabs[tab].text, shared }, text);
      if (tabs[tab].shared !== shared) unheard[tab === 0 ? 1 : 0].push(tabs[tab].shared);
      shared = tabs[tab].shared;
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
    fc.property(fc.array(fc.tuple(side, fc.constantFrom('', 'a', 'ab', 'b c'))), (acts) => {
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
