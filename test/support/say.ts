// Says a line to whoever started this process, before anything else happens: what is killed next has said it.
import { writeSync } from 'node:fs';

/** A pipe whose reader is behind is tried again: a line is short, and goes whole or not at all. */
export function say(line: string): void {
  for (;;)
    try {
      writeSync(1, `${line}\n`);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
}
