// What may happen on the server: agents that speak, commits that land or are refused, timers, kill -9, another owner. Every
// list of moves is complete for its place; what a scene does not allow is left out. Knows no page.
import { type Backend, backendKey, type Owner, ROLES, type Role } from './backend.ts';
import { crash, expire, follow, land, refuse, restart, takeOver } from './happenings.ts';
import { Interned } from './interned.ts';
import { activeOf, type Entry, firstLog, of } from './log.ts';
import type { House } from './parts.ts';
import type { Scene } from './scene.ts';
import { brokenBy } from './server.rules.ts';
import type { Says } from './story.ts';
import { Turn } from './turn.ts';

export interface ServerMove {
  to: number;
  says: Says;
  /** it happens, some time, whatever else does; faults, people and agents are not fair */
  isFair: boolean;
  /** connections end */
  cut: boolean;
  broken: readonly string[];
}

const says = (from: string, to: string, text: string): Says => ({ from, to, text });

export class Server {
  readonly places = new Interned<Backend>(backendKey);
  readonly #house: House;
  readonly #scene: Scene;
  #moves: ServerMove[] = [];
  #from: Backend | null = null;

  constructor(house: House, scene: Scene) {
    this.#house = house;
    this.#scene = scene;
  }

  /** A run was admitted, its owner begins. */
  first(): number {
    const nobody: Backend = {
      log: firstLog(this.#scene.followUp),
      up: true,
      heard: 0,
      owners: { first: null, lost: null, second: null },
      session: 0,
      taking: false,
      queue: 0,
      expiring: null,
      note: null,
      spent: { crashes: 0, takeovers: 0, refusals: 0, unknowns: 0 },
    };
    const turn = new Turn(this.#house, this.#scene, nobody);
    turn.load(null);
    return this.places.id(turn.next);
  }

  moves(place: number): ServerMove[] {
    this.#moves = [];
    const before = this.places.at(place);
    this.#from = before;
    if (!before.up)
      this.#add(says('server', 'log', 'starts, and looks for runs without an owner'), true, (turn) =>
        restart(turn),
      );
    else {
      for (const role of ROLES) if (before.owners[role]) this.#ownerMoves(role, before.owners[role]);
      this.#houseMoves(before);
      this.#faults(before);
    }
    return this.#moves;
  }

  /** A request of the page, at once: what the log makes of it. */
  request(
    place: number,
    request: 'cancel' | string,
  ): { to: number; result: string; broken: readonly string[] } | null {
    const before = this.places.at(place);
    const turn = new Turn(this.#house, this.#scene, before);
    if (request === 'cancel') {
      turn.tell('first', { type: 'cancel' });
      return { to: this.places.id(turn.next), result: 'ok', broken: this.#broken(before, turn) };
    }
    // The log takes one write at a time, and this one waits for its turn.
    if (before.note !== null) return null;
    const { result } = turn.write(this.#house.journal.answer(before.log, request, 'answered'), null);
    if (turn.next.log !== before.log) turn.next.note = { to: null, event: null };
    const broken = this.#broken(before, turn, result === 'won' ? request : null);
    return { to: this.places.id(turn.next), result, broken };
  }

  #broken(before: Backend, turn: Turn, accepted: string | null = null): readonly string[] {
    return brokenBy({ before, after: turn.next, writer: turn.writer, accepted, house: this.#house });
  }

  #add(story: Says, isFair: boolean, happen: (turn: Turn) => void): void {
    const before = this.#from!;
    const turn = new Turn(this.#house, this.#scene, before);
    happen(turn);
    const to = this.places.id(turn.next);
    if (turn.next !== before && backendKey(turn.next) !== backendKey(before))
      this.#moves.push({ to, says: story, isFair, cut: turn.cut, broken: this.#broken(before, turn) });
  }

  #ownerMoves(role: Role, owner: Owner): void {
    const { timers, path, isOver } = this.#house.stream.at(owner.actor);
    // The follow-up is a well-behaved run: it is there to be hurt, not to be hurt by.
    const isCalm = role === 'second' || this.#scene.isCalm;
    if (!isCalm)
      for (const timer of timers.keys())
        this.#add(says(role, role, `timer ${timer}`), true, (turn) => turn.fire(role, timer));
    if (owner.describing)
      this.#add(says('agent', role, 'title and metering are there'), true, (turn) => {
        turn.change(role, { describing: false });
        turn.tell(role, { type: 'description.finished' });
      });
    this.#agentMoves(role, owner);
    const [work] = owner.work;
    if (work && this.#from!.note === null)
      this.#add(says(role, 'log', `${work.kind} ${work.outcome ?? ''}`), true, (turn) =>
        land(turn, role, work),
      );
    if (role === 'lost' && path.startsWith('active'))
      this.#add(says('log', 'lost', 'the lease is lost'), true, (turn) =>
        turn.tell(role, { type: 'owner.lost', reason: 'lease_lost' }),
      );
    if (role === 'lost' && (isOver || path === 'stale.held') && owner.agent !== 'running')
      this.#add(says('lost', 'lost', 'its node is stopped'), true, (turn) => {
        turn.next.owners.lost = null;
      });
  }

  #agentMoves(role: Role, owner: Owner): void {
    const { epoch, agent } = owner;
    const gone = (turn: Turn) => {
      turn.change(role, { agent: 'gone' });
      turn.tell(role, { type: 'agent.gone', epoch });
    };
    if (agent === 'dying') this.#add(says('agent', role, 'is gone'), true, gone);
    if (agent === 'called')
      this.#add(says(role, 'agent', 'is called'), true, (turn) =>
        turn.pathOf(role).startsWith('active') ? turn.change(role, { agent: 'running' }) : gone(turn),
      );
    if (agent !== 'running') return;
    const ends = (text: string, event: object | null, isFair = false) =>
      this.#add(says('agent', role, text), isFair, (turn) => {
        if (event) turn.tell(role, { ...event, epoch } as never);
        gone(turn);
      });
    const isCalm = role === 'second' || this.#scene.isCalm;
    ends('has finished', { type: 'agent.finished' }, isCalm);
    if (role === 'second') return;
    if (!isCalm) ends('is gone without a word', null);
    if (this.#scene.agentFails)
      ends('has failed', { type: 'agent.failed', error: { type: 'boom', message: '' } });
    if (!owner.fenced) this.#speak(role, owner);
  }

  #speak(role: Role, owner: Owner): void {
    const { log, note } = this.#from!;
    const count = (kind: Entry['kind']) => of(log, 1).filter((entry) => entry.kind === kind).length;
    if (note !== null) return;
    if (count('token') < this.#scene.tokens)
      this.#add(says('agent', 'log', `token, written by ${role}`), false, (turn) => {
        const { result } = turn.write(this.#house.journal.append(turn.next.log, owner, 'token'), owner);
        if (result === 'fenced') turn.change(role, { fenced: true });
        else turn.next.note = { to: null, event: null };
      });
    const prompt = ['a', 'b'][count('asked')]!;
    if (count('asked') < this.#scene.prompts)
      this.#add(says('agent', 'log', `asks ${prompt}, for ${role}`), false, (turn) => {
        const { result } = turn.write(this.#house.journal.ask(turn.next.log, owner, prompt), owner);
        if (result === 'asked') turn.next.note = { to: null, event: null };
      });
  }

  #houseMoves(before: Backend): void {
    const { note, expiring, taking } = before;
    if (note)
      this.#add(says('log', note.to ?? 'server', note.event?.type ?? 'committed'), true, (turn) =>
        turn.hear(note),
      );
    for (const timer of this.#house.queue.at(before.queue).timers.keys())
      this.#add(says('queue', 'queue', `timer ${timer}`), true, (turn) => turn.fireQueue(timer));
    for (const timer of this.#house.session.at(before.session).timers.keys())
      this.#add(says('session', 'session', `timer ${timer}`), true, (turn) => turn.fireSession(timer));
    if (expiring !== null && note === null)
      this.#add(says('queue', 'log', `expires ${expiring}`), true, (turn) => expire(turn, expiring));
    if (taking && note === null)
      this.#add(says('session', 'log', 'takes the follow-up'), true, (turn) => follow(turn));
  }

  #faults(before: Backend): void {
    const { spent, owners, note, log } = before;
    const { crashes, takeovers, refusals, unknowns } = this.#scene;
    if (spent.crashes < crashes) this.#add(says('server', 'server', 'kill -9'), false, (turn) => crash(turn));
    const isHeld = owners.first !== null && !this.#house.stream.at(owners.first.actor).isOver;
    if (spent.takeovers < takeovers && isHeld && activeOf(log) === 1)
      this.#add(says('server', 'log', 'another owner takes the run over'), false, (turn) => takeOver(turn));
    const work = owners.first?.work[0];
    if (spent.refusals < refusals && work && work.kind !== 'started' && note === null)
      for (const isStorm of [false, true])
        this.#add(
          says('log', 'first', `refuses ${work.kind}${isStorm ? ', and every try of it' : ''}`),
          false,
          (turn) => {
            turn.next.spent.refusals += 1;
            turn.change('first', { work: owners.first!.work.slice(1) });
            refuse(turn, 'first', work.kind, isStorm);
          },
        );
    if (spent.unknowns < unknowns && note?.event)
      this.#add(says('log', 'server', `${note.event.type}, and nobody hears the result`), false, (turn) => {
        turn.next.spent.unknowns += 1;
        turn.hear({ to: null, event: null });
      });
  }
}
