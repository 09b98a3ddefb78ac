// One thing that happens on the page, carried through its machines as the wiring in `src/ui` does. Knows no server and no
// connection.
import { isOpen } from '../../src/machines/prompt-feed.cards.ts';
import type { Told } from '../support/paths.ts';
import { promptOf } from './backend.ts';
import { type Entry, STREAMS, type StreamNo, streamId } from './log.ts';
import type { Pushed, QueueWord, Request, Response } from './message.ts';
import { bitOf, type Page, viewOf } from './page.ts';
import type { House } from './parts.ts';
import type { Scene } from './scene.ts';
import { AT } from './stepper.ts';

const LIVE = ['token'];
/** Answers `active` that come one by one; what comes then comes in a row, whatever the bound that it meets. */
const ASKS_ONE_BY_ONE = 2;
const ASKS_MAX = 20;
const joined = (one: string, other: string): string => [one, other].filter(Boolean).join(' ');

export class PageTurn {
  readonly house: House;
  readonly scene: Scene;
  readonly next: Page;
  readonly requests: Request[] = [];
  /** the line is to be opened again */
  reattaches = false;
  readonly broken: string[] = [];
  #batch: readonly Entry[] = [];
  #fits = true;

  constructor(house: House, scene: Scene, before: Page) {
    this.house = house;
    this.scene = scene;
    this.next = { ...before, spent: { ...before.spent } };
  }

  actor(stream: StreamNo): number {
    return this.next.attached[stream - 1]!;
  }

