/** A connect with some of its facts changed: what a near miss proposes, and how it is tried out. */
import {
  type Circumstances,
  type FactName,
  type Facts,
  normaliseAddresses,
  normaliseRecord,
} from '../../model/index.js';

/** New values of facts, as a connect record would hold them; `null` makes one unknown. */
export type Change = Readonly<Partial<Record<FactName, unknown>>>;

/** The value of a fact as a connect record would hold it; `null` where it is unknown. */
export function factValue(name: FactName, circumstances: Circumstances): unknown {
  if (name === 'now') return circumstances.now ?? null;
  if (name === 'ownAddresses') return circumstances.ownAddresses?.map(({ text }) => text) ?? null;
  if (name === 'remoteIp') return circumstances.facts.remoteIp?.text ?? null;
  return circumstances.facts[name] ?? null;
}

/** The same connect with changed facts, cleaned as a record would be. */
export function changeConnect(circumstances: Circumstances, change: Change): Circumstances {
  const { authMethod, authUser } = circumstances.facts;
  // Only what changes is normalised, and with it the pair of facts of which one depends on the other.
  const changed = normaliseRecord({ authMethod, authUser, ...change });
  const names = [...Object.keys(change), 'authMethod', 'authUser'] as (keyof Facts)[];
  const facts = Object.fromEntries(names.map((name) => [name, changed[name]])) as Partial<Facts>;
  return {
    ...circumstances,
    facts: { ...circumstances.facts, ...facts },
    now: 'now' in change ? (change.now as number) : circumstances.now,
    ownAddresses:
      'ownAddresses' in change
        ? normaliseAddresses(change.ownAddresses)
        : circumstances.ownAddresses,
  };
}

/** Adds to a change; a fact that thereby gets its first value back is changed no more. */
export function mergeChanges(start: Circumstances, before: Change, more: Change): Change {
  const merged = Object.entries({ ...before, ...more }).filter(
    ([name, value]) => !isSameValue(value, factValue(name as FactName, start)),
  );
  return Object.fromEntries(merged) as Change;
}

/** How much a change asks for: its facts, where id and key of a device count as one. */
export function sizeOf(change: Change): number {
  const names = Object.keys(change);
  return names.length - ('deviceId' in change && 'publicKey' in change ? 1 : 0);
}

function isSameValue(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
