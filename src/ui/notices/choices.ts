// How this browser wants to call its person: nothing, until it was asked for. Kept for all its tabs.
import * as z from 'zod/mini';
import { NOTICE_KINDS, type NoticeKind } from '../../protocol/notices.ts';
import { keep, kept } from '../kept.ts';

const KEY = 'notices';

const choicesSchema = z.object({
  /** notifications while a page is open */
  shows: z.boolean(),
  sounds: z.boolean(),
  /** Web Push, also while none is */
  pushes: z.boolean(),
  kinds: z.array(z.enum(NOTICE_KINDS)),
});
export type Choices = z.infer<typeof choicesSchema>;

const NONE: Choices = { shows: false, sounds: false, pushes: false, kinds: ['waiting'] };

export function keptChoices(): Choices {
  try {
    const parsed = z.safeParse(choicesSchema, JSON.parse(kept(KEY) ?? ''));
    return parsed.success ? parsed.data : NONE;
  } catch {
    return NONE;
  }
}

export const isAnyChosen = ({ shows, sounds, pushes }: Choices): boolean => shows || sounds || pushes;

export const isSame = (a: readonly NoticeKind[], b: readonly NoticeKind[]): boolean =>
  a.length === b.length && a.every((kind) => b.includes(kind));

/** What is kept where nothing is chosen is nothing: such a page loads no more than before. */
export function keepChoices(choices: Choices): void {
  const isNone = !isAnyChosen(choices) && isSame(choices.kinds, NONE.kinds);
  keep(KEY, isNone ? null : JSON.stringify(choices));
}
