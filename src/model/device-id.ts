import { createHash } from 'node:crypto';

/** The device id of a public key: sha256 of its raw 32 bytes, as 64 hex digits. */
export function deviceIdOf(publicKey: string): string {
  return createHash('sha256').update(publicKey, 'base64url').digest('hex');
}
