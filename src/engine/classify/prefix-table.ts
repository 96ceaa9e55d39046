/** Finds the sets of all networks that hold an address: one look-up for each prefix length in use. */
import type { Address, Network } from '../../model/index.js';
import { addRule, type SparseSet, sparseSet } from './bits.js';
import type { Candidates } from './candidates.js';

/** A tree of maps, a level for each 32-bit word of the prefix; sets are at the leaves. */
type Level = Map<number, Level | SparseSet>;

interface PrefixLevel {
  readonly prefix: number;
  /** Masks for the words that the prefix reaches into. */
  readonly masks: readonly number[];
  readonly root: Level;
}

/** The networks that rules name, by family and prefix length. */
export class PrefixTable {
  readonly #levels: Readonly<Record<4 | 6, PrefixLevel[]>> = { 4: [], 6: [] };

  /** Adds a network of a rule; rules come in ascending order, a network may come again. */
  add({ family, prefix, words }: Network, rule: number): void {
    const levels = this.#levels[family];
    let level = levels.find((one) => one.prefix === prefix);
    if (!level) {
      level = { prefix, masks: masksOf(prefix), root: new Map() };
      levels.push(level);
    }
    addRule(setAt(level, words), rule);
  }

  /** Adds the set of each network that holds the address. */
  find(address: Address, candidates: Candidates): void {
    const levels = address.family === 4 ? this.#levels[4] : this.#levels[6];
    for (let i = 0; i < levels.length; i += 1) {
      const set = find(levels[i] as PrefixLevel, address.words);
      if (set) candidates.add(set, true);
    }
  }
}

function masksOf(prefix: number): readonly number[] {
  // A `/0` still has one word, of which nothing counts.
  const count = Math.max(1, Math.ceil(prefix / 32));
  return Array.from({ length: count }, (_, i) => {
    const bits = Math.min(32, prefix - i * 32);
    return bits === 0 ? 0 : -1 << (32 - bits);
  });
}

function setAt({ masks, root }: PrefixLevel, words: readonly number[]): SparseSet {
  let level = root;
  const last = masks.length - 1;
  for (let i = 0; i < last; i += 1) {
    const next = level.get(keyOf(words, i));
    const child: Level = next instanceof Map ? next : new Map();
    level.set(keyOf(words, i), child);
    level = child;
  }
  const found = level.get(keyOf(words, last));
  if (found && !(found instanceof Map)) return found;
  const set = sparseSet();
  level.set(keyOf(words, last), set);
  return set;
}

/** Signed, because a small integer is looked up faster than a number that is none. */
function keyOf(words: readonly number[], i: number): number {
  return (words[i] ?? 0) | 0;
}

function find({ masks, root }: PrefixLevel, words: readonly number[]): SparseSet | undefined {
  let level: Level | SparseSet | undefined = root;
  for (let i = 0; i < masks.length; i += 1) {
    if (!(level instanceof Map)) return undefined;
    level = level.get((words[i] as number) & (masks[i] as number));
  }
  return level instanceof Map ? undefined : level;
}
