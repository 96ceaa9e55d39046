import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type RunningGateway, serveGateway } from '../../examples/gateway/serve-gateway.js';
import { createMemoryStore } from '../../src/stores/index.js';
import { newDevice, type RunningClient, startClient } from '../e2e/real-client.js';
import { nextFrame, type RawParams, rawConnect, type Tampering } from './raw-connect.js';
import { createStubHook, type StubHook } from './stub-hook.js';

const SHARED = { token: 'shared' };

let gateway: RunningGateway;
let hook: StubHook;
let store: ReturnType<typeof createMemoryStore>;
let url: string;
const clients: RunningClient[] = [];

beforeEach(async () => {
  store = createMemoryStore();
  hook = createStubHook(store);
  const parts = { hook, store, sharedToken: SHARED.token };
  gateway = await serveGateway(parts, { host: '127.0.0.1', port: 0 });
  url = `ws://127.0.0.1:${gateway.port}`;
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  await gateway.close();
});

const start: typeof startClient = (...args) => {
  const client = startClient(...args);
  clients.push(client);
  return client;
};

describe("OpenClaw's client", () => {
  it('is let in with the shared token, and given a token of its own', async () => {
    const device = newDevice();
    const { hello } = await start(url, device, SHARED).first;
    expect(hello?.auth).toMatchObject({ role: 'operator', scopes: ['operator.read'] });
    expect(device.tokens.get('operator')?.token).toBe(hello?.auth.deviceToken);
    expect(hello?.auth.deviceToken).toBeTypeOf('string');
  });

  it('is let in with the token of its device, and put to the policy again', async () => {
    const device = newDevice();
    const before = start(url, device, SHARED);
    await before.hello;
    await before.stop();
    const { hello } = await start(url, device).first;
    expect(hello).toBeDefined();
    expect(hook.records.map(({ authMethod }) => authMethod)).toEqual(['token', 'device-token']);
  });

  it('is told why it is not let in, and gives up', async () => {
    hook.action = 'hold';
    const client = start(url, newDevice(), SHARED);
    const { error, close } = await client.first;
    expect(error?.gatewayCode).toBe('NOT_PAIRED');
    expect(error?.details).toMatchObject({
      code: 'PAIRING_REQUIRED',
      requestId: 'request-1',
      policy: { action: 'hold', rule: 'a-rule' },
    });
    expect(close).toEqual({ code: 1008, reason: 'pairing required: device is not approved yet' });
    expect(client.isPaused()).toBe(true);
  });

  it('waits while it is held', async () => {
    hook.action = 'wait';
    const client = start(url, newDevice(), SHARED);
    await vi.waitFor(() => expect(hook.records).toHaveLength(1));
    hook.answerWaiting('approve');
    expect((await client.first).hello).toBeDefined();
  });

  it('is noticed when it goes away while it is held', async () => {
    hook.action = 'wait';
    const client = start(url, newDevice(), SHARED);
    await vi.waitFor(() => expect(hook.records).toHaveLength(1));
    expect(hook.isGone()).toBe(false);
    await client.stop();
    await vi.waitFor(() => expect(hook.isGone()).toBe(true));
  });

  it('is answered when the gateway stops while it is held', async () => {
    hook.action = 'wait';
    const client = start(url, newDevice(), SHARED);
    await vi.waitFor(() => expect(hook.records).toHaveLength(1));
    await gateway.close();
    expect((await client.first).error?.gatewayCode).toBe('NOT_PAIRED');
    gateway = await serveGateway(
      { hook, store, sharedToken: SHARED.token },
      { host: '127.0.0.1', port: 0 },
    );
  });

  it.each([
    ['its pairing is revoked', (id: string) => store.revoke(id)],
    ['it is blocked', (id: string) => store.blocks.add({ device: id, reason: 'lost', since: 1 })],
  ])('loses its session when %s', async (_, take) => {
    const device = newDevice();
    const client = start(url, device, SHARED);
    await client.hello;
    await take(device.deviceId);
    expect(await client.ended).toEqual({ code: 4001, reason: 'device removed' });
  });

  it('as a node speaks an older protocol, too', async () => {
    const client = start(url, newDevice(), {
      ...SHARED,
      ...{ role: 'node', mode: 'node', clientName: 'node-host', scopes: [], commands: ['a.b'] },
      ...{ minProtocol: 3, maxProtocol: 3 },
    });
    expect((await client.first).hello?.protocol).toBe(3);
    expect(hook.records[0]).toMatchObject({ role: 'node', commands: ['a.b'], scopes: [] });
  });
});

