// The page as the model knows it: one pane of one session, its attachments, its cards, and what it shows. Plain data; what
// happens to it is in `page-turn.ts`.
import type { Entry, StreamNo } from './log.ts';

export interface Page {
  /** actors by run; 0: not watched */
  attached: readonly [number, number];
  /** of the pane */
  owner: 0 | StreamNo;
  /** runs whose settled message is on screen, as bits */
  settled: number;
  /** the last record that was taken */
  cursor: number;
  /** what follows may begin anywhere */
  anew: boolean;
  /** frames of the first run that are on screen, by kind */
  view: string;
  feed: number;
  isOpen: boolean;
  isLoading: boolean;
  spent: { cancels: number; reloads: number };
}

export const pageKey = (page: Page): string =>
  [
    ...page.attached,
    page.owner,
    page.settled,
    page.cursor,
    page.anew,
    page.view,
    page.feed,
    page.isOpen,
    page.isLoading,
    ...Object.values(page.spent),
  ].join();

export const bitOf = (stream: StreamNo): number => 1 << (stream - 1);
export const viewOf = (frames: readonly Entry[]): string => frames.map(({ kind }) => kind).join(' ');
