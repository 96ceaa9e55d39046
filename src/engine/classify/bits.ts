/**
 * Sets of rule numbers as bits. A dense set has a summary: bit `i` of it says that word `i` is not
 * empty, so that empty stretches of a large policy cost nothing.
 */

/** A set with a word for every 32 rules, and a summary bit for every word. */
export interface DenseSet {
  readonly words: Uint32Array;
  readonly summary: Uint32Array;
}

/** A small set: the words that are not empty, each with its place. */
export interface SparseSet {
  readonly places: Uint32Array;
  readonly words: Uint32Array;
}

/** Makes a dense set of rule numbers below `size`. */
export function denseSet(size: number, rules: Iterable<number> = []): DenseSet {
  const words = new Uint32Array(Math.ceil(size / 32));
  for (const rule of rules) words[rule >>> 5] = wordAt(words, rule >>> 5) | (1 << (rule & 31));
  return withSummary(words);
}

/** Makes a sparse set of rule numbers. */
export function sparseSet(rules: Iterable<number>): SparseSet {
  const words = new Map<number, number>();
  for (const rule of rules) {
    words.set(rule >>> 5, (words.get(rule >>> 5) ?? 0) | (1 << (rule & 31)));
  }
  const places = [...words.keys()].sort((a, b) => a - b);
  return {
    places: Uint32Array.from(places),
    words: Uint32Array.from(places, (place) => words.get(place) ?? 0),
  };
}

/** Adds the summary to the words of a set. */
function withSummary(words: Uint32Array): DenseSet {
  const summary = new Uint32Array(Math.ceil(words.length / 32));
  for (let i = 0; i < words.length; i += 1) {
    if (wordAt(words, i) !== 0) summary[i >>> 5] = wordAt(summary, i >>> 5) | (1 << (i & 31));
  }
  return { words, summary };
}

/** Every rule number below `size`. */
export function fullSet(size: number): DenseSet {
  const words = new Uint32Array(Math.ceil(size / 32)).fill(0xffffffff);
  if (size % 32 !== 0) words[words.length - 1] = 2 ** (size % 32) - 1;
  return withSummary(words);
}

/** A word of a set; the index is within it. */
export function wordAt(words: Uint32Array, index: number): number {
  return words[index] as number;
}

/**
 * A set that is put together anew for each decision: what is always in it, and what is added. Only
 * the words that were touched are put back.
 */
export class UnionSet implements DenseSet {
  readonly words: Uint32Array;
  readonly summary: Uint32Array;
  readonly #base: DenseSet;
  readonly #touched: number[] = [];
  #count = 0;

  constructor(base: DenseSet) {
    this.#base = base;
    this.words = base.words.slice();
    this.summary = base.summary.slice();
  }

  add(set: SparseSet): void {
    const { places, words } = set;
    for (let i = 0; i < places.length; i += 1) {
      const place = wordAt(places, i);
      this.words[place] = wordAt(this.words, place) | wordAt(words, i);
      this.summary[place >>> 5] = wordAt(this.summary, place >>> 5) | (1 << (place & 31));
      this.#touched[this.#count] = place;
      this.#count += 1;
    }
  }

  clear(): void {
    for (let i = 0; i < this.#count; i += 1) {
      const place = this.#touched[i] as number;
      this.words[place] = wordAt(this.#base.words, place);
      this.summary[place >>> 5] = wordAt(this.#base.summary, place >>> 5);
    }
    this.#count = 0;
  }
}
