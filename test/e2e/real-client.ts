/** OpenClaw's own client, with a device of its own. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
} from 'node:crypto';
import {
  type DeviceAuthTokenRecord,
  type DeviceIdentity,
  GatewayClient,
  type GatewayClientHostDeps,
  type GatewayClientOptions,
  type GatewayClientRequestError,
} from '@openclaw/gateway-client';
import type { HelloOk } from '@openclaw/gateway-protocol';

/** What a device keeps between its connects: its key, and the token of each role. */
export interface TestDevice {
  readonly identity: DeviceIdentity;
  readonly deviceId: string;
  readonly publicKey: string;
  readonly tokens: Map<string, DeviceAuthTokenRecord>;
}

/** A device that nobody has seen before. */
export function newDevice(): TestDevice {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const raw = rawPublicKey(publicKeyPem);
  const deviceId = createHash('sha256').update(raw).digest('hex');
  return {
    identity: { deviceId, publicKeyPem, privateKeyPem },
    deviceId,
    publicKey: raw.toString('base64url'),
    tokens: new Map(),
  };
}

/** How an attempt to connect ended: let in, or refused with what the client was told. */
export interface Outcome {
  readonly hello: HelloOk | undefined;
  readonly error: GatewayClientRequestError | undefined;
  readonly close: { readonly code: number; readonly reason: string } | undefined;
}

/** A client that runs, and goes on trying as OpenClaw's clients do until it is stopped. */
export interface RunningClient {
  /** How its first attempt ends. */
  readonly first: Promise<Outcome>;
  /** When it is let in, at whichever attempt. */
  readonly hello: Promise<HelloOk>;
  /** When its session ends after it was let in. */
  readonly ended: Promise<{ readonly code: number; readonly reason: string }>;
  /** Whether the client has given up until someone starts it again. */
  readonly isPaused: () => boolean;
  readonly request: GatewayClient['request'];
  readonly stop: () => Promise<void>;
}

/** Starts OpenClaw's client for a device. Without other words it is a command line that wants to read. */
export function startClient(
  url: string,
  device: TestDevice,
  options: Partial<GatewayClientOptions> = {},
): RunningClient {
  const first = deferred<Outcome>();
  const hello = deferred<HelloOk>();
  const ended = deferred<{ code: number; reason: string }>();
  let error: GatewayClientRequestError | undefined;
  let isPaused = false;
  const client = new GatewayClient({
    url,
    role: 'operator',
    scopes: ['operator.read'],
    clientName: 'cli',
    mode: 'cli',
    platform: 'linux',
    env: {},
    ...options,
    deviceIdentity: device.identity,
    hostDeps: hostDeps(device),
    onHelloOk: (answer) => {
      first.resolve({ hello: answer, error: undefined, close: undefined });
      hello.resolve(answer);
    },
    onConnectError: (failure) => {
      error = failure as GatewayClientRequestError;
    },
    onReconnectPaused: () => {
      isPaused = true;
    },
    onClose: (code, reason, info) => {
      first.resolve({ hello: undefined, error, close: { code, reason } });
      if (info?.phase === 'post-hello') ended.resolve({ code, reason });
    },
  });
  client.start();
  return {
    first: first.promise,
    hello: hello.promise,
    ended: ended.promise,
    isPaused: () => isPaused,
    request: client.request.bind(client),
    stop: () => client.stopAndWait(),
  };
}

function hostDeps({ tokens }: TestDevice): GatewayClientHostDeps {
  return {
    signDevicePayload: (pem, payload) =>
      sign(null, Buffer.from(payload), createPrivateKey(pem)).toString('base64url'),
    publicKeyRawBase64UrlFromPem: (pem) => rawPublicKey(pem).toString('base64url'),
    loadDeviceAuthToken: ({ role }) => tokens.get(role) ?? null,
    storeDeviceAuthToken: ({ role, token, scopes }) => {
      tokens.set(role, { token, scopes });
    },
    clearDeviceAuthToken: ({ role }) => {
      tokens.delete(role);
    },
  };
}

/** The 32 bytes at the end of an ed25519 key's SPKI form. */
function rawPublicKey(pem: string): Buffer {
  return createPublicKey(pem).export({ type: 'spki', format: 'der' }).subarray(-32);
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
