/** Finds the sets of all networks that hold an address: one look-up for each prefix length in use. */
import type { Address, Network } from '../../model/index.js';
import { type SparseSet, sparseSet, type UnionSet } from './bits.js';

/** A tree of maps, a level for each 32-bit word of the prefix; sets are at the leaves. */
type Level = Map<number, Level | SparseSet>;

interface PrefixLevel {
  /** Masks for the words that the prefix reaches into. */
  readonly masks: readonly number[];
  readonly root: Level;
}

/** The networks that rules name, by family and prefix length. */
export class PrefixTable {
  readonly #levels: Readonly<Record<4 | 6, PrefixLevel[]>> = { 4: [], 6: [] };

  constructor(networks: readonly { readonly network: Network; readonly rule: number }[]) {
    const byText = new Map<string, { network: Network; rules: number[] }>();
    for (const { network, rule } of networks) {
      const known = byText.get(network.text) ?? { network, rules: [] };
      byText.set(network.text, known);
      known.rules.push(rule);
    }
    const byPrefix = new Map<string, PrefixLevel>();
    for (const { network, rules } of byText.values()) {
      const key = `${network.family}/${network.prefix}`;
      const level = byPrefix.get(key) ?? { masks: masksOf(network.prefix), root: new Map() };
      if (!byPrefix.has(key)) this.#levels[network.family].push(level);
      byPrefix.set(key, level);
      insert(level, network.words, sparseSet(rules));
    }
  }

  /** Adds the set of each network that holds the address. */
  addMatches(address: Address, union: UnionSet): void {
    const levels = this.#levels[address.family];
    for (let i = 0; i < levels.length; i += 1) {
      const set = find(levels[i] as PrefixLevel, address.words);
      if (set) union.add(set);
    }
  }
}

function masksOf(prefix: number): readonly number[] {
  // A `/0` still has one word, of which nothing counts.
  const count = Math.max(1, Math.ceil(prefix / 32));
  return Array.from({ length: count }, (_, i) => {
    const bits = Math.min(32, prefix - i * 32);
    return bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
  });
}

function insert({ masks, root }: PrefixLevel, words: readonly number[], set: SparseSet): void {
  let level = root;
  for (let i = 0; i < masks.length - 1; i += 1) {
    const key = words[i] ?? 0;
    const next = level.get(key);
    const child: Level = next instanceof Map ? next : new Map();
    level.set(key, child);
    level = child;
  }
  level.set(words[masks.length - 1] ?? 0, set);
}

function find({ masks, root }: PrefixLevel, words: readonly number[]): SparseSet | undefined {
  let level: Level | SparseSet | undefined = root;
  for (let i = 0; i < masks.length; i += 1) {
    if (!(level instanceof Map)) return undefined;
    level = level.get(((words[i] as number) & (masks[i] as number)) >>> 0);
  }
  return level instanceof Map ? undefined : level;
}
