// What may happen on the page: something comes, a timer fires, a person answers, stops the run or loads it anew. Complete for
// its place; what a scene does not allow is left out. Knows no server and no connection.
import { mayAnswer } from '../../src/machines/prompt-feed.cards.ts';
import { Interned } from './interned.ts';
import { STREAMS } from './log.ts';
import type { Pushed, Request, Response } from './message.ts';
import { pageBrokenBy } from './page.rules.ts';
import { type Page, pageKey } from './page.ts';
import { PageTurn } from './page-turn.ts';
import type { House } from './parts.ts';
import type { Scene } from './scene.ts';
import type { Says } from './story.ts';

export interface PageStep {
  to: number;
  requests: readonly Request[];
  reattaches: boolean;
  broken: readonly string[];
}
export type PageMove = PageStep & {
  says: Says;
  isFair: boolean;
  /** only while not too much is under way */
  needsRoom: boolean;
  /** what the timer that fires has waited for; null: it is no such timer */
  awaits: string | null;
};

type Add = (
  says: Says,
  happen: (turn: PageTurn) => void,
  kind?: { isFair?: boolean; needsRoom?: boolean; awaits?: string | null },
) => void;

export class Tab {
  readonly places = new Interned<Page>(pageKey);
  readonly #house: House;
  readonly #scene: Scene;

  constructor(house: House, scene: Scene) {
    this.#house = house;
    this.#scene = scene;
  }

  #blank(): Page {
    const { place } = this.#house.feed.born({ session_id: 'x', kind: 'clarify', client: 'tab', at: 1_000 });
    return {
      attached: [0, 0],
      owner: 0,
      settled: 0,
      cursor: 0,
      anew: false,
      view: '',
      feed: place,
      isOpen: false,
      isLoading: false,
      spent: { cancels: 0, reloads: 0 },
    };
  }

  /** The pane has just sent the first message: it owns its run, and has heard nothing of it. */
  first(): number {
    const turn = new PageTurn(this.#house, this.#scene, this.#blank());
    turn.attach(1, true);
    return this.places.id(turn.next);
  }

  #step(place: number, happen: (turn: PageTurn) => void): PageStep {
    const before = this.places.at(place);
    const turn = new PageTurn(this.#house, this.#scene, before);
    happen(turn);
    const after = turn.next;
    const broken = [...turn.broken, ...pageBrokenBy({ before, after, house: this.#house })];
    const { requests, reattaches } = turn;
    return { to: this.places.id(after), requests, reattaches, broken };
  }

  pushed = (place: number, message: Pushed): PageStep => this.#step(place, (turn) => turn.pushed(message));
  responded = (place: number, response: Response): PageStep =>
    this.#step(place, (turn) => turn.responded(response));
  lost = (place: number): PageStep => this.#step(place, (turn) => turn.lost());

  moves(place: number): PageMove[] {
    const page = this.places.at(place);
    const moves: PageMove[] = [];
    const add: Add = (says, happen, { isFair = true, needsRoom = false, awaits = null } = {}) => {
      const step = this.#step(place, happen);
      if (step.to !== place || step.requests.length > 0)
        moves.push({ ...step, says, isFair, needsRoom, awaits });
    };
    for (const stream of STREAMS) {
      const actor = page.attached[stream - 1]!;
      for (const timer of actor === 0 ? [] : this.#house.attachment.at(actor).timers.keys())
        add({ from: 'page', to: 'page', text: `timer ${timer}` }, (turn) => turn.fire(stream, timer), {
          awaits: timer.includes('answerBound') ? `ask ${stream}` : null,
        });
    }
    const { context, timers } = this.#house.feed.at(page.feed);
    // Silence of the line is the line's business: heartbeats come.
    for (const timer of [...timers.keys()].filter((id) => id.startsWith('respond.overdue')))
      add({ from: 'page', to: 'page', text: `timer ${timer}` }, (turn) => turn.fireFeed(timer), {
        awaits: timer.replace('respond.overdue.', 'answer '),
      });
    for (const { prompt_id } of context.cards.filter((card) => mayAnswer(context.cards, card.prompt_id)))
      add(
        { from: 'person', to: 'page', text: `answers ${prompt_id}` },
        (turn) => turn.feed({ type: 'answer', prompt_id, reply: { answer: 'yes' } }),
        { needsRoom: true },
      );
    this.#personMoves(page, add);
    return moves;
  }

  #personMoves(page: Page, add: Add): void {
    const { spent } = page;
    const freely = { isFair: false, needsRoom: true };
    const cancel = ({ next, requests }: PageTurn) => {
      next.spent.cancels += 1;
      requests.push({ type: 'cancel' });
    };
    if (spent.cancels < this.#scene.cancels && page.owner === 1)
      add({ from: 'person', to: 'page', text: 'stops the run' }, cancel, freely);
    const reload = (turn: PageTurn) => {
      Object.assign(turn.next, this.#blank(), { isLoading: true });
      turn.next.spent = { ...page.spent, reloads: page.spent.reloads + 1 };
      turn.requests.push({ type: 'load' });
      turn.reattaches = true;
    };
    if (spent.reloads < this.#scene.reloads && !page.isLoading)
      add({ from: 'person', to: 'page', text: 'loads the page anew' }, reload, freely);
  }
}
