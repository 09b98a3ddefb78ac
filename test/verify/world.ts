// The composition: server × network × page. A state is three numbers, and every move is made of moves of the parts, each
// computed once. Knows no order of exploration.
import type { Backend } from './backend.ts';
import { once, oncePerPair } from './interned.ts';
import { framesOf } from './log.ts';
import { nameOf, type Pushed, type Request } from './message.ts';
import { Network } from './net.ts';
import { createParts, type House, type Parts } from './parts.ts';
import { failureOf, loadedFrom, queueWordOf, transcriptOf, viewsOf } from './reads.ts';
import type { Scene } from './scene.ts';
import { Server } from './server.ts';
import type { Says } from './story.ts';
import { type PageMove, type PageStep, Tab } from './tab.ts';

export type Emit = (
  server: number,
  net: number,
  page: number,
  isFair: boolean,
  says: Says,
  broken: readonly string[],
) => void;

const NOTHING: readonly string[] = [];
const P3_SENT = ['P3 what is sent is the log, from where the last message ended'];

export class World {
  readonly house: House;
  readonly scene: Scene;
  readonly server: Server;
  readonly net = new Network();
  readonly tab: Tab;

  constructor(scene: Scene, parts: Parts = {}) {
    this.house = createParts(parts);
    this.scene = scene;
    this.server = new Server(this.house, scene);
    this.tab = new Tab(this.house, scene);
    this.#serverMoves = once((place) => this.server.moves(place));
    this.#pageMoves = once((place) => this.tab.moves(place));
    this.#pushedTo = oncePerPair((page, id) => this.tab.pushed(page, this.net.pushed.at(id)));
    this.#respondedTo = oncePerPair((page, id) => this.tab.responded(page, this.net.responses.at(id)));
    this.#lost = once((page) => this.tab.lost(page));
    this.#posted = oncePerPair((place, id) => this.#answer(place, this.net.requests.at(id)));
    this.#records = oncePerPair((place, sent) => this.#piece(place, sent));
    this.#queueOf = once((place) => queueWordOf(this.house, this.server.places.at(place)));
    this.#prefixes = once((place) => viewsOf(this.server.places.at(place)));
  }

  readonly #serverMoves;
  readonly #pageMoves;
  readonly #pushedTo;
  readonly #respondedTo;
  readonly #lost;
  readonly #posted;
  readonly #records;
  readonly #queueOf;
  readonly #prefixes;

  first(): [number, number, number] {
    return [this.server.first(), this.net.first(), this.tab.first()];
  }

