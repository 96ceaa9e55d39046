import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An IPv4 or IPv6 address: one or four 32-bit words, and its canonical text. */
export interface Address {
  readonly family: 4 | 6;
  readonly words: readonly number[];
  readonly text: string;
}

/** An address prefix, host bits zero; `prefix` counts bits of its own family. */
export interface Network {
  readonly family: 4 | 6;
  readonly words: readonly number[];
  readonly prefix: number;
  readonly text: string;
}

/** Why a text is no network, as a closed set. */
export type NetworkFault =
  | { readonly fault: 'not-a-network' }
  | { readonly fault: 'host-bits'; readonly suggestion: string }
  | { readonly fault: 'half-mapped' };

const MAPPED_PREFIX = 96;

/**
 * Reads an address. IPv4 is four decimal parts without leading zeros and nothing else; a zone id
 * on IPv6 text is cut; an IPv4-mapped IPv6 address is the IPv4 address. Anything else is undefined.
 */
export function parseAddress(text: unknown): Address | undefined {
  if (typeof text !== 'string') return undefined;
  // By far the most frequent, and its text is canonical already.
  if (isIPv4(text)) return { family: 4, words: [wordOf(text)], text };
  const bytes = parseBytes(cutZone(text));
  return bytes && toAddress(bytes);
}

/** Reads `address/prefix`, or a lone address as a network of one. */
export function parseNetwork(text: string): Network | NetworkFault {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const bytes = parseBytes(host);
  if (!bytes) return { fault: 'not-a-network' };
  const bits = bytes.length * 8;
  const prefix = slash < 0 ? bits : parsePrefix(text.slice(slash + 1), bits);
  if (prefix === undefined) return { fault: 'not-a-network' };
  const kept = maskBytes(bytes, prefix);
  // `::/0` says everything; between that and /96 a prefix would cover a part of IPv4 by accident.
  if (prefix > 0 && prefix < MAPPED_PREFIX && coversMapped(kept, prefix)) {
    return { fault: 'half-mapped' };
  }
  if (!sameBytes(kept, bytes)) {
    return { fault: 'host-bits', suggestion: `${bytesToText(kept)}/${prefix}` };
  }
  return toNetwork(bytes, prefix);
}

/** Whether `address` lies in `network`; families never mix. */
export function networkContains(network: Network, address: Address): boolean {
  if (network.family !== address.family) return false;
  let bits = network.prefix;
  for (let i = 0; bits > 0; i += 1, bits -= 32) {
    const shift = bits >= 32 ? 0 : 32 - bits;
    if ((network.words[i] ?? 0) >>> shift !== (address.words[i] ?? 0) >>> shift) return false;
  }
  return true;
}

/** Whether every address of `inner` lies in `outer`. */
export function networkCovers(outer: Network, inner: Network): boolean {
  return outer.prefix <= inner.prefix && networkContains(outer, inner);
}

/** Whether two networks share an address. */
export function networksOverlap(a: Network, b: Network): boolean {
  return networkCovers(a, b) || networkCovers(b, a);
}

/** The network of the first `prefix` bits of an address. */
export function networkOf(address: Address, prefix: number): Network {
  const bytes = maskBytes(toBytes(address.words), prefix);
  return toNetworkOfFamily(address.family, bytes, prefix);
}

/** Whether two addresses are the same. */
export function isSameAddress(a: Address, b: Address): boolean {
  return a.text === b.text;
}

/** Reads a network that is part of this program; throws if it is none. */
export function networkLiteral(text: string): Network {
  const network = parseNetwork(text);
  if ('fault' in network) throw new TypeError(`not a network: ${text}`);
  return network;
}

/** The word of four decimal parts. */
function wordOf(text: string): number {
  let word = 0;
  let part = 0;
  for (let i = 0; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit >= 0) {
      part = part * 10 + digit;
    } else {
      word = word * 256 + part;
      part = 0;
    }
  }
  return word * 256 + part;
}

function cutZone(text: string): string {
  const percent = text.indexOf('%');
  if (percent < 0 || percent === text.length - 1) return text;
  // A zone belongs to IPv6 text only: `10.0.0.1%x` stays as it is, which is no address.
  return text.slice(0, percent).includes(':') ? text.slice(0, percent) : text;
}

function parseBytes(text: string): number[] | undefined {
  // node:net is strict where ipaddr.js is lenient (octal, hex, fewer parts); its word comes first.
  if (text.includes('%') || !(isIPv4(text) || isIPv6(text))) return undefined;
  return ipaddr.parse(withHexTail(text)).toByteArray();
}

/** IPv4 that is embedded in IPv6, as hex groups: ipaddr.js takes `::1.2.3.4` for a mapped address. */
function withHexTail(text: string): string {
  const tail = text.lastIndexOf(':') + 1;
  if (tail === 0 || !text.includes('.')) return text;
  const [a = 0, b = 0, c = 0, d = 0] = text.slice(tail).split('.').map(Number);
  return `${text.slice(0, tail)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function parsePrefix(text: string, bits: number): number | undefined {
  if (!/^(0|[1-9][0-9]{0,2})$/.test(text)) return undefined;
  const prefix = Number(text);
  return prefix <= bits ? prefix : undefined;
}

function toAddress(bytes: readonly number[]): Address {
  const own = isMapped(bytes) ? bytes.slice(12) : bytes;
  const family = own.length === 4 ? 4 : 6;
  return { family, words: toWords(own), text: bytesToText(own) };
}

function toNetwork(bytes: readonly number[], prefix: number): Network {
  if (isMapped(bytes) && prefix >= MAPPED_PREFIX) {
    return toNetworkOfFamily(4, bytes.slice(12), prefix - MAPPED_PREFIX);
  }
  return toNetworkOfFamily(bytes.length === 4 ? 4 : 6, bytes, prefix);
}

function toNetworkOfFamily(family: 4 | 6, bytes: readonly number[], prefix: number): Network {
  return { family, words: toWords(bytes), prefix, text: `${bytesToText(bytes)}/${prefix}` };
}

function isMapped(bytes: readonly number[]): boolean {
  return bytes.length === 16 && bytes.every((byte, i) => i >= 12 || byte === (i < 10 ? 0 : 0xff));
}

function coversMapped(bytes: readonly number[], prefix: number): boolean {
  const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0];
  return bytes.length === 16 && sameBytes(maskBytes(mapped, prefix), bytes);
}

function maskBytes(bytes: readonly number[], prefix: number): number[] {
  return bytes.map((byte, i) => {
    const kept = Math.min(8, Math.max(0, prefix - i * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
}

function sameBytes(a: readonly number[], b: readonly number[]): boolean {
  return a.every((byte, i) => byte === b[i]);
}

function toWords(bytes: readonly number[]): number[] {
  const words: number[] = [];
  for (let i = 0; i < bytes.length; i += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(i, i + 4);
    words.push(((a << 24) | (b << 16) | (c << 8) | d) >>> 0);
  }
  return words;
}

function toBytes(words: readonly number[]): number[] {
  return words.flatMap((word) => [
    word >>> 24,
    (word >>> 16) & 255,
    (word >>> 8) & 255,
    word & 255,
  ]);
}

function bytesToText(bytes: readonly number[]): string {
  const address = ipaddr.fromByteArray([...bytes]);
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}