/** What the gateway must see through before it asks the policy: each a connect that is fine but for one thing. */
const REFUSED: [string, Tampering, string][] = [
  ['no device', without('device'), 'DEVICE_IDENTITY_REQUIRED'],
  ["another device's id", inDevice({ id: newDevice().deviceId }), 'DEVICE_AUTH_DEVICE_ID_MISMATCH'],
  [
    "another device's key",
    inDevice({ publicKey: newDevice().publicKey }),
    'DEVICE_AUTH_DEVICE_ID_MISMATCH',
  ],
  ['a key that is none', inDevice({ publicKey: 'AAAA' }), 'DEVICE_AUTH_PUBLIC_KEY_INVALID'],
  ['a signature that is none', inDevice({ signature: 'AAAA' }), 'DEVICE_AUTH_SIGNATURE_INVALID'],
  ['an old signature', { signedAtOffset: -121_000 }, 'DEVICE_AUTH_SIGNATURE_EXPIRED'],
  ['a signature of the future', { signedAtOffset: 121_000 }, 'DEVICE_AUTH_SIGNATURE_EXPIRED'],
  ['the nonce of another connection', { nonce: 'seen' }, 'DEVICE_AUTH_NONCE_MISMATCH'],
  [
    'more scopes than were signed',
    after({ scopes: ['operator.admin'] }),
    'DEVICE_AUTH_SIGNATURE_INVALID',
  ],
  ['another role than was signed', after({ role: 'node' }), 'DEVICE_AUTH_SIGNATURE_INVALID'],
  [
    'another platform than was signed',
    inClient({ platform: 'ios' }),
    'DEVICE_AUTH_SIGNATURE_INVALID',
  ],
  ['another client id than was signed', inClient({ id: 'test' }), 'DEVICE_AUTH_SIGNATURE_INVALID'],
  ['another mode than was signed', inClient({ mode: 'ui' }), 'DEVICE_AUTH_SIGNATURE_INVALID'],
  [
    'another token than was signed',
    after({ auth: { token: 'x' } }),
    'DEVICE_AUTH_SIGNATURE_INVALID',
  ],
  ['no token', { token: null }, 'AUTH_TOKEN_MISSING'],
  ['a wrong token', { token: 'wrong' }, 'AUTH_TOKEN_MISMATCH'],
  [
    'a wrong device token',
    { token: 'wrong', ...after({ auth: { token: 'wrong', deviceToken: 'wrong' } }) },
    'AUTH_DEVICE_TOKEN_MISMATCH',
  ],
  ['a protocol of the past', after({ minProtocol: 1, maxProtocol: 3 }), 'PROTOCOL_MISMATCH'],
  ['a protocol of the future', after({ minProtocol: 5, maxProtocol: 9 }), 'PROTOCOL_MISMATCH'],
  ['a role that is none', after({ role: 'admin' }), 'INVALID_REQUEST'],
  ['a client that is none', inClient({ id: 'unheard-of' }), 'INVALID_REQUEST'],
];

describe('a connect', () => {
  it.each(['v2', 'v3'] as const)('may be signed as %s', async (signature) => {
    expect(await rawConnect(url, newDevice(), { signature })).toMatchObject({ ok: true });
  });

  it.each(REFUSED)('with %s never reaches the policy', async (_, tampering, code) => {
    const answer = await rawConnect(url, newDevice(), tampering);
    expect(answer).toMatchObject({ ok: false, code, close: { code: 1008 } });
    expect(hook.records).toEqual([]);
  });

  it.each([
    ['none', {}, false],
    ['x-forwarded-for', { 'X-Forwarded-For': '127.0.0.1' }, true],
    ['x-real-ip', { 'X-Real-IP': '127.0.0.1' }, true],
    ['forwarded', { Forwarded: 'for=127.0.0.1' }, true],
    ['tailscale serve', { 'Tailscale-User-Login': 'me@example.org' }, true],
  ])('with the proxy header %s says whether it may be forwarded', async (_, headers, forwarded) => {
    await rawConnect(url, newDevice(), { headers });
    expect(hook.records[0]).toMatchObject({ remoteIp: '127.0.0.1', forwarded });
  });

  it('tells what the client did not send as empty', async () => {
    await rawConnect(url, newDevice(), {});
    expect(hook.records[0]).toMatchObject({
      ...{
        displayName: '',
        deviceFamily: '',
        browserOrigin: '',
        commands: [],
        authMethod: 'token',
      },
    });
  });

  it.each([
    ['no JSON', 'connect'],
    ['no frame', '{"type":"req"}'],
    ['another method', '{"type":"req","id":"1","method":"device.pair.list","params":{}}'],
  ])('must come first, not %s', async (_, text) => {
    const socket = new WebSocket(url);
    await nextFrame(socket);
    socket.send(text);
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1008);
    expect(hook.records).toEqual([]);
  });
});

function after(changes: Partial<RawParams>): Tampering {
  return { after: (params) => Object.assign(params, changes) };
}

function without(field: keyof RawParams): Tampering {
  return { after: (params) => delete params[field] };
}

function inDevice(changes: Partial<NonNullable<RawParams['device']>>): Tampering {
  return { after: ({ device }) => Object.assign(device ?? {}, changes) };
}

function inClient(changes: Partial<RawParams['client']>): Tampering {
  return { after: ({ client }) => Object.assign(client, changes) };
}
