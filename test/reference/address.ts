/** An IP address as a number of 32 or 128 bits. */
export interface Address {
  family: 4 | 6;
  bits: bigint;
}

/** All addresses that share the first `prefix` bits with `base`. */
export interface Network {
  base: Address;
  prefix: number;
}

const DIGITS = '0123456789';
const HEX_DIGITS = '0123456789abcdefABCDEF';

/** The address that a text is, or undefined if it is none. */
export function parseAddress(text: string): Address | undefined {
  if (text !== text.trim()) return undefined;
  if (!text.includes(':')) return parseIpv4(text);
  const zoneAt = text.indexOf('%');
  if (zoneAt === -1) return parseIpv6(text);
  if (zoneAt === text.length - 1) return undefined;
  return parseIpv6(text.slice(0, zoneAt));
}

/** The network of a valid CIDR; an address alone is the network of just this address. */
export function parseNetwork(text: string): Network {
  const [addressText = '', prefixText] = text.split('/');
  const base = parseAddress(addressText);
  if (base === undefined) throw new Error(`not a valid policy: ${text} is no address or CIDR`);
  if (prefixText === undefined) return { base, prefix: base.family === 4 ? 32 : 128 };
  const writtenAsIpv6 = addressText.includes(':');
  const isMapped = writtenAsIpv6 && base.family === 4;
  return { base, prefix: isMapped ? Number(prefixText) - 96 : Number(prefixText) };
}

/** Whether the address lies in the network; one of IPv4 never lies in one of IPv6. */
export function contains(network: Network, address: Address): boolean {
  if (network.base.family !== address.family) return false;
  const hostBits = BigInt((address.family === 4 ? 32 : 128) - network.prefix);
  return network.base.bits >> hostBits === address.bits >> hostBits;
}

/** Whether both are the same address. */
export function isSameAddress(one: Address, other: Address): boolean {
  return one.family === other.family && one.bits === other.bits;
}

/** The canonical text: four decimal parts, or IPv6 as in RFC 5952. */
export function renderAddress(address: Address): string {
  return address.family === 4 ? renderIpv4(address.bits) : renderIpv6(address.bits);
}

/** What a limit by `remoteIp` counts by: the IPv4 address, or the /64 of the IPv6 address. */
export function renderLimitKey(address: Address): string {
  if (address.family === 4) return renderIpv4(address.bits);
  return `${renderIpv6((address.bits >> 64n) << 64n)}/64`;
}

function parseIpv4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let bits = 0n;
  for (const part of parts) {
    if (part.length < 1 || part.length > 3 || !consistsOf(part, DIGITS)) return undefined;
    if (part.length > 1 && part.startsWith('0')) return undefined;
    if (Number(part) > 255) return undefined;
    bits = bits * 256n + BigInt(part);
  }
  return { family: 4, bits };
}

function parseIpv6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [leftText = '', rightText] = halves;
  const left = parseGroups(leftText, rightText === undefined);
  const right = rightText === undefined ? [] : parseGroups(rightText, true);
  if (left === undefined || right === undefined) return undefined;
  const given = left.length + right.length;
  // `::` stands for one zero group at least.
  if (rightText === undefined ? given !== 8 : given > 7) return undefined;
  const zeros: bigint[] = Array.from({ length: 8 - given }, () => 0n);
  const bits = [...left, ...zeros, ...right].reduce((sum, group) => sum * 65536n + group, 0n);
  const isMapped = bits >> 32n === 0xffffn;
  return isMapped ? { family: 4, bits: bits & 0xffffffffn } : { family: 6, bits };
}

/** The 16-bit groups of a part of an IPv6 address; IPv4 may be embedded only where the address ends. */
function parseGroups(text: string, endsTheAddress: boolean): bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const embedded = parseIpv4(part);
      if (embedded === undefined || !endsTheAddress || index !== parts.length - 1) return undefined;
      groups.push(embedded.bits >> 16n, embedded.bits & 0xffffn);
    } else {
      if (part.length < 1 || part.length > 4 || !consistsOf(part, HEX_DIGITS)) return undefined;
      groups.push(BigInt(`0x${part}`));
    }
  }
  return groups;
}

function renderIpv4(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 0xffn)).join('.');
}

function renderIpv6(bits: bigint): string {
  const groups = [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n].map((shift) =>
    ((bits >> shift) & 0xffffn).toString(16),
  );
  const run = longestRunOfZeros(groups);
  if (run.length < 2) return groups.join(':');
  return `${groups.slice(0, run.start).join(':')}::${groups.slice(run.start + run.length).join(':')}`;
}

function longestRunOfZeros(groups: string[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === '0') length += 1;
    if (length > longest.length) longest = { start, length };
  }
  return longest;
}

function consistsOf(text: string, alphabet: string): boolean {
  return [...text].every((character) => alphabet.includes(character));
}
