/** ms from one reading of the wall clock to a later one. One that was set back by hours has gone on meanwhile, too. */
export const passed = (since: number, at: number): number => Math.abs(at - since);
