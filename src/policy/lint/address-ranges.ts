/** Sets of addresses as sorted spans, so that a list of networks can be compared with another as a whole. */
import { type Network, networkLiteral } from '../../model/index.js';

/** Both ends belong to it. IPv4 comes behind all of IPv6. */
interface Span {
  readonly first: bigint;
  readonly last: bigint;
}

/** Addresses as sorted spans that neither overlap nor touch. */
export type AddressRanges = readonly Span[];

const BITS = { 4: 32n, 6: 128n } as const;
const FAMILY_BASE = { 4: 1n << 128n, 6: 0n } as const;

/** Works something out once for each list of networks: rules that name a network share its list. */
export function oncePerList<T>(
  work: (networks: readonly Network[]) => T,
): (networks: readonly Network[]) => T {
  const known = new WeakMap<readonly Network[], { readonly value: T }>();
  return (networks) => {
    const found = known.get(networks) ?? { value: work(networks) };
    known.set(networks, found);
    return found.value;
  };
}

/** The addresses of a list of networks. */
export const rangesOf = oncePerList((networks) => merge(networks.map(spanOf)));

/** All addresses that there are. */
export const ALL_ADDRESSES = rangesOf(['0.0.0.0/0', '::/0'].map(networkLiteral));

/** The addresses of several sets together. */
export function uniteRanges(sets: readonly AddressRanges[]): AddressRanges {
  return sets.length === 1 && sets[0] ? sets[0] : merge(sets.flat());
}

/** Whether every address of `inner` is in `outer`. */
export function rangesCover(outer: AddressRanges, inner: AddressRanges): boolean {
  let i = 0;
  return inner.every((span) => {
    while ((outer[i]?.last ?? span.last) < span.last) i += 1;
    const around = outer[i];
    return around !== undefined && around.first <= span.first;
  });
}

/** Whether two sets share an address. */
export function rangesOverlap(a: AddressRanges, b: AddressRanges): boolean {
  let i = 0;
  return b.some((span) => {
    while ((a[i]?.last ?? span.first) < span.first) i += 1;
    const near = a[i];
    return near !== undefined && near.first <= span.last;
  });
}

function spanOf({ family, words, prefix }: Network): Span {
  const bits = BITS[family];
  const start = words.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
  const first = FAMILY_BASE[family] + start;
  return { first, last: first + (1n << (bits - BigInt(prefix))) - 1n };
}

function merge(spans: readonly Span[]): AddressRanges {
  const sorted = [...spans].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const merged: Span[] = [];
  for (const span of sorted) {
    const before = merged.at(-1);
    if (before && span.first <= before.last + 1n) {
      const last = span.last > before.last ? span.last : before.last;
      merged[merged.length - 1] = { first: before.first, last };
    } else {
      merged.push(span);
    }
  }
  return merged;
}
