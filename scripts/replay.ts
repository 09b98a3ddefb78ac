// npm run replay FILE: steps a recording again through the machines of this source and says whether they still do the same.
// Exit codes: 0 they do; 1 they don't, with the first difference; 2 it is no recording.
import { readFileSync } from 'node:fs';
import { RecordingError, readRecording } from '../src/inspect/recording.ts';
import { type Difference, type Replay, replay } from '../src/inspect/replay.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

function refuse(text: string): never {
  process.stderr.write(`replay: ${text}\n`);
  process.exit(2);
}

function replayed(file: string | undefined): Replay {
  if (file === undefined)
    refuse('npm run replay FILE, a recording of GET /inspect/recording or of a run’s export.');
  try {
    return replay(readRecording(readFileSync(file, 'utf8')));
  } catch (failure) {
    if (failure instanceof RecordingError) refuse(`${file}: ${failure.message}`);
    if ((failure as NodeJS.ErrnoException).code) refuse((failure as Error).message);
    throw failure;
  }
}

function tell({ n, actor, what, recorded, stepped }: Difference): void {
  say(`entry ${n}, ${actor}: ${what} differs`);
  say(`  recorded: ${JSON.stringify(recorded)}`);
  say(`  stepped:  ${JSON.stringify(stepped)}`);
}

const result = replayed(process.argv[2]);
const { actors, events, steps, unchecked, commands, records, differences } = result;
const [first] = differences;
if (first) tell(first);
const counts = [
  `${actors} actors`,
  `${events} events`,
  `${steps} steps taken again`,
  `${commands} commands`,
  ...(records > 0 ? [`${records} records`] : []),
  ...(unchecked > 0 ? [`${unchecked} steps of stores, or of events from before`] : []),
];
say(`${counts.join(', ')}: ${first ? `${differences.length} differences` : 'all as recorded'}`);
process.exitCode = first ? 1 : 0;
