// What is said beside a title that was made of the same words: not the words again. Pure.

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** null: the title says it already, cut off or not. */
export function besideTitle(title: string, text: string | null): string | null {
  if (text === null || title === '') return text;
  return oneLine(text).startsWith(oneLine(title.replace(/…$/, ''))) ? null : text;
}
