import { type Address, networkOf } from '../model/index.js';

/**
 * Who takes room, as a name: an address, or the /64 of an IPv6 one, for a single host has all of that. All whose
 * address is unknown count as one.
 */
export function originOf(address: Address | undefined): string {
  if (!address) return 'unknown';
  return address.family === 6 ? networkOf(address, 64).text : address.text;
}
