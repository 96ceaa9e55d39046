/** The signature with which a device of ours proves its key to a gateway. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { GatewayClientHostDeps } from '@openclaw/gateway-client';

/** What the client asks of its host. */
export const SIGNING: GatewayClientHostDeps = {
  // The client signs the third form of the payload. The second one, which lacks the last two fields, is what all
  // releases accept, and no field of ours has a bar in it.
  signDevicePayload: (pem: string, payload: string) => {
    const second = payload.replace(/^v3\|/, 'v2|').split('|').slice(0, -2).join('|');
    return sign(null, Buffer.from(second), createPrivateKey(pem)).toString('base64url');
  },
  publicKeyRawBase64UrlFromPem: (pem: string) =>
    createPublicKey(pem)
      .export({ type: 'spki', format: 'der' })
      .subarray(-32)
      .toString('base64url'),
};
