import { beforeEach, describe, expect, it } from 'vitest';
import { callMethod } from '../../examples/gateway/call-method.js';
import type { Role } from '../../examples/gateway/session.js';
import type { PairingAsk, PendingRequest } from '../../src/live/index.js';
import { createMemoryStore } from '../../src/stores/index.js';
import { newDevice } from '../e2e/real-client.js';

let store: ReturnType<typeof createMemoryStore>;

beforeEach(() => {
  store = createMemoryStore();
});

const ask = (changes: Partial<PairingAsk> = {}): PairingAsk => {
  const { deviceId, publicKey } = newDevice();
  const asked = { roles: ['operator'], scopes: ['operator.read'], commands: [] };
  return { store: 'device', deviceId, publicKey, record: {}, ...asked, ...changes };
};

const call = (
  method: string,
  params: unknown,
  scopes = ['operator.admin'],
  role: Role = 'operator',
) => callMethod(method, params, { deviceId: 'x', role, scopes, commands: [] }, store);

describe('device.pair.list', () => {
  it('shows the pending of both stores in one list, and who is paired', async () => {
    const device = await store.request(ask());
    const paired = await store.pair(ask({ roles: ['node'], scopes: [] }));
    const { deviceId, publicKey } = newDevice();
    await store.pair(ask({ deviceId, publicKey, roles: ['node'], scopes: [] }));
    const node = await store.request(
      ask({ store: 'node', deviceId, publicKey, roles: ['node'], scopes: [], commands: ['a.b'] }),
    );
    const answer = await call('device.pair.list', {});
    expect(answer).toMatchObject({
      pending: expect.arrayContaining([
        expect.objectContaining({ requestId: device.requestId, store: 'device' }),
        expect.objectContaining({ requestId: node.requestId, store: 'node', commands: ['a.b'] }),
      ]),
      paired: expect.arrayContaining([expect.objectContaining({ deviceId: paired.deviceId })]),
    });
    expect(JSON.stringify(answer)).not.toContain('"token');
  });
});

/** How a person may call a request. */
const NAMES: [string, (request: PendingRequest) => string][] = [
  ['its request id', ({ requestId }) => requestId],
  ['the device id', ({ deviceId }) => deviceId],
  ['the beginning of its request id', ({ requestId }) => requestId.slice(0, 8)],
  ['the beginning of the device id', ({ deviceId }) => deviceId.slice(0, 8)],
];

describe.each(['device.pair.approve', 'device.pair.reject'])('%s', (method) => {
  it.each(NAMES)('finds a request by %s', async (_, nameOf) => {
    const request = await store.request(ask());
    const { deviceId } = request;
    await store.request(ask());
    const answer = await call(method, { requestId: nameOf(request) });
    expect(answer).toMatchObject({ requestId: request.requestId });
    expect(store.pendingOf(deviceId)).toEqual([]);
    expect(store.paired(deviceId) !== undefined).toBe(method === 'device.pair.approve');
  });

  it.each([
    ['unknown requestId', 'ffffffff-0000-4000-8000-000000000000'],
    ['unknown requestId', 'a'],
    ['invalid device.pair', ''],
  ])('answers %s to %j', async (message, requestId) => {
    await store.request(ask());
    await expect(call(method, { requestId })).rejects.toThrow(message);
  });

  it('does nothing where several fit', async () => {
    const { deviceId, publicKey } = newDevice();
    await store.request(ask({ deviceId, publicKey }));
    await store.pair(ask({ deviceId, publicKey, roles: ['node'], scopes: [] }));
    await store.request(
      ask({ store: 'node', deviceId, publicKey, roles: ['node'], scopes: [], commands: ['a.b'] }),
    );
    await expect(call(method, { requestId: deviceId })).rejects.toThrow('several requests fit');
    expect(store.allPending()).toHaveLength(2);
  });

  it.each([
    ['an operator without operator.pairing', ['operator.write'], 'operator'],
    ['a node, whatever its scopes', ['operator.admin'], 'node'],
  ] as const)('is nothing for %s', async (_, scopes, role) => {
    const { requestId } = await store.request(ask());
    await expect(call(method, { requestId }, [...scopes], role)).rejects.toThrow('missing scope');
    expect(store.pending(requestId)).toBeDefined();
  });
});

describe('an approver with operator.pairing alone', () => {
  it.each([
    ['what it holds itself', { scopes: ['operator.pairing'] }, true],
    ['a scope that it does not hold', { scopes: ['operator.admin'] }, false],
    ['a node', { roles: ['node'], scopes: [] }, false],
    ['a node that is an operator, too', { roles: ['operator', 'node'], scopes: [] }, false],
    ['no role at all', { roles: [], scopes: [] }, false],
  ])('asked for %s', async (_, changes, isApproved) => {
    const { requestId, deviceId } = await store.request(ask(changes));
    const approving = call('device.pair.approve', { requestId }, ['operator.pairing']);
    if (isApproved) await approving;
    else await expect(approving).rejects.toThrow('asks for more than you hold');
    expect(store.paired(deviceId) !== undefined).toBe(isApproved);
  });
});

describe('node.event', () => {
  it('is taken from a node, and nothing comes of it', async () => {
    const answer = await call('node.event', { event: 'presence.alive' }, [], 'node');
    expect(answer).toMatchObject({ ok: true, event: 'presence.alive', handled: false });
  });

  it.each([
    ['an operator', { event: 'presence.alive' }, 'operator', 'unauthorized role'],
    ['no event', {}, 'node', 'invalid node.event params'],
  ] as const)('is not taken of %s', async (_, params, role, message) => {
    await expect(call('node.event', params, ['operator.admin'], role)).rejects.toThrow(message);
  });
});
