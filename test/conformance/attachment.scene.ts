// What one attachment of a page must be in, worked out apart from the page: the pure machine, the facts of the feed and of
// the line, and which fact the page tells it. Knows no browser.
import type { AnyStateMachine } from 'xstate';
import { type AttachmentContext, attachmentMachine } from '../../src/machines/attachment.machine.ts';
import { pathOf } from '../../src/machines/path.ts';
import type { Outcome } from '../../src/protocol/index.ts';
import type { Coverage } from '../support/coverage.ts';
import type { Told } from '../support/paths.ts';
import { Life } from './life.ts';

const STREAM = 'run';
const NEWER = 'newer';

export interface FeedFacts {
  /** `down`: broken, or taken up again and not open yet */
  line: 'open' | 'down';
  /** of this stream, as the feed has told it */
  seq: number;
  /** tokens that were taken, and those that are drawn: an emptied view is drawn on until something new comes (AT8) */
  tokens: number;
  drawn: number;
  /** an article of it is there */
  isDrawn: boolean;
  /** what is drawn has its last frame */
  isOver: boolean;
  hasTerminal: boolean;
  hasEnd: boolean;
  /** asks that wait for an answer */
  asks: number;
  /** a newer run has begun */
  isPassed: boolean;
  /** another tab has asked for the line */
  isShared: boolean;
  hidden: boolean;
  offline: boolean;
}

/** A frame as the feed says it. */
export type ForgedFrame = 'token' | 'title' | 'done' | 'stream_end';

export class AttachmentScene {
  elapsed = 0;
  facts: FeedFacts;
  life!: Life<AttachmentContext>;
  /** what it commanded in the step that was just made */
  commands: Told[] = [];

  private constructor(facts: FeedFacts) {
    this.facts = facts;
  }

  /** A run begins on a page whose line is open; its `stream_started` has come with its message. */
  static begin(of: { machine?: AnyStateMachine; coverage?: Coverage } = {}): AttachmentScene {
    const scene = new AttachmentScene({
      line: 'open',
      seq: 0,
      tokens: 0,
      drawn: 0,
      isDrawn: false,
      isOver: false,
      hasTerminal: false,
      hasEnd: false,
      asks: 0,
      isPassed: false,
      isShared: false,
      hidden: false,
      offline: false,
    });
    const input = { stream_id: STREAM, cursor: 0, owner_stream_id: STREAM, live_content: false, at: 0 };
    const { machine = attachmentMachine, coverage } = of;
    scene.life = Life.born<AttachmentContext>(machine, input, 0, coverage).life;
    scene.tell({ type: 'line.opened' });
    return scene;
  }

  get path(): string {
    return pathOf(this.life.snapshot.value);
  }
  get context(): AttachmentContext {
    return this.life.snapshot.context;
  }

  clear(): this {
    this.commands = [];
    this.life.steps = [];
    return this;
  }

  copy(): AttachmentScene {
    const scene = new AttachmentScene({ ...this.facts });
    scene.elapsed = this.elapsed;
    scene.life = this.life.copy();
    return scene;
  }

  tell(event: Told): void {
    this.#perform(this.life.tell({ ...event, at: this.elapsed }, this.elapsed));
  }

  /** `skips`: so many numbers are left out before the first. */
  frames(names: ForgedFrame[], skips = 0): void {
    const { facts } = this;
    const first = facts.seq + skips + 1;
    const tokens = names.filter((name) => name === 'token').length;
    const isFenced = this.context.terminal !== null;
    const before = this.commands.length;
    const last = first + names.length - 1;
    this.tell({
      type: 'frames.arrived',
      first,
      last,
      live: tokens > 0,
      ...(names.includes('done') && { terminal: 'completed' }),
      ...(names.at(-1) === 'stream_end' && { ended: true }),
    });
    const isTaken = this.commands.slice(before).some(({ type }) => type === 'take.frames');
    if (!isTaken) return;
    facts.seq = last;
    if (!isFenced) facts.tokens += tokens;
    facts.drawn = facts.tokens;
    facts.isDrawn = true;
    facts.isOver = names.includes('stream_end');
    facts.hasTerminal ||= names.includes('done');
    facts.hasEnd ||= names.includes('stream_end');
  }

  answered(status: string, seq: number, terminal?: Outcome): void {
    this.facts.asks -= 1;
    const { owner_stream_id } = this.context;
    this.tell({ type: 'transcript.answered', status, seq, owner_stream_id, ...(terminal && { terminal }) });
  }

  /** Another run of the session begins: the pane is its. */
  pass(): void {
    this.facts.isPassed = true;
    this.tell({ type: 'pane.changed', owner_stream_id: NEWER });
  }

  wait(): number | null {
    const due = this.life.due();
    return due === null ? null : Math.max(0, due - this.elapsed);
  }

  goOn(ms: number): void {
    const until = this.elapsed + ms;
    for (let due = this.life.due(); due !== null && due <= until; due = this.life.due()) {
      this.elapsed = Math.max(this.elapsed, due);
      this.#perform(this.life.fire());
    }
    this.elapsed = until;
  }

  #perform(commands: Told[]): void {
    this.commands.push(...commands);
    for (const { type, owns_pane } of commands) {
      if (type === 'ask.transcript') this.facts.asks += 1;
      else if (type === 'reattach') this.facts.line = 'down';
      // The pane is free: everybody on it hears so.
      else if (type === 'finalize' && owns_pane) this.tell({ type: 'pane.changed', owner_stream_id: null });
      else if (type === 'clear.view') Object.assign(this.facts, { seq: 0, tokens: 0 });
    }
  }
}
