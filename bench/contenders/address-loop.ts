/** What a user writes without any rule library: a loop over rules, addresses by `ipaddr.js`. */
import ipaddr from 'ipaddr.js';
import type { PlainRecord } from '../policies/plain-policy.js';
import { peerOf } from './contender.js';
import type { PlainTest } from './plain-tests.js';

type IpAddress = ReturnType<typeof ipaddr.process>;
type Range = readonly [IpAddress, number];
type Prepared = PlainTest & { readonly ranges?: readonly Range[] };

/** The loop over records whose addresses were parsed beforehand, as ours were. */
export const addressLoop = peerOf<WithAddress>(
  { name: 'loop with ipaddr.js', sort: 'loop', compiles: false },
  (rules) => {
    const tests = rules.map((rule) => rule.map(prepare));
    return {
      prepare: withAddress,
      decide(record) {
        for (let i = 0; i < tests.length; i += 1) {
          if (fits(tests[i] as readonly Prepared[], record)) return i;
        }
        return -1;
      },
    };
  },
  ({ decide }, records) => ({ decide: (i) => decide(records[i] as (typeof records)[number]) }),
);

function prepare(test: PlainTest): Prepared {
  if (test.op !== 'inNetworks') return test;
  return { ...test, ranges: test.networks.map(({ text }) => ipaddr.parseCIDR(text)) };
}

export type WithAddress = PlainRecord & { readonly ip: IpAddress };

/** A record with its address as `ipaddr.js` has it. */
export function withAddress(record: PlainRecord): WithAddress {
  return { ...record, ip: ipaddr.process(record.remoteIp) };
}

function fits(rule: readonly Prepared[], record: WithAddress): boolean {
  for (const test of rule) if (!holds(test, record)) return false;
  return true;
}

function holds(test: Prepared, record: WithAddress): boolean {
  switch (test.op) {
    case 'inNetworks':
      return isInRanges(record.ip, test.ranges ?? []);
    case 'oneOf':
      return test.words.includes(record[test.fact]);
    case 'startsWith':
      return test.prefixes.some((prefix) => record[test.fact].startsWith(prefix));
    case 'is':
      return record[test.fact] === test.value;
    case 'subsetOf':
      return record[test.fact].every((word) => test.words.includes(word));
    case 'meets':
      return record[test.fact].some((word) => test.words.includes(word));
  }
}

/** Whether one of the ranges holds the address. */
function isInRanges(address: IpAddress, ranges: readonly Range[]): boolean {
  return ranges.some(
    ([base, prefix]) => base.kind() === address.kind() && matches(address, base, prefix),
  );
}

function matches(address: IpAddress, base: IpAddress, prefix: number): boolean {
  return address instanceof ipaddr.IPv4
    ? address.match(base as ipaddr.IPv4, prefix)
    : address.match(base as ipaddr.IPv6, prefix);
}

/** Tables of ranges by their text, for libraries whose rules hold only plain data. */
export class RangeTable {
  readonly #ranges = new Map<string, readonly Range[]>();

  /** The key under which the networks are found. */
  add(test: Extract<PlainTest, { op: 'inNetworks' }>): string {
    const key = test.networks.map(({ text }) => text).join(' ');
    if (!this.#ranges.has(key))
      this.#ranges.set(
        key,
        test.networks.map(({ text }) => ipaddr.parseCIDR(text)),
      );
    return key;
  }

  holds(address: unknown, key: unknown): boolean {
    return isInRanges(address as IpAddress, this.#ranges.get(key as string) ?? []);
  }
}
