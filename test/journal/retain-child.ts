// A process that cuts a log and dies by kill -9 after so many commits of that. Started by retain.test.ts.
import { openJournal } from '../../src/journal/open.ts';

const [folder = '', commits = '1'] = process.argv.slice(2);
const silent = () => {};
const log = { debug: silent, info: silent, warn: silent, error: silent };
const journal = await openJournal({ folder, log, reserve_bytes: 65536 });
const last = journal.counts().commits + Number(commits);
const look = () => {
  if (journal.counts().commits >= last) process.kill(process.pid, 'SIGKILL');
  setImmediate(look);
};
look();
await journal.retain({ runs: 1, days: 0, bytes: 0 }, 1_000);
