// What every machine says of time, at every step of its walk: what time it is, since when it is so, and when it will be
// otherwise. The page shows it; examples would be needed for each state.
import type { Timed } from '../../src/machines/moment.ts';
import { pathOf } from '../../src/machines/path.ts';
import type { Place } from '../support/paths.ts';
import type { Rules } from '../support/rules.ts';

type Lasting = Timed & { since: number };

const isOf = <C>(timer: string, { machine, value }: Place<C>): boolean =>
  timer.startsWith('xstate.after.') && timer.endsWith(`.${machine.id}.${pathOf(value)}`);

/** The first word of a path. */
export const stateOf = (path: string): string => path.split('.')[0] ?? path;

/** `partOf`: paths of one part have their `since` together. Null: it says nothing of it. */
export const timeRules = <C extends Lasting>(partOf: (path: string) => string | null): Rules<C> => ({
  'ST4 what time it is comes from the event, or from the timer that fired': ({ before, at, after }) =>
    after.context.now === before.context.now || after.context.now === at,

  'ST4 a state that a timer ends says when: when it fires': ({ before, event, after, due }) => {
    const { due_at } = after.context;
    if (after.status !== 'active') return due_at === null || partOf(pathOf(after.value)) === null;
    const hasOwn = [...due.keys()].some((timer) => isOf(timer, after));
    if (due_at === null) return !hasOwn;
    // The timer of a state around it, or one after which nothing is waited for: what was said of it is over.
    const isSpent = event.type.startsWith('xstate.after.') && !(hasOwn && isOf(event.type, before));
    return isSpent || [...due.values()].includes(due_at);
  },

  'ST4 a state says since when it lasts': ({ before, at, after }) => {
    const [from, to] = [partOf(pathOf(before.value)), partOf(pathOf(after.value))];
    const { since } = after.context;
    if (to === null || (from === to && since === before.context.since)) return true;
    return since === at;
  },
});