  #set(stream: StreamNo, actor: number): void {
    const [one, other] = this.next.attached;
    this.next.attached = stream === 1 ? [actor, other] : [one, actor];
  }

  isShown(stream: StreamNo): boolean {
    return (this.next.settled & bitOf(stream)) !== 0;
  }

  tell(stream: StreamNo, event: Told): void {
    const actor = this.actor(stream);
    if (actor !== 0) this.#stepped(stream, this.house.attachment.tell(actor, event));
  }

  tellAll(event: Told): void {
    for (const stream of STREAMS) this.tell(stream, event);
  }

  fire(stream: StreamNo, timer: string): void {
    this.#stepped(stream, this.house.attachment.fire(this.actor(stream), timer));
  }

  #stepped(stream: StreamNo, { place, commands }: { place: number; commands: Told[] }): void {
    this.#set(stream, place);
    for (const command of commands) this.#perform(stream, command);
    if (this.actor(stream) !== place || !this.house.attachment.at(place).isOver) return;
    this.#set(stream, 0);
    if (this.house.habits.letsGoWhenOver && this.next.owner === stream) this.own(0);
  }

  #perform(stream: StreamNo, command: Told): void {
    switch (command.type) {
      case 'take.frames':
        this.#show(stream, Number(command.after), Number(command.last));
        break;
      case 'clear.view':
        if (stream === 1) this.next.view = '';
        Object.assign(this.next, { cursor: 0, anew: true });
        break;
      case 'reattach':
        this.#fits = false;
        this.reattaches = true;
        break;
      case 'ask.transcript':
        this.requests.push({ type: 'ask', stream, owner: this.#ownerAtAsk() });
        break;
      case 'adopt.transcript':
        this.next.settled |= bitOf(stream);
        if (stream === 1) this.next.view = '';
        break;
      case 'finalize':
        this.#finalize(stream, command.owns_pane === true);
        break;
    }
  }

  /** Told only where the fault is that looks at it. */
  #ownerAtAsk(): number {
    return this.house.habits.looksAfterAwait ? 0 : this.next.owner;
  }

  #show(stream: StreamNo, after: number, last: number): void {
    const shown = this.#batch.filter(({ seq }) => seq! > after && seq! <= last);
    if (stream === 1) this.next.view = joined(this.next.view, viewOf(shown));
  }

  #finalize(stream: StreamNo, owns_pane: boolean): void {
    if (this.house.habits.clearsCards) this.feed({ type: 'stream.finalized', stream_id: streamId(stream) });
    const cards = this.house.feed.at(this.next.feed).context.cards;
    if (cards.some((card) => isOpen(card) && card.entry.stream_id === streamId(stream)))
      this.broken.push('AT3 whoever is finalized leaves no card behind');
    if (!owns_pane) return;
    if (this.next.owner !== stream) this.broken.push('AT3 P6 only the owner of the pane lets it go');
    this.own(0);
  }

  own(owner: 0 | StreamNo): void {
    if (this.next.owner === owner) return;
    this.next.owner = owner;
    this.tellAll({ type: 'pane.changed', owner_stream_id: owner === 0 ? null : streamId(owner) });
  }

  attach(stream: StreamNo, owns: boolean, restored: { cursor: number; isLive: boolean } | null = null): void {
    if (owns) this.own(stream);
    if (this.actor(stream) !== 0) return;
    const { owner } = this.next;
    const { place } = this.house.attachment.born({
      stream_id: streamId(stream),
      cursor: restored?.cursor ?? 0,
      owner_stream_id: owner === 0 ? null : streamId(owner),
      live_content: restored?.isLive ?? false,
      at: AT,
    });
    this.#set(stream, place);
    if (stream === 1 && !restored) this.next.view = '';
    if (this.next.isOpen) this.tell(stream, { type: 'line.opened' });
  }

  feed(event: Told): void {
    this.#fed(this.house.feed.tell(this.next.feed, event));
  }

  fireFeed(timer: string): void {
    this.#fed(this.house.feed.fire(this.next.feed, timer));
  }

  #fed({ place, commands }: { place: number; commands: Told[] }): void {
    this.next.feed = place;
    for (const { type, prompt_id } of commands)
      if (type === 'respond') this.requests.push({ type: 'answer', prompt: String(prompt_id) });
  }

  lost(): void {
    if (!this.next.isOpen) return;
    this.next.isOpen = false;
    this.tellAll({ type: 'line.lost' });
    this.feed({ type: 'line.lost' });
  }

  pushed(message: Pushed): void {
    if (message.type === 'records') this.#take(message);
    else if (message.type === 'queue') this.#state(message.queue);
    else {
      this.next.isOpen = true;
      this.tellAll({ type: 'line.opened' });
      this.feed({ type: 'line.opened' });
      // What was loaded may be ahead of what the server has heard: as if the log were another one, it is loaded anew.
      if (message.head < this.next.cursor) {
        this.requests.push({ type: 'load' });
        return;
      }
      const { active } = message;
      if (active !== 0 && !this.isShown(active)) this.attach(active, true);
      else if (active === 0 && this.next.attached.every((actor) => actor === 0)) this.own(0);
      this.#state(message.queue);
    }
  }

  #state({ version, pending, count }: QueueWord): void {
    const entry = pending === null ? null : promptOf(pending, this.scene.isTimed);
    const state = { session_id: 'x', pending: entry, pending_count: count, version };
    this.feed({ type: 'state.pushed', state });
  }

  /** AT11: nothing behind what does not fit is shown, and the cursor stays where the text ends. */
  #take({ from, entries }: Extract<Pushed, { type: 'records' }>): void {
    for (let index = 0; index < entries.length; ) {
      const pos = from + index + 1;
      if (!this.next.anew && pos <= this.next.cursor) {
        index += 1;
        continue;
      }
      if (!this.next.anew && pos > this.next.cursor + 1) {
        this.reattaches = true;
        return;
      }
      const taken = this.#takeOne(entries, index, pos);
      if (taken === 0) return;
      index += taken;
      Object.assign(this.next, { cursor: from + index, anew: false });
    }
  }

  #takeOne(entries: readonly Entry[], index: number, pos: number): number {
    const entry = entries[index]!;
    if (entry.seq) return this.#takeFrames(entries, index);
    if (entry.kind === 'user' && !this.isShown(entry.stream)) this.attach(entry.stream, true);
    if (entry.kind === 'settled' && !this.scene.statesOnly)
      this.feed({ type: 'prompt.settled', prompt_id: entry.prompt, how: entry.how, by: 'tab', pos });
    return 1;
  }

  #takeFrames(entries: readonly Entry[], index: number): number {
    const { stream } = entries[index]!;
    let end = index + 1;
    while (entries[end]?.seq === entries[end - 1]!.seq! + 1 && entries[end]!.stream === stream) end += 1;
    if (this.actor(stream) === 0) {
      if (this.isShown(stream)) return end - index;
      this.attach(stream, this.next.owner === 0);
    }
    this.#batch = entries.slice(index, end);
    this.#fits = true;
    const last = this.#batch.at(-1)!;
    const terminal = this.#batch.find(({ kind }) => kind === 'terminal');
    this.tell(stream, {
      type: 'frames.arrived',
      first: this.#batch[0]!.seq,
      last: last.seq,
      live: this.#batch.some(({ kind }) => LIVE.includes(kind)),
      ...(terminal && { terminal: terminal.outcome }),
      ...(last.kind === 'end' && { ended: true }),
    });
    this.#batch = [];
    return this.#fits ? end - index : 0;
  }

  responded(response: Response): void {
    if (response.type === 'loaded') this.#restore(response);
    else if (response.type === 'respond') this.#known(response);
    else this.#answered(response);
  }

  #known(response: Extract<Response, { type: 'respond' }>): void {
    const { prompt: prompt_id, result } = response;
    if (result === 'accepted') this.feed({ type: 'respond.accepted', prompt_id, by: 'tab' });
    else if (result === 'stale') this.feed({ type: 'respond.stale', prompt_id, how: null, by: null });
    else this.feed({ type: 'respond.failed', prompt_id, error: 'network' });
  }

  #answered(response: Extract<Response, { type: 'transcript' }>): void {
    const { stream, status, seq, terminal } = response;
    // AT4: the owner is read after the await.
    const owner = this.house.habits.looksAfterAwait ? this.next.owner : response.owner;
    const owner_stream_id = owner === 0 ? null : streamId(owner as StreamNo);
    const event = {
      type: 'transcript.answered',
      status,
      seq,
      owner_stream_id,
      ...(terminal && { terminal }),
    };
    this.tell(stream, event);
    if (status === 'active') this.#askOn(stream, event);
  }

  /** An answer that stays `active`: the first ones one by one, the rest of them in a row. */
  #askOn(stream: StreamNo, event: Told): void {
    for (let asks = 0; asks < ASKS_MAX; asks += 1) {
      const actor = this.actor(stream);
      const { path, context } = this.house.attachment.at(actor);
      if (actor === 0 || path !== 'draining.pausing' || context.try < ASKS_ONE_BY_ONE) return;
      const [timer] = this.house.attachment.at(actor).timers.keys();
      this.fire(stream, timer!);
      this.requests.pop();
      this.tell(stream, event);
    }
  }

  #restore({ cursor, active, seq, view, settled }: Extract<Response, { type: 'loaded' }>): void {
    this.reattaches = true;
    Object.assign(this.next, { attached: [0, 0], cursor, settled, view: '', anew: false, isLoading: false });
    this.next.owner = active;
    if (active === 0 || this.isShown(active)) return;
    this.attach(active, true, { cursor: seq, isLive: view.includes('token') });
    if (active === 1) this.next.view = view;
  }
}
