// What the fourth version adds to the third.

export const FOURTH_SCHEMA = `
-- US dollars, summed over the runs that were told theirs; null: none was.
ALTER TABLE sessions ADD COLUMN cost REAL;
`;
