/**
 * What became of a line, found again by the bytes of a line that is alike: a fleet's devices connect again and again,
 * and only the time and the id of the request are others. Bounded, and every byte is compared: a variety that never repeats
 * costs a look and evicts little, and no two lines are ever taken for each other.
 */
import type { LineCut } from './line-cut.js';

/** How many lines are kept; a power of 2. */
const SLOTS = 8192;
/** How many places a line may stand in. */
const WAYS = 4;
/** How many words of a line are kept; longer ones are not. */
const STRIDE = 192;
/** For each line the lengths of its stretches, and its hash. */
const HEAD = 4;

/** Finds values by the stretches of a line that stay. */
export class LineMemo<T> {
  readonly #values = new Array<T | undefined>(SLOTS).fill(undefined);
  readonly #heads = new Int32Array(SLOTS * HEAD);
  readonly #words = new Int32Array(SLOTS * STRIDE);
  readonly #evict: (value: T) => void;
  /** Of the line that was looked for last. */
  #hash = 0;
  #next = 0;
  #hits = 0;
  #misses = 0;

  /** `evict` gets each value that has to go. */
  constructor(evict: (value: T) => void) {
    this.#evict = evict;
  }

  /** The value of a line that is alike. */
  find(view: DataView, cut: LineCut): T | undefined {
    const hash = hashOf(view, cut);
    this.#hash = hash;
    for (let way = 0; way < WAYS; way += 1) {
      const slot = (hash + way) & (SLOTS - 1);
      if (this.#heads[slot * HEAD + 3] === hash && this.#stands(slot, view, cut)) {
        this.#hits += 1;
        return this.#values[slot];
      }
    }
    this.#misses += 1;
    return undefined;
  }

  /** Whether a line that was looked for, and not found, should be kept: where hardly anything repeats, few should. */
  isWorthKeeping({ starts, ends, count }: LineCut): boolean {
    let words = 0;
    for (let i = 0; i < count; i += 1) words += wordsIn((ends[i] ?? 0) - (starts[i] ?? 0));
    if (words > STRIDE) return false;
    return this.#misses <= SLOTS * 2 + this.#hits || (this.#misses & 15) === 0;
  }

  /** Keeps a value for the line that was looked for last. */
  keep(view: DataView, cut: LineCut, value: T): void {
    const slot = this.#placeFor(view, cut);
    const before = this.#values[slot];
    if (before !== undefined) this.#evict(before);
    this.#values[slot] = value;
    this.#heads[slot * HEAD + 3] = this.#hash;
    let place = slot * STRIDE;
    for (let i = 0; i < HEAD - 1; i += 1) {
      const length = lengthOf(cut, i);
      this.#heads[slot * HEAD + i] = length;
      place = this.#copy(view, cut.starts[i] as number, length, place);
    }
  }

  /** Gives every value that is kept to `evict`, and goes on keeping it. */
  settle(): void {
    for (const value of this.#values) if (value !== undefined) this.#evict(value);
  }

  #placeFor(view: DataView, cut: LineCut): number {
    for (let way = 0; way < WAYS; way += 1) {
      const slot = (this.#hash + way) & (SLOTS - 1);
      if (this.#values[slot] === undefined) return slot;
      if (this.#heads[slot * HEAD + 3] === this.#hash && this.#stands(slot, view, cut)) return slot;
    }
    this.#next = (this.#next + 1) % WAYS;
    return (this.#hash + this.#next) & (SLOTS - 1);
  }

  #copy(view: DataView, start: number, length: number, place: number): number {
    const full = length >> 2;
    for (let i = 0; i < full; i += 1) {
      this.#words[place + i] = view.getInt32(start + i * 4, true);
    }
    if ((length & 3) === 0) return place + full;
    this.#words[place + full] = oddWord(view, start + full * 4, length & 3);
    return place + full + 1;
  }

  #stands(slot: number, view: DataView, cut: LineCut): boolean {
    let place = slot * STRIDE;
    for (let i = 0; i < HEAD - 1; i += 1) {
      const length = lengthOf(cut, i);
      if (this.#heads[slot * HEAD + i] !== length) return false;
      const start = cut.starts[i] as number;
      const full = length >> 2;
      if (!this.#isSame(view, start, full, place)) return false;
      place += full;
      if ((length & 3) === 0) continue;
      if (this.#words[place] !== oddWord(view, start + full * 4, length & 3)) return false;
      place += 1;
    }
    return true;
  }

  #isSame(view: DataView, start: number, count: number, place: number): boolean {
    const words = this.#words;
    for (let i = 0; i < count; i += 1) {
      if (view.getInt32(start + i * 4, true) !== words[place + i]) return false;
    }
    return true;
  }
}

function lengthOf({ starts, ends, count }: LineCut, index: number): number {
  return index < count ? (ends[index] as number) - (starts[index] as number) : 0;
}

function wordsIn(length: number): number {
  return (length + 3) >> 2;
}

/** The last one to three bytes of a stretch, which may end where the block does. */
function oddWord(view: DataView, at: number, bytes: number): number {
  let word = view.getUint8(at);
  for (let i = 1; i < bytes; i += 1) word |= view.getUint8(at + i) << (i * 8);
  return word;
}

/** Four words at a time are mixed side by side, so that none waits for the one before. */
function hashOf(view: DataView, cut: LineCut): number {
  let [a, b, c, d] = [1, 2, 3, cut.count];
  for (let i = 0; i < cut.count; i += 1) {
    const start = cut.starts[i] as number;
    const end = cut.ends[i] as number;
    let at = start;
    for (; at + 16 <= end; at += 16) {
      a = Math.imul(a ^ view.getInt32(at, true), 0x9e3779b1);
      b = Math.imul(b ^ view.getInt32(at + 4, true), 0x85ebca77);
      c = Math.imul(c ^ view.getInt32(at + 8, true), 0xc2b2ae3d);
      d = Math.imul(d ^ view.getInt32(at + 12, true), 0x27d4eb2f);
    }
    for (; at < end; at += 1) a = Math.imul(a ^ view.getUint8(at), 0x165667b1);
  }
  const hash = a ^ (b >>> 3) ^ (c >>> 7) ^ (d >>> 11) ^ Math.imul(b + c + d, 0x9e3779b1);
  return hash ^ (hash >>> 15);
}
