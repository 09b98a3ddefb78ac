// From any older schema to ours, one step at a time, each in its own transaction. A newer one is refused in words.
import { type Database, within } from './database.ts';
import { FOURTH_SCHEMA } from './fourth-schema.ts';
import { JournalRefusal } from './port.ts';
import { PROMPTS_SCHEMA } from './prompt-schema.ts';
import { APPLICATION_ID, FIRST_SCHEMA } from './schema.ts';
import { fillThird, THIRD_SCHEMA } from './third-schema.ts';

interface Step {
  schema: string;
  /** gives new columns what older rows have to say */
  fill?: (database: Database) => void;
}

/** Step n makes version n + 1 of version n. Steps are only ever added at the end. */
const STEPS: readonly Step[] = [
  { schema: FIRST_SCHEMA },
  { schema: PROMPTS_SCHEMA },
  { schema: THIRD_SCHEMA, fill: fillThird },
  { schema: FOURTH_SCHEMA },
];

export const SCHEMA_VERSION = STEPS.length;

const pragma = (database: Database, name: string): number =>
  Number(Object.values(database.sql(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);

/** @throws JournalRefusal for a newer schema, or a file that is somebody else's */
export function migrate(database: Database, folder: string): void {
  const version = pragma(database, 'user_version');
  const empty = pragma(database, 'schema_version') === 0;
  if (!empty && pragma(database, 'application_id') !== APPLICATION_ID)
    throw new JournalRefusal(`The database in ${folder} is not one of ours; it is left alone.`);
  if (version > SCHEMA_VERSION)
    throw new JournalRefusal(
      `The log in ${folder} was written by a newer version (schema ${version}; this one knows ${SCHEMA_VERSION}). Use that version, or another folder.`,
    );
  STEPS.slice(version).forEach(({ schema, fill }, index) => {
    within(database, 'BEGIN IMMEDIATE', () => {
      database.exec(schema);
      fill?.(database);
      database.exec(`PRAGMA application_id=${APPLICATION_ID}; PRAGMA user_version=${version + index + 1}`);
    });
  });
}
