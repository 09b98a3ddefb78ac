// The attachments of every draft as they are shown: what is there, what is on its way, what failed. Plain values; every change is
// a named event, and nothing here sends, keeps or draws.
import { createStore } from '@xstate/store';
import type { Attachment } from '../../protocol/attachment.ts';
import type { Upload } from './upload.ts';

export interface Common {
  /** its own for life, in this page: no focus is lost when a file has arrived */
  key: string;
  /** files stand as they were given, whichever arrives first; 0 for what was there before this page */
  place: number;
  draft: string;
  name: string;
  bytes: number;
}
export type Chip = Common &
  (
    | { state: 'checking'; file: File }
    | { state: 'waiting'; upload: Upload }
    /** `share`: how much of it is sent, 0 to 1 */
    | { state: 'sending'; upload: Upload; share: number }
    | { state: 'failed'; upload: Upload; why: string; mayRetry: boolean }
    | { state: 'attached'; about: Attachment }
  );
export type In<S extends Chip['state']> = Extract<Chip, { state: S }>;

export const isAttached = (chip: Chip): chip is In<'attached'> => chip.state === 'attached';
export const isRunning = (chip: Chip): boolean => chip.state !== 'attached' && chip.state !== 'failed';
export const commonOf = ({ key, place, draft, name, bytes }: Chip): Common => ({
  key,
  place,
  draft,
  name,
  bytes,
});
const inPlace = (chips: Chip[]): Chip[] => chips.toSorted((one, other) => one.place - other.place);

export const createChips = () =>
  createStore({
    context: { chips: [] as Chip[] },
    on: {
      added: ({ chips }, { more }: { more: Chip[] }) => ({ chips: [...chips, ...more] }),
      changed: ({ chips }, { key, to }: { key: string; to: Chip | null }) => ({
        chips: chips.flatMap((chip) => (chip.key !== key ? [chip] : to ? [to] : [])),
      }),
      /** What is attached to a draft is this, whatever was known; what is on its way stays. */
      read: ({ chips }, { draft, attached }: { draft: string; attached: Chip[] }) => ({
        chips: inPlace([...attached, ...chips.filter((chip) => chip.draft !== draft || !isAttached(chip))]),
      }),
      moved: ({ chips }, { from, to }: { from: string; to: string }) => ({
        chips: chips.map((chip) => (chip.draft === from ? { ...chip, draft: to } : chip)),
      }),
    },
  });
export type Chips = ReturnType<typeof createChips>;
