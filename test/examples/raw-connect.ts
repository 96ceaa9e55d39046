/** A connect frame made by hand, so that one thing in it can be wrong. */
import { createPrivateKey, sign } from 'node:crypto';
import { once } from 'node:events';
import { buildDeviceAuthPayload, buildDeviceAuthPayloadV3 } from '@openclaw/gateway-client';
import { WebSocket } from 'ws';
import type { TestDevice } from '../e2e/real-client.js';

/** What differs from a connect that is fine. */
export interface Tampering {
  readonly signature?: 'v2' | 'v3';
  readonly signedAtOffset?: number;
  readonly nonce?: string;
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
  /** Changes the frame after it was signed. */
  readonly after?: (params: RawParams) => unknown;
}

export interface RawParams {
  minProtocol: number;
  maxProtocol: number;
  role: string;
  scopes: string[];
  client: { id: string; version: string; platform: string; mode: string; deviceFamily?: string };
  device?: { id: string; publicKey: string; signature: string; signedAt: number; nonce: string };
  auth?: { token?: string; deviceToken?: string };
}

export interface RawAnswer {
  readonly ok: boolean | undefined;
  readonly code: string | undefined;
  readonly close: { readonly code: number; readonly reason: string } | undefined;
}

/** Connects, sends the frame, and tells what came back; resolves at hello-ok or at the close. */
export async function rawConnect(
  url: string,
  device: TestDevice,
  tampering: Tampering,
): Promise<RawAnswer> {
  const socket = new WebSocket(url, { headers: tampering.headers ?? {} });
  const closed = once(socket, 'close');
  const challenge = await nextFrame(socket);
  const { nonce, ts } = challenge['payload'] as { nonce: string; ts: number };
  const params = signedParams(device, nonce, ts, tampering);
  tampering.after?.(params);
  const answering = nextFrame(socket);
  socket.send(JSON.stringify({ type: 'req', id: '1', method: 'connect', params }));
  const answer = await Promise.race([answering, closed.then(() => ({}) as Frame)]);
  if (answer['ok'] === true) {
    socket.terminate();
    return { ok: true, code: undefined, close: undefined };
  }
  const [code, reason] = (await closed) as [number, Buffer];
  const error = answer['error'] as { details?: { code?: string }; code: string } | undefined;
  return {
    ok: answer['ok'] as boolean | undefined,
    code: error?.details?.code ?? error?.code,
    close: { code, reason: reason.toString() },
  };
}

type Frame = Record<string, unknown>;

/** The next frame of a socket. */
export async function nextFrame(socket: WebSocket): Promise<Frame> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return JSON.parse(data.toString()) as Frame;
}

function signedParams(
  device: TestDevice,
  challenge: string,
  ts: number,
  { signature = 'v3', signedAtOffset = 0, nonce = challenge, token = 'shared' }: Tampering,
): RawParams {
  const client = { id: 'cli', version: '1', platform: 'linux', mode: 'cli' };
  const signedAt = ts + signedAtOffset;
  const signed = {
    deviceId: device.deviceId,
    clientId: client.id,
    clientMode: client.mode,
    role: 'operator',
    scopes: ['operator.read'],
    signedAtMs: signedAt,
    token,
    nonce,
  };
  const payload =
    signature === 'v2'
      ? buildDeviceAuthPayload(signed)
      : buildDeviceAuthPayloadV3({ ...signed, platform: client.platform });
  const key = createPrivateKey(device.identity.privateKeyPem);
  return {
    minProtocol: 4,
    maxProtocol: 4,
    role: 'operator',
    scopes: ['operator.read'],
    client,
    device: {
      id: device.deviceId,
      publicKey: device.publicKey,
      signature: sign(null, Buffer.from(payload), key).toString('base64url'),
      signedAt,
      nonce,
    },
    ...(token === null ? {} : { auth: { token } }),
  };
}
