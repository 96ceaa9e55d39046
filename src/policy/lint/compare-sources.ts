/** What `from` conditions say of an address, as far as it can be told without knowing the host. */
import type { Network } from '../../model/index.js';
import type { AddressSource } from '../policy.js';
import { builtInRange } from '../resolve-lists.js';
import {
  type AddressRanges,
  ALL_ADDRESSES,
  rangesCover,
  rangesOf,
  rangesOverlap,
  uniteRanges,
} from './address-ranges.js';
import type { Comparing } from './comparing.js';
import type { Effort } from './effort.js';

const LOOPBACK = builtInRange('loopback');

/** Whether they hold only for connects that came through no proxy. */
export function needsDirect(sources: readonly AddressSource[]): boolean {
  return sources.every((source) => source.kind !== 'networks' && source.kind !== 'anywhere');
}

/** Whether they hold for every connect, one without an address included. */
export function holdsAnywhere(sources: readonly AddressSource[]): boolean {
  return sources.some((source) => source.kind === 'anywhere');
}

/** Whether they never fail: they hold for every address, and perhaps without one. */
export function holdsEverywhere(sources: readonly AddressSource[], { effort }: Comparing): boolean {
  return holdsAnywhere(sources) || rangesCover(listedRanges(sources, effort), ALL_ADDRESSES);
}

/** Whether every connect that is from one of `given` is from one of `wanted`. */
export function sourcesImply(
  given: readonly AddressSource[],
  wanted: readonly AddressSource[],
  { tailnet, effort }: Comparing,
): boolean {
  if (holdsAnywhere(wanted)) return true;
  if (holdsAnywhere(given) || !effort.spend(costOf(given))) return false;
  const ranges = listedRanges(wanted, effort);
  const has = (kind: AddressSource['kind']) => wanted.some((source) => source.kind === kind);
  return given.every((source) => {
    const reach = reachOf(source, tailnet);
    if (reach && rangesCover(ranges, reach)) return true;
    if (source.kind === 'networks') return false;
    return has(source.kind) || (source.kind === 'own-tailnet' && has('own-address'));
  });
}

/** Whether no connect that is from one of `given` can be from one of `wanted`. */
export function sourcesExclude(
  given: readonly AddressSource[],
  wanted: readonly AddressSource[],
  { tailnet, effort }: Comparing,
): boolean {
  if (!effort.spend(costOf(given) + costOf(wanted))) return false;
  const reach = jointReach(given, tailnet);
  const other = jointReach(wanted, tailnet);
  return reach !== undefined && other !== undefined && !rangesOverlap(reach, other);
}

function jointReach(
  sources: readonly AddressSource[],
  tailnet: readonly Network[],
): AddressRanges | undefined {
  const sets = sources.map((source) => reachOf(source, tailnet));
  return sets.every((set) => set !== undefined) ? uniteRanges(sets) : undefined;
}

/** The addresses that a source can hold for; undefined where only the host knows them. */
function reachOf(source: AddressSource, tailnet: readonly Network[]): AddressRanges | undefined {
  switch (source.kind) {
    case 'networks':
      return rangesOf(source.networks);
    case 'loopback':
      return rangesOf(LOOPBACK);
    case 'own-tailnet':
      return rangesOf(tailnet);
    case 'own-address':
      return undefined;
    case 'anywhere':
      return ALL_ADDRESSES;
  }
}

/** The addresses that are written down, by themselves or behind a name; none beyond the effort. */
function listedRanges(sources: readonly AddressSource[], effort: Effort): AddressRanges {
  if (!effort.spend(costOf(sources))) return [];
  return uniteRanges(
    sources.flatMap((source) => (source.kind === 'networks' ? [rangesOf(source.networks)] : [])),
  );
}

/** Large numbers are slow to sort. */
function costOf(sources: readonly AddressSource[]): number {
  return sources.reduce(
    (sum, source) => sum + (source.kind === 'networks' ? 8 * source.networks.length : 1),
    0,
  );
}
