/** Facts with a closed list of values: a row of rules for each value, made by evaluating them all. */
import type { Circumstances, Facts } from '../../model/index.js';
import { AUTH_METHODS, KINDS } from '../../model/index.js';
import { type DenseSet, denseSet, fullSet } from './bits.js';
import { type Bound, type Dimension, unbound } from './dimension.js';

const VALUES = {
  kind: KINDS,
  authMethod: AUTH_METHODS,
  forwarded: [true, false],
  roles: [['operator'], ['node'], ['operator', 'node']],
} as const;

/** A fact whose every value is known beforehand. */
export type ClosedFact = keyof typeof VALUES;

/** Makes the dimension of a closed fact. */
export function closedDimension(
  fact: ClosedFact,
  bounds: readonly Bound[],
  size: number,
): Dimension {
  const free = unbound(bounds, size);
  const rows = new Map<string, DenseSet>();
  for (const value of VALUES[fact]) rows.set(keyOf(value), rowOf(fact, value, bounds, free, size));
  const full = fullSet(size);
  const base = denseSet(size, free);
  return {
    look({ facts }, match) {
      const value = facts[fact];
      const row = value === undefined ? undefined : rows.get(keyOf(value));
      if (row) match.add(row, row);
      else match.add(full, base);
    },
    clear() {},
  };
}

function rowOf(
  fact: ClosedFact,
  value: Facts[ClosedFact],
  bounds: readonly Bound[],
  free: readonly number[],
  size: number,
): DenseSet {
  const circumstances = { facts: { [fact]: value } } as unknown as Circumstances;
  const holding = bounds.filter(({ conditions }) =>
    conditions.every((condition) => condition.evaluate(circumstances) === true),
  );
  return denseSet(size, [...free, ...holding.map(({ rule }) => rule)]);
}

/** The order in which roles are asked for says nothing. */
function keyOf(value: NonNullable<Facts[ClosedFact]>): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return value.length > 1 ? 'both' : (value[0] ?? '');
}
