// What must hold of the page, in every place: P1–P12 as far as they speak of it. Knows no server.
import * as bounds from '../../src/machines/bounds.ts';
import { isOpen } from '../../src/machines/prompt-feed.cards.ts';
import type { Page } from './page.ts';
import type { House } from './parts.ts';

type Claims = Record<string, (step: { before: Page; after: Page; house: House }) => boolean>;

export const pageClaims: Claims = {
  'P9 AT1 no ask, and no reattachment of one hole, is beyond its bound': ({ after, house }) =>
    after.attached.every((actor) => {
      if (actor === 0) return true;
      const { context } = house.attachment.at(actor);
      return context.try <= 1 + bounds.SETTLE_ASKS_MAX && context.holes <= bounds.HOLES_MAX;
    }),

  'P7 CQ1 at most one card asks': ({ after, house }) =>
    house.feed.at(after.feed).context.cards.filter(({ state }) => state === 'pending').length <= 1,

  'P10 cards are bounded': ({ after, house }) => {
    const { cards } = house.feed.at(after.feed).context;
    return cards.filter((card) => !isOpen(card)).length <= bounds.CARDS_OVER_MAX;
  },

  'P11 no attachment that is over has a timer': ({ after, house }) =>
    after.attached.every((actor) => actor === 0 || !house.attachment.at(actor).isOver),

  'P4 AT7 what is shown of a run has one terminal': ({ after }) =>
    after.view.split(' ').filter((kind) => kind === 'terminal').length <= 1,

  'PF3 P7 the cards never go back to an older version': ({ before, after, house }) => {
    const versionOf = (page: Page) => house.feed.at(page.feed).context.state?.version ?? -1;
    return after.isLoading || versionOf(after) >= versionOf(before);
  },
};

const claims = Object.entries(pageClaims);

export const pageBrokenBy = (step: { before: Page; after: Page; house: House }): string[] =>
  claims.filter(([, holds]) => !holds(step)).map(([name]) => name);
