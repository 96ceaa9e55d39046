/** The device identity of a connect: that the holder of its key signed this very connect, just now. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { buildDeviceAuthPayload, buildDeviceAuthPayloadV3 } from '@openclaw/gateway-client';
import {
  ConnectErrorDetailCodes,
  resolveDeviceAuthConnectErrorDetailCode,
} from '@openclaw/gateway-protocol/connect-error-details';
import type { ConnectParams } from './checked-frame.js';
import { type HandshakeError, refused } from './handshake-error.js';

/** A device whose signature was verified: the two names that a client cannot choose freely. */
export interface VerifiedDevice {
  readonly deviceId: string;
  readonly publicKey: string;
}

/** What the signature must be over, beside what the connect itself says. */
export interface Challenge {
  /** What this connection was sent, and no other. */
  readonly nonce: string;
  /** In ms since the epoch. */
  readonly now: number;
}

/** How far a client's clock may be from ours, as in OpenClaw. */
const MAX_SKEW_MS = 120_000;

/** The device of a connect; throws where there is none, or it does not prove to be the one. */
export function verifyDevice(
  params: ConnectParams,
  { nonce, now }: Challenge,
  role: string,
): VerifiedDevice {
  const { device } = params;
  if (!device) {
    throw refused('device identity required', ConnectErrorDetailCodes.DEVICE_IDENTITY_REQUIRED);
  }
  const key = rawKey(device.publicKey);
  if (!key) throw invalid('device-public-key');
  const deviceId = createHash('sha256').update(key).digest('hex');
  if (device.id !== deviceId) throw invalid('device-id-mismatch');
  if (Math.abs(now - device.signedAt) > MAX_SKEW_MS) throw invalid('device-signature-stale');
  if (device.nonce !== nonce) throw invalid('device-nonce-mismatch');
  if (!isSigned(params, device, role)) throw invalid('device-signature');
  return { deviceId, publicKey: device.publicKey };
}

/** The 32 bytes of a key, where its text is the only one that stands for them. */
function rawKey(text: string): Buffer | undefined {
  const raw = Buffer.from(text, 'base64url');
  return raw.length === 32 && raw.toString('base64url') === text ? raw : undefined;
}

function isSigned(
  { client, scopes = [], auth }: ConnectParams,
  device: NonNullable<ConnectParams['device']>,
  role: string,
): boolean {
  const signed = {
    deviceId: device.id,
    clientId: client.id,
    clientMode: client.mode,
    role,
    scopes,
    signedAtMs: device.signedAt,
    token: auth?.token ?? auth?.deviceToken ?? auth?.bootstrapToken ?? null,
    nonce: device.nonce,
  };
  const { platform, deviceFamily } = client;
  const payloads = [
    buildDeviceAuthPayloadV3({ ...signed, platform, deviceFamily: deviceFamily ?? null }),
    buildDeviceAuthPayload(signed),
  ];
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: device.publicKey },
    format: 'jwk',
  });
  const signature = Buffer.from(device.signature, 'base64url');
  return payloads.some((payload) => verify(null, Buffer.from(payload), key, signature));
}

function invalid(reason: string): HandshakeError {
  return refused(
    `device authentication failed: ${reason}`,
    resolveDeviceAuthConnectErrorDetailCode(reason),
  );
}
