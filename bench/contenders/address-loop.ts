/** What a user writes without any rule library: a loop over rules, addresses by `ipaddr.js`. */
import ipaddr from 'ipaddr.js';
import type { PlainRecord } from '../policies/plain-policy.js';
import type { Contender, Maker, Task } from './contender.js';
import type { PlainTest } from './plain-tests.js';

type IpAddress = ReturnType<typeof ipaddr.process>;
type Range = readonly [IpAddress, number];
type Prepared = PlainTest & { readonly ranges?: readonly Range[] };

/** The loop over records whose addresses were parsed beforehand, as ours were. */
export const addressLoop: Maker = {
  name: 'loop with ipaddr.js',
  sort: 'loop',
  compiles: false,
  make: (task) => createLoop(task, toAddresses(task.records)),
};

/** Decides on a record as it was parsed from JSON. */
export function createRecordLoop(rules: Task['rules']): (record: PlainRecord) => number {
  const prepared = rules.map((tests) => tests.map(prepare));
  return (record) => firstOf(prepared, record, ipaddr.process(record.remoteIp));
}

function createLoop({ rules, records }: Task, addresses: readonly IpAddress[]): Contender {
  const prepared = rules.map((tests) => tests.map(prepare));
  return {
    decide: (i) => firstOf(prepared, records[i] as PlainRecord, addresses[i] as IpAddress),
  };
}

function prepare(test: PlainTest): Prepared {
  if (test.op !== 'inNetworks') return test;
  return { ...test, ranges: test.networks.map(({ text }) => ipaddr.parseCIDR(text)) };
}

/** Addresses as `ipaddr.js` has them. */
export function toAddresses(records: readonly PlainRecord[]): readonly IpAddress[] {
  return records.map(({ remoteIp }) => ipaddr.process(remoteIp));
}

function firstOf(
  rules: readonly (readonly Prepared[])[],
  record: PlainRecord,
  address: IpAddress,
): number {
  return rules.findIndex((tests) => tests.every((test) => holds(test, record, address)));
}

function holds(test: Prepared, record: PlainRecord, address: IpAddress): boolean {
  switch (test.op) {
    case 'inNetworks':
      return isInRanges(address, test.ranges ?? []);
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
