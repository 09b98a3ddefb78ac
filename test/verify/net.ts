// The network between the server and one page: one connection whose messages keep their order, and requests and responses that
// keep none. It loses, doubles and delays as far as a scene allows. Knows neither what a server nor what a page makes of it.
import { Interned, once, oncePerPair } from './interned.ts';
import { awaitedBy, nameOf, type Pushed, type Request, type Response } from './message.ts';

export interface Net {
  isOpen: boolean;
  /** what is pushed of a queue is subscribed to */
  isSubscribed: boolean;
  /** the last record that was sent over this connection */
  sent: number;
  /** where what it was given ends; only claims look at it */
  given: number;
  /** the last version of the queue that was sent */
  told: number;
  /** by number; the oldest first */
  flight: readonly number[];
  /** of a connection that is no more */
  late: readonly number[];
  requests: readonly number[];
  responses: readonly number[];
  spent: { drops: number; doubles: number; losses: number; delays: number };
}

const netKey = (net: Net): string =>
  [
    net.isOpen,
    net.isSubscribed,
    net.sent,
    net.given,
    net.told,
    net.flight.join('.'),
    net.late.join('.'),
    net.requests.join('.'),
    net.responses.join('.'),
    ...Object.values(net.spent),
  ].join();

const sorted = (ids: number[]): number[] => ids.sort((one, other) => one - other);
const without = (ids: readonly number[], id: number): number[] => {
  const at = ids.indexOf(id);
  return ids.filter((_, index) => index !== at);
};

const CLOSED = { isOpen: false, isSubscribed: false, sent: 0, given: 0, told: 0, flight: [] };

export class Network {
  readonly places = new Interned<Net>(netKey);
  readonly pushed = new Interned<Pushed>(nameOf);
  readonly requests = new Interned<Request>(nameOf);
  readonly responses = new Interned<Response>(nameOf);

  first(): number {
    return this.places.id({
      ...CLOSED,
      late: [],
      requests: [],
      responses: [],
      spent: { drops: 0, doubles: 0, losses: 0, delays: 0 },
    });
  }

  at(place: number): Net {
    return this.places.at(place);
  }

  change(place: number, change: Partial<Net>): number {
    return this.places.id({ ...this.at(place), ...change });
  }

  /** One more fault of this kind. */
  spend(place: number, kind: keyof Net['spent']): number {
    const { spent } = this.at(place);
    return this.change(place, { spent: { ...spent, [kind]: spent[kind] + 1 } });
  }

  /** How much is under way. */
  load(place: number): number {
    const { flight, requests, responses } = this.at(place);
    return flight.length + requests.length + responses.length;
  }

  /** What is awaited is on its way, there or back. */
  isUnderWay(place: number, awaited: string): boolean {
    const { requests, responses } = this.at(place);
    return (
      requests.some((id) => awaitedBy(this.requests.at(id)) === awaited) ||
      responses.some((id) => awaitedBy(this.responses.at(id)) === awaited)
    );
  }

  post(place: number, requests: readonly Request[]): number {
    if (requests.length === 0) return place;
    const known = this.at(place).requests;
    const ids = requests
      .map((request) => this.requests.id(request))
      // Of two loads the second aborts the first.
      .filter((id) => !known.includes(id) || this.requests.at(id).type !== 'load');
    return this.change(place, { requests: sorted([...known, ...ids]) });
  }

  respond(place: number, request: number, response: Response | null): number {
    const rest = this.#asked(place, request);
    return response === null ? rest : this.#answered(rest, this.responses.id(response));
  }

  readonly #asked = oncePerPair((place, request) =>
    this.change(place, { requests: without(this.at(place).requests, request) }),
  );
  readonly #answered = oncePerPair((place, response) =>
    this.change(place, { responses: sorted([...this.at(place).responses, response]) }),
  );

  /** A response has come. */
  responded = oncePerPair((place, response) =>
    this.change(place, { responses: without(this.at(place).responses, response) }),
  );

  /** The oldest of what is pushed has come. */
  delivered = once((place) => this.change(place, { flight: this.at(place).flight.slice(1) }));

  open(place: number, message: Pushed, opened: Partial<Net>): number {
    return this.change(place, { isOpen: true, flight: [this.pushed.id(message)], ...opened });
  }

  /** Records, up to where they end. */
  sent = oncePerPair((place, id) => {
    const message = this.pushed.at(id) as Extract<Pushed, { type: 'records' }>;
    const { flight, given } = this.at(place);
    const end = message.from + message.length;
    return this.change(place, { flight: [...flight, id], sent: end, given: Math.max(given, end) });
  });

  /** The state of the queue. */
  told = oncePerPair((place, id) => {
    const { queue } = this.pushed.at(id) as Extract<Pushed, { type: 'queue' }>;
    return this.change(place, { flight: [...this.at(place).flight, id], told: queue.version });
  });

  /** The fault: it overtakes what was sent before. */
  toldFirst = oncePerPair((place, id) => {
    const { queue } = this.pushed.at(id) as Extract<Pushed, { type: 'queue' }>;
    return this.change(place, { flight: [id, ...this.at(place).flight], told: queue.version });
  });

  /** The connection is gone, and what was under way with it. */
  cut = once((place) => this.change(place, { ...CLOSED, late: [] }));

  /** The same, but for the first that was under way. */
  cutLate = once((place) => {
    const isLate = (id: number) => this.pushed.at(id).type !== 'opened';
    return this.change(place, { ...CLOSED, late: this.at(place).flight.filter(isLate).slice(0, 1) });
  });
}
