/** Sets of rule numbers as bits, 32 rules to a word. Words are signed, as JavaScript's operators give them. */

/** A set with few rules: the words that are not empty, in order, each with its place. */
export interface SparseSet {
  readonly places: number[];
  readonly words: number[];
}

/** Makes an empty sparse set. */
export function sparseSet(): SparseSet {
  return { places: [], words: [] };
}

/** Adds a rule. INVARIANT: rules come in ascending order, else places would repeat. */
export function addRule({ places, words }: SparseSet, rule: number): void {
  const last = places.length - 1;
  if (places[last] === rule >>> 5) {
    words[last] = wordAt(words, last) | (1 << (rule & 31));
  } else {
    places.push(rule >>> 5);
    words.push(1 << (rule & 31));
  }
}

/** Adds a rule to the set of a key; rules come in ascending order. */
export function addRuleTo<Key>(sets: Map<Key, SparseSet>, key: Key, rule: number): void {
  let set = sets.get(key);
  if (!set) {
    set = sparseSet();
    sets.set(key, set);
  }
  addRule(set, rule);
}

/** A word of a set; the index is within it. */
export function wordAt(words: ArrayLike<number>, index: number): number {
  return words[index] as number;
}

/** The number of the lowest bit of a word that is not 0. */
export function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Sets with a word for every 32 rules, written while a policy is compiled. */
export class RowTable {
  readonly #rows: Int32Array[] = [];
  /** How many words a row has. */
  readonly width: number;
  /** A row with every rule. */
  readonly full: number;

  constructor(width: number) {
    this.width = width;
    this.full = this.add(new Int32Array(width).fill(-1));
  }

  /** Adds a row; the answer is where it begins in the finished table. */
  add(row: Int32Array): number {
    this.#rows.push(row);
    return (this.#rows.length - 1) * this.width;
  }

  /** All rows in one array, so that a row is no more than a number. */
  finish(): Int32Array {
    const table = new Int32Array(this.#rows.length * this.width);
    for (const [i, row] of this.#rows.entries()) table.set(row, i * this.width);
    return table;
  }
}

/** Puts a rule into a row. */
export function setBit(row: Int32Array, rule: number): void {
  row[rule >>> 5] = wordAt(row, rule >>> 5) | (1 << (rule & 31));
}

/** Takes a rule out of a row. */
export function clearBit(row: Int32Array, rule: number): void {
  row[rule >>> 5] = wordAt(row, rule >>> 5) & ~(1 << (rule & 31));
}
