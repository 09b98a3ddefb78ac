// The end components of a graph: sets of states that lead to each other and to nothing else. What goes on fairly ends in one
// of them. Tarjan's algorithm, without recursion. Knows no model.

interface Graph {
  /** where the targets of each state begin; one more than there are states */
  offsets: Int32Array;
  targets: Int32Array;
  count: number;
}

class Components {
  readonly #graph: Graph;
  readonly #order: Int32Array;
  readonly #low: Int32Array;
  readonly #of: Int32Array;
  readonly #next: Int32Array;
  readonly #open: number[] = [];
  readonly #calls: number[] = [];
  #visits = 0;
  #count = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#order = new Int32Array(graph.count);
    this.#low = new Int32Array(graph.count);
    this.#of = new Int32Array(graph.count).fill(-1);
    this.#next = new Int32Array(graph.count);
  }

  walk(onEnd: (states: number[]) => void): void {
    const { count, offsets, targets } = this.#graph;
    for (let root = 0; root < count; root += 1) {
      if (this.#order[root] === 0) this.#enter(root);
      while (this.#calls.length > 0) {
        const state = this.#calls.at(-1)!;
        const at = this.#next[state]!;
        if (at === offsets[state + 1]) this.#leave(state, onEnd);
        else this.#look(state, targets[at]!);
      }
    }
  }

  #enter(state: number): void {
    this.#visits += 1;
    this.#order[state] = this.#visits;
    this.#low[state] = this.#visits;
    this.#next[state] = this.#graph.offsets[state]!;
    this.#open.push(state);
    this.#calls.push(state);
  }

  #look(state: number, target: number): void {
    this.#next[state]! += 1;
    if (this.#order[target] === 0) this.#enter(target);
    else if (this.#of[target]! < 0) this.#low[state] = Math.min(this.#low[state]!, this.#order[target]!);
  }

  /** All that it leads to is known. */
  #leave(state: number, onEnd: (states: number[]) => void): void {
    this.#calls.pop();
    const caller = this.#calls.at(-1);
    if (caller !== undefined) this.#low[caller] = Math.min(this.#low[caller]!, this.#low[state]!);
    if (this.#low[state] !== this.#order[state]) return;
    const states = this.#open.splice(this.#open.lastIndexOf(state));
    for (const member of states) this.#of[member] = this.#count;
    if (states.every((member) => this.#staysInside(member))) onEnd(states);
    this.#count += 1;
  }

  #staysInside(state: number): boolean {
    const { offsets, targets } = this.#graph;
    for (let at = offsets[state]!; at < offsets[state + 1]!; at += 1)
      if (this.#of[targets[at]!] !== this.#count) return false;
    return true;
  }
}

/** Calls `onEnd` with the states of every end component. */
export function endComponents(graph: Graph, onEnd: (states: number[]) => void): void {
  new Components(graph).walk(onEnd);
}
