// The end components of a graph: sets of states that lead to each other and to nothing else. What goes on fairly ends in one
// of them. Tarjan's algorithm, without recursion. Knows no model.

interface Graph {
  offsets: Int32Array;
  targets: Int32Array;
  count: number;
}

/** Calls `onEnd` with the states of every end component. */
export function endComponents({ offsets, targets, count }: Graph, onEnd: (states: number[]) => void): void {
  const order = new Int32Array(count);
  const low = new Int32Array(count);
  const component = new Int32Array(count).fill(-1);
  const cursor = new Int32Array(count);
  const open: number[] = [];
  const calls: number[] = [];
  let visits = 0;
  let components = 0;

  const enter = (state: number) => {
    visits += 1;
    order[state] = visits;
    low[state] = visits;
    cursor[state] = offsets[state]!;
    open.push(state);
    calls.push(state);
  };
  const leave = (state: number) => {
    calls.pop();
    const caller = calls.at(-1);
    if (caller !== undefined) low[caller] = Math.min(low[caller]!, low[state]!);
    if (low[state] !== order[state]) return;
    const states = open.splice(open.lastIndexOf(state));
    for (const member of states) component[member] = components;
    const isEnd = states.every((member) => {
      for (let at = offsets[member]!; at < offsets[member + 1]!; at += 1)
        if (component[targets[at]!] !== components) return false;
      return true;
    });
    components += 1;
    if (isEnd) onEnd(states);
  };
  for (let root = 0; root < count; root += 1) {
    if (order[root] !== 0) continue;
    enter(root);
    while (calls.length > 0) {
      const state = calls.at(-1)!;
      const at = cursor[state]!;
      if (at === offsets[state + 1]) {
        leave(state);
        continue;
      }
      cursor[state] = at + 1;
      const target = targets[at]!;
      if (order[target] === 0) enter(target);
      else if (component[target]! < 0) low[state] = Math.min(low[state]!, order[target]!);
    }
  }
}