  /** Claims over the whole; those over a part are checked where the part moves. */
  broken(server: number, net: number, page: number): readonly string[] {
    const { view, cursor } = this.tab.places.at(page);
    const { flight } = this.net.at(net);
    const broken: string[] = [];
    if (!this.#prefixes(server).has(view))
      broken.push('P2 P3 what is shown is the log from its start, without a hole');
    if (cursor > this.server.places.at(server).log.entries.length)
      broken.push('P2 nobody has more than the log');
    if (flight.length > this.scene.inFlight) broken.push('P10 what is under way is bounded');
    if (!this.#isInOrder(flight)) broken.push('P7 CQ4 versions leave in their order');
    return broken.length === 0 ? NOTHING : broken;
  }

  #isInOrder(flight: readonly number[]): boolean {
    let last = -1;
    for (const id of flight) {
      const message = this.net.pushed.at(id);
      if (message.type === 'records') continue;
      if (message.queue.version < last) return false;
      last = message.queue.version;
    }
    return true;
  }

  /** Everything that may happen next. */
  moves(server: number, net: number, page: number, emit: Emit): void {
    for (const move of this.#serverMoves(server)) {
      const { to, cut, isFair, says, broken } = move;
      if (cut) emit(to, this.net.cut(net), this.#lost(page).to, isFair, says, broken);
      else emit(to, net, page, isFair, says, broken);
    }
    const hasRoom = this.net.load(net) < this.scene.inFlight;
    for (const move of this.#pageMoves(page))
      if (hasRoom || !move.needsRoom) this.#pageMove(server, net, move, emit);
    this.#requestMoves(server, net, page, emit);
    this.#responseMoves(server, net, page, emit);
    this.#lineMoves(server, net, page, emit, hasRoom);
  }

  /** A timer that waits for an answer fires when none will come; sooner, if the scene lets answers be late. */
  #pageMove(server: number, net: number, move: PageMove, emit: Emit): void {
    const { awaits, isFair, says } = move;
    const { spent } = this.net.at(net);
    if (awaits === null || !this.net.isUnderWay(net, awaits)) {
      this.#heard(server, net, move, isFair, says, emit);
      return;
    }
    if (spent.delays >= this.scene.delays) return;
    this.#heard(server, this.net.spend(net, 'delays'), move, false, says, emit);
  }

  /** The page has heard something: what it asks is posted, and the line reopens if it wants it to. */
  #heard(server: number, net: number, step: PageStep, isFair: boolean, says: Says, emit: Emit): void {
    const { to, requests, reattaches, broken } = step;
    const posted = this.net.post(reattaches ? this.net.cut(net) : net, requests);
    emit(server, posted, to, isFair, says, broken);
  }

  #requestMoves(server: number, net: number, page: number, emit: Emit): void {
    const { requests, spent } = this.net.at(net);
    const { doubles, losses } = this.scene;
    for (const id of new Set(requests)) {
      const request = this.net.requests.at(id);
      const done = this.#posted(server, id);
      if (done) {
        const says = { from: 'page', to: 'server', text: `${nameOf(request)}: ${done.result}` };
        emit(done.to, this.net.respond(net, id, done.response), page, true, says, done.broken);
      }
      const mayDouble = spent.doubles < doubles && request.type !== 'load';
      if (mayDouble && this.net.load(net) < this.scene.inFlight) {
        const twice = this.net.spend(this.net.post(net, [request]), 'doubles');
        const says = { from: 'page', to: 'network', text: `${nameOf(request)} arrives twice` };
        emit(server, twice, page, false, says, NOTHING);
      }
      const failed = failureOf(request);
      if (spent.losses < losses && failed) {
        const lost = this.net.spend(this.net.respond(net, id, failed), 'losses');
        const says = { from: 'page', to: 'network', text: `${nameOf(request)} is lost` };
        emit(server, lost, page, false, says, NOTHING);
      }
    }
  }

