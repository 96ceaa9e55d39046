/** Rules that are bound to single devices: found by id and by key, whatever their number. */
import { addRule, addRuleTo, type SparseSet, sparseSet } from './bits.js';
import type { Candidates } from './candidates.js';
import type { Anchored, Finder } from './finder.js';

/** Makes the finder of the rules with a `device`. */
export function findByDevice(rules: readonly Anchored[]): Finder {
  const ids = listedBy(rules, 'ids');
  const keys = listedBy(rules, 'keys');
  return {
    find({ facts: { deviceId, publicKey } }, candidates) {
      addListed(ids, deviceId, candidates);
      addListed(keys, publicKey, candidates);
    },
  };
}

interface Listed {
  readonly sets: ReadonlyMap<string, SparseSet>;
  /** The rules that list any: an unknown device may be any of them. */
  readonly all: SparseSet;
}

function listedBy(rules: readonly Anchored[], list: 'ids' | 'keys'): Listed {
  const sets = new Map<string, SparseSet>();
  const all = sparseSet();
  for (const { number, condition } of rules) {
    const devices = condition.key === 'device' ? condition[list] : [];
    if (devices.length > 0) addRule(all, number);
    for (const device of devices) addRuleTo(sets, device, number);
  }
  return { sets, all };
}

function addListed({ sets, all }: Listed, device: string | undefined, to: Candidates): void {
  if (device === undefined) {
    to.add(all, false);
    return;
  }
  const set = sets.get(device);
  if (set) to.add(set, true);
}
