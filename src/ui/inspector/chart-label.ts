// What is written beside a way of a chart, and how much room it needs. The room is reckoned, not measured: places of labels
// are made with the charts. Pure.

/** Of an em of 11 px, in the widest of the usual fonts. */
const CHAR_PX = 7;
const AROUND_PX = 8;

export const LABEL_HEIGHT = 15;
export const labelWidth = (text: string): number => text.length * CHAR_PX + AROUND_PX;

/** Of an event of a machine; a due time is told as `xstate.after.<delay>.<state>`. */
export const labelOf = (by: string): string =>
  by.startsWith('xstate.after.') ? `after ${by.split('.')[2]}` : by;

/** Of a transition as a chart has it, such as `after quietAfter 30 s [wasHeard] / ask`: by what it is taken. */
export function takenBy(transition: string): string {
  const [word = '', delay] = transition.split(' ');
  return word === 'after' ? `after ${delay}` : word;
}
