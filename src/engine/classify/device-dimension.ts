/** Rules that are bound to single devices: found by id and by key, whatever their number. */
import { denseSet, type SparseSet, sparseSet, UnionSet } from './bits.js';
import { type Bound, type Dimension, unbound } from './dimension.js';

/** Makes the dimension of `device`. */
export function deviceDimension(bounds: readonly Bound[], size: number): Dimension {
  const base = denseSet(size, unbound(bounds, size));
  const ids = setsOf(bounds, 'ids');
  const keys = setsOf(bounds, 'keys');
  const is = new UnionSet(base);
  const may = new UnionSet(base);
  return {
    look({ facts: { deviceId, publicKey } }, match) {
      const byId = deviceId === undefined ? undefined : ids.sets.get(deviceId);
      const byKey = publicKey === undefined ? undefined : keys.sets.get(publicKey);
      for (const set of [byId, byKey]) {
        if (!set) continue;
        is.add(set);
        may.add(set);
      }
      if (deviceId === undefined) may.add(ids.all);
      if (publicKey === undefined) may.add(keys.all);
      match.add(may, is);
    },
    clear() {
      is.clear();
      may.clear();
    },
  };
}

function setsOf(
  bounds: readonly Bound[],
  list: 'ids' | 'keys',
): { readonly sets: ReadonlyMap<string, SparseSet>; readonly all: SparseSet } {
  const rules = new Map<string, number[]>();
  const all: number[] = [];
  for (const { rule, conditions } of bounds) {
    for (const { condition } of conditions) {
      const devices = condition.key === 'device' ? condition[list] : [];
      if (devices.length > 0) all.push(rule);
      for (const device of devices) {
        const known = rules.get(device) ?? [];
        rules.set(device, known);
        known.push(rule);
      }
    }
  }
  const sets = new Map([...rules].map(([device, numbers]) => [device, sparseSet(numbers)]));
  return { sets, all: sparseSet(all) };
}
