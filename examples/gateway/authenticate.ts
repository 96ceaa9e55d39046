/** Whether a client may talk to this gateway at all: by the shared token, or by the one that its device was given. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { resolveAuthConnectErrorDetailCode } from '@openclaw/gateway-protocol/connect-error-details';
import type { OwnPairingStore } from 'pair-policy';
import type { ConnectParams } from './checked-frame.js';
import { type HandshakeError, refused } from './handshake-error.js';

/** How a client proved that it may connect, in the words of the fact `authMethod`. */
export type AuthMethod = 'token' | 'device-token';

/** Resolves to how the client proved itself, and rejects where it did not. */
export async function authenticate(
  { auth }: ConnectParams,
  { deviceId, role }: { readonly deviceId: string; readonly role: string },
  { sharedToken, store }: { readonly sharedToken: string; readonly store: OwnPairingStore },
): Promise<AuthMethod> {
  const { token, deviceToken } = auth ?? {};
  if (token !== undefined && isEqual(token, sharedToken)) return 'token';
  // Older clients send a device's token as `token`.
  const own = deviceToken ?? token;
  if (own === undefined) throw unauthorized('token_missing');
  if (await store.acceptsToken(deviceId, role, own)) return 'device-token';
  throw unauthorized(deviceToken === undefined ? 'token_mismatch' : 'device_token_mismatch');
}

/** Compares in a time that tells nothing of either text. */
function isEqual(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function unauthorized(reason: string): HandshakeError {
  return refused(
    `unauthorized: ${reason.replaceAll('_', ' ')}`,
    resolveAuthConnectErrorDetailCode(reason),
  );
}
