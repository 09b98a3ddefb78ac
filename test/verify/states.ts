// Millions of states of three numbers each: which were seen, from which each was first reached, and where its fair moves lead.
// Open addressing over one number per state. Knows no model.

const BITS = 17;
const SIZE = 2 ** BITS;
const FIRST_CAPACITY = 2 ** 16;

type Numbers = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

function grown<T extends Numbers>(numbers: T, length: number): T {
  if (length < numbers.length) return numbers;
  const larger = new (numbers.constructor as new (length: number) => T)(numbers.length * 2);
  larger.set(numbers as never);
  return larger;
}

export class States {
  #packed = new Float64Array(FIRST_CAPACITY);
  #parents = new Int32Array(FIRST_CAPACITY);
  #slots = new Int32Array(FIRST_CAPACITY * 4).fill(-1);
  /** where the fair moves of each state begin in `#targets` */
  #offsets = new Int32Array(FIRST_CAPACITY);
  #targets = new Int32Array(FIRST_CAPACITY * 4);
  #edges = 0;
  count = 0;

  /** Its index; new ones are told by `count` that grew. */
  add(one: number, two: number, three: number, parent: number): number {
    if (two >= SIZE || three >= SIZE) throw new Error('a part has more places than fit');
    const packed = (one * SIZE + two) * SIZE + three;
    const mask = this.#slots.length - 1;
    let slot = this.#slot(one, two, three) & mask;
    for (let index = this.#slots[slot]!; index >= 0; index = this.#slots[slot]!) {
      if (this.#packed[index] === packed) return index;
      slot = (slot + 1) & mask;
    }
    const index = this.count++;
    this.#slots[slot] = index;
    this.#packed = grown(this.#packed, index);
    this.#parents = grown(this.#parents, index);
    this.#packed[index] = packed;
    this.#parents[index] = parent;
    if (this.count * 2 > this.#slots.length) this.#rehash();
    return index;
  }

  #slot(one: number, two: number, three: number): number {
    let mixed = Math.imul(one, 0x9e3779b1) ^ Math.imul(two, 0x85ebca77) ^ Math.imul(three, 0xc2b2ae3d);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x27d4eb2f);
    return (mixed ^ (mixed >>> 13)) >>> 0;
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = this.#slots.length - 1;
    for (let index = 0; index < this.count; index += 1) {
      let slot = this.#slot(...this.at(index)) & mask;
      while (this.#slots[slot]! >= 0) slot = (slot + 1) & mask;
      this.#slots[slot] = index;
    }
  }

  at(index: number): [number, number, number] {
    const packed = this.#packed[index]!;
    const three = packed % SIZE;
    const rest = (packed - three) / SIZE;
    const two = rest % SIZE;
    return [(rest - two) / SIZE, two, three];
  }

  parent(index: number): number {
    return this.#parents[index]!;
  }

  /** From here on, `lead` tells of the moves of this state. States are opened in the order of their index. */
  open(index: number): void {
    this.#offsets = grown(this.#offsets, index + 1);
    this.#offsets[index] = this.#edges;
  }

  lead(target: number): void {
    this.#targets = grown(this.#targets, this.#edges);
    this.#targets[this.#edges++] = target;
  }

  /** After the last was opened. */
  close(): void {
    this.#offsets = grown(this.#offsets, this.count);
    this.#offsets[this.count] = this.#edges;
  }

  get graph(): { offsets: Int32Array; targets: Int32Array; count: number } {
    return { offsets: this.#offsets, targets: this.#targets, count: this.count };
  }
}
