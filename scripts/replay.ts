// npm run replay FILE: steps a recording again through the machines of this source and says whether they still do the same.
import { readFileSync } from 'node:fs';
import { RecordingError, readRecording } from '../src/inspect/recording.ts';
import { type Difference, type Replay, replay } from '../src/inspect/replay.ts';
import { readCall } from '../test/support/command.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const warn = (text: string): void => void process.stderr.write(`replay: ${text}\n`);

function refuse(text: string): never {
  warn(text);
  process.exit(2);
}

function replayed(file: string): Replay {
  try {
    const recording = readRecording(readFileSync(file, 'utf8'));
    const { cut_line } = recording;
    if (cut_line !== null) warn(`${file}: The file ends in the middle of line ${cut_line}.`);
    return replay(recording);
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

/** What was checked, in words: of a run's export its log, of a recording its steps. */
function tellSame({ actors, events, steps, unchecked, commands, records }: Replay): void {
  if (records > 0)
    say(`${records} records of a run’s log: in order, none missing between them, and nothing after an end`);
  const left = unchecked > 0 ? `${unchecked} steps are a store’s, or without their event` : '';
  const also = left && `, ${left}`;
  const stepped = `${actors} actors, ${events} events, ${steps} steps taken again, ${commands} commands${also}: all as recorded`;
  say(steps > 0 ? stepped : `nothing was stepped: ${left || 'there is no step in it'}`);
}

const { operands } = readCall({
  call: 'npm run replay',
  does: 'Steps a recording again through the machines of this source, and says whether they still do the same. Of a run’s export, which holds no events of machines, it checks the log: its order and its end.',
  options: {},
  operands: {
    value: 'FILE',
    help: 'a recording (GET /inspect/recording), or a run’s export (GET /api/chat/export)',
    min: 1,
    max: 1,
  },
  takes: 'about a second',
  exits: '0 all as recorded; 1 something differs, and the first of it is told',
});
const result = replayed(operands[0] ?? '');
const [first] = result.differences;
if (first) {
  tell(first);
  say(`${result.differences.length} differences in ${result.steps} steps and ${result.records} records`);
} else tellSame(result);
process.exitCode = first ? 1 : 0;
