// Why some mutants survive: each entry says what was changed, and why no test can see it, or why none should.

export interface Survivor {
  /** from the root of the house */
  file: string;
  line: number;
  /** the code as it was, on one line */
  was: string;
  becomes: string;
}

export interface Explanation {
  why: string;
  file: RegExp;
  was: RegExp;
  becomes?: RegExp;
}

const MACHINES = /^src\/machines\//;
const exactly = (code: string): RegExp => new RegExp(`^${code.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);

/** One reason for several changes of one file: the code as it was, and what it becomes (absent: whatever). */
const because = (file: string, why: string, ...changes: [was: string, becomes?: string][]): Explanation[] =>
  changes.map(([was, becomes]) => ({
    why,
    file: exactly(file),
    was: exactly(was),
    ...(becomes !== undefined && { becomes: exactly(becomes) }),
  }));

export const EXPLANATIONS: readonly Explanation[] = [
  {
    why: 'Types only: nothing of it is there when the machine runs.',
    file: MACHINES,
    was: /^\{ input: \{\} as \w+, context: /,
  },
  {
    why: 'A question for the compiler: the chart names this guard or action under that event only, so it is always so.',
    file: MACHINES,
    was: /^(event\.type === '[\w.]+'|'\w+' in event)$/,
    becomes: /^true$/,
  },
  {
    why: 'A question for the compiler: the chart names this guard or action under that event only, so it is always so.',
    file: MACHINES,
    was: /^(frames !== null|!frames|!answer|(arrived|answered)\((args\.)?event\)\?\.\w+|answer\?\.status)$/,
  },
  {
    why: 'A default for the compiler: where the command is given, there is one.',
    file: MACHINES,
    was: /^''$/,
  },
  ...because('src/machines/stream.machine.ts', 'The first state that is entered says it again.', [
    "'starting'",
    '""',
  ]),
  ...because(
    'src/machines/stream.setup.ts',
    'A question for the compiler: a head that is told is a number, a failure has an error, an end that is written an outcome, and a run that settles without one a reason.',
    ["'head' in event && event.head !== undefined", "'head' in event || event.head !== undefined"],
    ['event.head !== undefined', 'true'],
    ['error?.type', 'error.type'],
    ["'interrupted'", '""'],
    ["'unknown'", '""'],
  ),
  ...because(
    'src/machines/stream.machine.ts',
    'Where prompts are told to be none while nobody waits, there were none before.',
    ["{ actions: 'notePending' }", '{}'],
  ),
  ...because('src/machines/stream.machine.ts', 'A run that is active or settled has no tries to tell.', [
    "state === 'draining'",
    'true',
  ]),
  ...because(
    'src/machines/stream.setup.ts',
    'An active run has no terminal; of a stale one the first stays whoever asks.',
    ['context.terminal === null', 'true'],
  ),
  ...because(
    'src/machines/prompt-feed.cards.ts',
    'A question for the compiler: every word with an id is named above; a prompt has an id.',
    ['default: return card;'],
    ['pending && head !== null'],
    ['head !== null', 'true'],
  ),
  ...because('src/machines/prompt-feed.cards.ts', 'It only saves a copy of the cards.', ['over <= 0']),
  ...because(
    'src/machines/prompt-feed.cards.ts',
    'How a prompt ended without an answer is said of cards only from which the draft returns in any case.',
    ["card.state === 'lost'", 'true'],
  ),
  ...because('src/machines/prompt-feed.setup.ts', 'A question for the compiler: what is sent has words.', [
    'reply !== null',
    'true',
  ]),
  ...because('src/machines/prompt-feed.setup.ts', 'A timer that does not run is cancelled for nothing.', [
    'context.cards.filter(isAnswering)',
    'context.cards',
  ]),
  ...because(
    'src/machines/tab-leader.machine.ts',
    'It is set anew by whoever begins to follow, and read by nobody else.',
    ['false', 'true'],
  ),
  ...because('src/machines/line.machine.ts', 'The next action of the same entry says when it is due.', [
    '{ within_ms: null }',
    '{}',
  ]),
  ...because('src/machines/board.store.ts', 'A byte more or less in the megabytes of a ring.', [
    'ring_bytes > BOARD_RING_BYTES_MAX',
    'ring_bytes >= BOARD_RING_BYTES_MAX',
  ]),
  ...because('src/machines/board.store.ts', 'It only saves a copy of the ring.', ['gone === 0', 'false']),
  ...because(
    'src/machines/board.store.ts',
    'It only saves a look: nothing of the ring is newer than its head.',
    ['n >= head'],
  ),
  ...because(
    'src/machines/jitter.ts',
    'Chance is as good with another sequence of seeds, or another mix of a seed’s bits.',
    ['seed + 0x6d2b79f5', 'seed - 0x6d2b79f5'],
    ['bits + Math.imul(bits ^ (bits >>> 7), bits | 61)'],
  ),
  ...because(
    'src/machines/attachment.setup.ts',
    'Asked of what did not fit only: whatever starts behind the cursor, or anywhere where it may, has fitted.',
    ['frames !== null && !context.anew', 'true'],
    ['frames !== null && !context.anew', 'frames !== null || !context.anew'],
    ['frames.first > context.cursor + 1', 'frames.first >= context.cursor + 1'],
  ),
  ...because(
    'src/machines/attachment.setup.ts',
    'A default for the compiler: where it is asked why, there was an answer.',
    ["'error'", '""'],
  ),
  ...because(
    'src/machines/prompt-queue.setup.ts',
    'A question for the compiler: who waits for the first due time, or begins its expiry, has one.',
    ['next === null', 'false'],
    ['nextToExpire(context)?.prompt_id', 'nextToExpire(context).prompt_id'],
  ),
  ...because(
    'src/machines/prompt-queue.machine.ts',
    'The timer of a prompt that was settled meanwhile finds nothing due, and waits for the next one.',
    ["'lasting'", '""'],
  ),
  ...because(
    'src/machines/prompt-queue.setup.ts',
    'A record that was told before says nothing new; what time it was then is told anew by whatever comes next.',
    ['{ now }', '{}'],
  ),
  ...because(
    'src/machines/session.machine.ts',
    'The watch of a queue that waits for nothing lets go of nothing; only the due time that an idle session names would be another.',
    ['context.why !== null', 'true'],
  ),
  ...because(
    'src/machines/session.machine.ts',
    'An idle session that has a run leaves by its `always`, wherever the event points.',
    ["'running'", '""'],
  ),
  ...because('src/machines/session.machine.ts', 'It is set before each take, and read after one only.', [
    'false',
    'true',
  ]),
  ...because(
    'src/journal/walk.ts',
    'It only saves the disk a question: at the head, and for a page of none, the walk finds nothing and misses nothing.',
    ['of.head <= from', 'false'],
    ['of.head <= from', 'of.head < from'],
    ['true', 'false'],
  ),
  ...because(
    'src/journal/walk.ts',
    'It only narrows what is scanned: which frames are taken is said by their stream and number.',
    ['base + of.first_pos + from', 'base + of.first_pos - from'],
    ['base + of.first_pos', 'base - of.first_pos'],
  ),
  ...because(
    'src/journal/settlement.ts',
    'It only narrows what is scanned: whose frames are measured is said by their stream.',
    ['base + stream.first_pos', 'base - stream.first_pos'],
  ),
  ...because(
    'src/journal/walk.ts',
    'A name that was looked up is kept, so that it is not looked up again.',
    ['known !== undefined', 'false'],
    ['names.set(stream_no, name);'],
  ),
  ...because(
    'src/journal/walk.ts',
    'A name for a stream that is gone: whatever it is, the checksum of its frames is another.',
    ["''"],
  ),
  ...because('src/journal/walk.ts', 'A byte more or less in a page of a megabyte.', [
    'bytes >= PAGE_BYTES',
    'bytes > PAGE_BYTES',
  ]),
  ...because(
    'src/journal/settlement.ts',
    'It only saves parsing: a record that is neither a frame nor of a prompt answers no stream.',
    ['!isFrame && !PROMPT_EVENTS.includes(event)', 'false'],
  ),
  ...because(
    'src/journal/settlement.ts',
    'Heads are written before rows are read; that the rows read next hold none of them is no rule of theirs.',
    ['writing.ledger.flush();'],
  ),
  ...because(
    'src/protocol/cursors.ts',
    'It only saves counting bytes: what is longer than the bound in characters is longer in bytes.',
    ['raw.length > CURSOR_BYTES_MAX'],
  ),
  ...because('src/sessions/writer.ts', 'A byte more or less in a megabyte.', [
    'bytes < UNCOMMITTED_BYTES_MAX',
    'bytes <= UNCOMMITTED_BYTES_MAX',
  ]),
  ...because(
    'src/sessions/writer.ts',
    'Who is woken looks again, and waits again: to be woken for nothing costs a turn.',
    ['hasRoom() || fenced', 'true'],
  ),
  ...because('src/sessions/writer.ts', 'It only saves a turn: with room there is no wait.', [
    '!hasRoom()',
    'true',
  ]),
];

const matches = ({ file, was, becomes }: Explanation, survivor: Survivor): boolean =>
  file.test(survivor.file) && was.test(survivor.was) && (becomes?.test(survivor.becomes) ?? true);

/** The first reason that fits; null: none. */
export const explain = (survivor: Survivor): string | null =>
  EXPLANATIONS.find((each) => matches(each, survivor))?.why ?? null;

/** Those that fit no survivor. */
export const unusedExplanations = (survivors: readonly Survivor[]): Explanation[] =>
  EXPLANATIONS.filter((each) => !survivors.some((survivor) => matches(each, survivor)));