  /** What the server makes of a request. Null: not yet. */
  #answer(place: number, request: Request) {
    const backend = this.server.places.at(place);
    if (!backend.up) {
      if (request.type === 'load') return null;
      return { to: place, response: failureOf(request), result: 'nobody there', broken: NOTHING };
    }
    if (request.type === 'cancel') return { ...this.server.request(place, 'cancel')!, response: null };
    if (request.type === 'answer') {
      const done = this.server.request(place, request.prompt);
      if (!done) return null;
      const { prompt } = request;
      const result = done.result === 'won' ? 'accepted' : 'stale';
      return { ...done, response: { type: 'respond', prompt, result } as const };
    }
    const response = request.type === 'ask' ? transcriptOf(backend, request) : loadedFrom(backend);
    return { to: place, response, result: nameOf(response), broken: NOTHING };
  }

  #responseMoves(server: number, net: number, page: number, emit: Emit): void {
    const { responses } = this.net.at(net);
    for (const id of new Set(responses)) {
      const says = { from: 'server', to: 'page', text: nameOf(this.net.responses.at(id)) };
      this.#heard(server, this.net.responded(net, id), this.#respondedTo(page, id), true, says, emit);
    }
  }

  #lineMoves(server: number, net: number, page: number, emit: Emit, hasRoom: boolean): void {
    const { isOpen, flight, late, spent } = this.net.at(net);
    const { drops, late: mayBeLate } = this.scene;
    const [next] = flight;
    if (next !== undefined) {
      const says = { from: 'server', to: 'page', text: nameOf(this.net.pushed.at(next)) };
      this.#heard(server, this.net.delivered(net), this.#pushedTo(page, next), true, says, emit);
    }
    for (const id of late) {
      const says = { from: 'network', to: 'page', text: `late: ${nameOf(this.net.pushed.at(id))}` };
      const over = this.net.change(net, { late: [] });
      this.#heard(server, over, this.#pushedTo(page, id), false, says, emit);
      emit(
        server,
        over,
        page,
        true,
        { from: 'network', to: 'network', text: 'what was late is lost' },
        NOTHING,
      );
    }
    if (isOpen && spent.drops < drops)
      for (const isLate of mayBeLate ? [false, true] : [false]) {
        const closed = isLate ? this.net.cutLate(net) : this.net.cut(net);
        const cut = this.net.spend(closed, 'drops');
        const says = { from: 'network', to: 'page', text: 'the connection is lost' };
        emit(server, cut, this.#lost(page).to, false, says, NOTHING);
      }
    const backend = this.server.places.at(server);
    if (!backend.up || this.tab.places.at(page).isLoading) return;
    if (!isOpen) this.#connect(server, net, page, emit);
    else this.#send(server, net, page, emit, hasRoom);
  }

  /** CQ2: the snapshot, and what is pushed from then on, begin in one step. */
  #connect(server: number, net: number, page: number, emit: Emit): void {
    const { habits } = this.house;
    const { heard, owners } = this.server.places.at(server);
    const { cursor } = this.tab.places.at(page);
    const isLive = (role: 'first' | 'second') => {
      const owner = owners[role];
      return owner !== null && !this.house.stream.at(owner.actor).isOver;
    };
    const queue = this.#queueOf(server);
    const active = isLive('second') ? 2 : isLive('first') ? 1 : 0;
    const message: Pushed = { type: 'opened', head: heard, active, queue };
    const begin = habits.beginsAtBirth || cursor > 0 ? cursor + habits.beginsBehindCursor : heard;
    const isSubscribed = habits.subscribesWithSnapshot;
    // A cursor from the future: the page finds out, and begins anew.
    const given = Math.min(cursor, heard);
    const sent = Math.max(0, Math.min(begin, heard));
    const opened = { isSubscribed, sent, given, told: queue.version };
    const says = { from: 'page', to: 'server', text: `connects from ${cursor}` };
    emit(server, this.net.open(net, message, opened), page, true, says, NOTHING);
  }

  #send(server: number, net: number, page: number, emit: Emit, hasRoom: boolean): void {
    const { habits } = this.house;
    const { sent, given, told: version, isSubscribed } = this.net.at(net);
    const { heard } = this.server.places.at(server);
    const queue = this.#queueOf(server);
    if (!isSubscribed) {
      const says = { from: 'server', to: 'server', text: 'subscribes to the queue' };
      emit(
        server,
        this.net.change(net, { isSubscribed: true, told: queue.version }),
        page,
        true,
        says,
        NOTHING,
      );
    }
    if (sent < heard && hasRoom) {
      const { id, says, isTrue } = this.#records(server, sent);
      const broken = isTrue && sent === given ? NOTHING : P3_SENT;
      emit(server, this.net.sent(net, id), page, true, says, broken);
    }
    if (sent < heard && !hasRoom && !habits.owesWhatIsLeftOut) {
      const says = { from: 'server', to: 'server', text: 'leaves out what does not fit' };
      emit(server, this.net.change(net, { sent: heard }), page, false, says, NOTHING);
    }
    if (isSubscribed && queue.version !== version && hasRoom) {
      const says = { from: 'server', to: 'network', text: `sends the queue at ${queue.version}` };
      const id = this.net.pushed.id({ type: 'queue', queue });
      const told = habits.tellsInOrder ? this.net.told(net, id) : this.net.toldFirst(net, id);
      emit(server, told, page, true, says, NOTHING);
    }
  }

  /** What a reader behind `sent` is sent, and whether it is the log. */
  #piece(server: number, sent: number) {
    const { heard, log } = this.server.places.at(server);
    const entries = log.entries.slice(sent, heard);
    const message = { type: 'records', from: sent, length: entries.length, entries } as const;
    const stamped = { ...message, entries: this.#stamped(entries, log) };
    const says = { from: 'server', to: 'network', text: `sends ${nameOf(stamped)}` };
    return { id: this.net.pushed.id(stamped), says, isTrue: nameOf(stamped) === nameOf(message) };
  }

  /** The faults of what is sent; without them, what is in the log. */
  #stamped(entries: Backend['log']['entries'], log: Backend['log']): Backend['log']['entries'] {
    const { stampsOwnNumber, replaysTerminals } = this.house.habits;
    if (!replaysTerminals && entries.length > 1) return entries.filter(({ kind }) => kind !== 'terminal');
    if (stampsOwnNumber) return entries;
    return entries.map((entry) =>
      entry.seq ? { ...entry, seq: framesOf(log, entry.stream).length } : entry,
    );
  }
}
