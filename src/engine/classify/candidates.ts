/** The rules of one section that its look-up found for one connect, word by word. */
import { lowestBit, type SparseSet, wordAt } from './bits.js';

/** Gets the words that are not empty, in order; true ends the visit. */
export interface WordVisitor {
  visitWord(place: number, may: number, is: number): boolean;
}

/**
 * What a look-up found. Nearly always that is one set, which is visited as it is; several are united
 * in arrays that are used again, with a summary bit for each word so that empty stretches cost nothing.
 */
export class Candidates {
  #first: SparseSet | undefined;
  #firstIsTrue = false;
  #isUnion = false;
  readonly #may: Int32Array;
  readonly #is: Int32Array;
  readonly #summary: Int32Array;

  constructor(width: number) {
    this.#may = new Int32Array(width);
    this.#is = new Int32Array(width);
    this.#summary = new Int32Array((width + 31) >>> 5);
  }

  /** Adds rules whose condition is true, or is unknown. */
  add(set: SparseSet, isTrue: boolean): void {
    if (this.#first === undefined) {
      this.#first = set;
      this.#firstIsTrue = isTrue;
      return;
    }
    if (!this.#isUnion) {
      this.#isUnion = true;
      this.#unite(this.#first, this.#firstIsTrue);
    }
    this.#unite(set, isTrue);
  }

  /** Visits what was added since the last visit. */
  visit(visitor: WordVisitor): void {
    const first = this.#first;
    if (first === undefined) return;
    if (this.#isUnion) {
      this.#visitUnion(visitor);
    } else {
      const { places, words } = first;
      for (let i = 0; i < places.length; i += 1) {
        const word = wordAt(words, i);
        if (visitor.visitWord(wordAt(places, i), word, this.#firstIsTrue ? word : 0)) break;
      }
    }
  }

  /** Forgets what was added. */
  clear(): void {
    this.#first = undefined;
    if (!this.#isUnion) return;
    this.#isUnion = false;
    for (let stretch = 0; stretch < this.#summary.length; stretch += 1) {
      if (this.#summary[stretch] === 0) continue;
      this.#summary[stretch] = 0;
      this.#may.fill(0, stretch * 32, stretch * 32 + 32);
      this.#is.fill(0, stretch * 32, stretch * 32 + 32);
    }
  }

  #unite({ places, words }: SparseSet, isTrue: boolean): void {
    for (let i = 0; i < places.length; i += 1) {
      const place = wordAt(places, i);
      const word = wordAt(words, i);
      this.#may[place] = wordAt(this.#may, place) | word;
      if (isTrue) this.#is[place] = wordAt(this.#is, place) | word;
      this.#summary[place >>> 5] = wordAt(this.#summary, place >>> 5) | (1 << (place & 31));
    }
  }

  #visitUnion(visitor: WordVisitor): void {
    for (let stretch = 0; stretch < this.#summary.length; stretch += 1) {
      let summary = wordAt(this.#summary, stretch);
      while (summary !== 0) {
        const place = stretch * 32 + lowestBit(summary);
        summary &= summary - 1;
        if (visitor.visitWord(place, wordAt(this.#may, place), wordAt(this.#is, place))) return;
      }
    }
  }
}
