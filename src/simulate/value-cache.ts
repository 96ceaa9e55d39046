/**
 * Values by their bytes: what was read before is found again without looking for its end. Bounded;
 * a variety that never repeats costs a look and evicts little. The bytes lie in one stretch of
 * memory, because waiting for memory is most of what a look costs.
 */

/** How many places a value may stand in. */
const WAYS = 4;

/** What a cache is made for. */
export interface ValueCacheSize {
  /** How many values it holds; a power of 2. */
  readonly values: number;
  /** Longer ones are not kept; a multiple of 4. */
  readonly maxBytes: number;
  /**
   * How many first bytes say where a value stands: 16 or more, a multiple of 4. What follows a shorter value
   * counts as well, so that too many make one value seem several.
   */
  readonly hashedBytes: number;
}

/** Finds values by the bytes of their text, which must show its own end. */
export class ValueCache<T> {
  readonly #values: (T | undefined)[];
  /** For each value its length in bytes, then its bytes as little-endian words. */
  readonly #words: Int32Array;
  readonly #stride: number;
  readonly #last: number;
  readonly #hashed: number;
  #next = 0;
  #hits = 0;
  #misses = 0;
  /** The length of what was found, in bytes. */
  length = 0;

  constructor({ values, maxBytes, hashedBytes }: ValueCacheSize) {
    this.#values = new Array<T | undefined>(values).fill(undefined);
    this.#stride = 1 + maxBytes / 4;
    this.#words = new Int32Array(values * this.#stride);
    this.#last = values - 1;
    this.#hashed = hashedBytes;
  }

  /** The value whose bytes stand at `at`, or undefined; then `length` says how many they are. */
  find(view: DataView, size: number, at: number): T | undefined {
    if (at + this.#hashed > size) return undefined;
    const place = hashAt(view, at, this.#hashed);
    for (let way = 0; way < WAYS; way += 1) {
      const slot = (place + way) & this.#last;
      if (this.#stands(slot * this.#stride, view, size, at)) {
        this.#hits += 1;
        return this.#values[slot];
      }
    }
    this.#misses += 1;
    return undefined;
  }

  /** Keeps a value for the bytes from `at` to `end`. */
  keep(view: DataView, size: number, at: number, end: number, value: T): void {
    const length = end - at;
    const words = Math.ceil(length / 4);
    if (words >= this.#stride || at + Math.max(words * 4, this.#hashed) > size) return;
    // Where hardly anything repeats, keeping it costs more than it brings.
    if (this.#misses > this.#last * 4 + this.#hits && (this.#misses & 15) !== 0) return;
    const slot = this.#placeFor(hashAt(view, at, this.#hashed));
    const start = slot * this.#stride;
    this.#values[slot] = value;
    this.#words[start] = length;
    for (let i = 0; i < words; i += 1) {
      this.#words[start + 1 + i] = view.getInt32(at + i * 4, true) & maskOf(length - i * 4);
    }
  }

  #placeFor(place: number): number {
    for (let way = 0; way < WAYS; way += 1) {
      const slot = (place + way) & this.#last;
      if (this.#words[slot * this.#stride] === 0) return slot;
    }
    this.#next = (this.#next + 1) % WAYS;
    return (place + this.#next) & this.#last;
  }

  #stands(start: number, view: DataView, size: number, at: number): boolean {
    const words = this.#words;
    const length = words[start] as number;
    if (length === 0) return false;
    const full = length >> 2;
    if (at + full * 4 + 4 > size) return false;
    for (let i = 0; i < full; i += 1) {
      if (view.getInt32(at + i * 4, true) !== words[start + 1 + i]) return false;
    }
    this.length = length;
    const mask = maskOf(length & 3);
    return (
      (length & 3) === 0 || (view.getInt32(at + full * 4, true) & mask) === words[start + 1 + full]
    );
  }
}

/** Which bits of a word belong to a text of which so many bytes are left. */
function maskOf(left: number): number {
  return left >= 4 ? -1 : (1 << (left * 8)) - 1;
}

/** The words are mixed side by side, so that none waits for the one before. */
function hashAt(view: DataView, at: number, bytes: number): number {
  let hash =
    Math.imul(view.getInt32(at, true), 0x9e3779b1) ^
    Math.imul(view.getInt32(at + 4, true), 0x85ebca77) ^
    Math.imul(view.getInt32(at + 8, true), 0xc2b2ae3d) ^
    Math.imul(view.getInt32(at + 12, true), 0x27d4eb2f);
  for (let i = 16; i < bytes; i += 4)
    hash = Math.imul(hash ^ view.getInt32(at + i, true), 0x165667b1);
  return hash ^ (hash >>> 15);
}
