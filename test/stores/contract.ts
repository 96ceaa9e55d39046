/** What every pairing store must do, whatever keeps its devices. */
import { afterEach, describe, expect, test } from 'vitest';
import type {
  OwnPairingStore,
  PairingAsk,
  PairingStore,
  PendingRequest,
} from '../../src/live/index.js';
import { PairPolicyError } from '../../src/model/index.js';
import { askNo, commandsNo, deviceNo, nodeNo } from './asks.js';

/** A store, and how a device asks it. */
export interface StoreUnderTest<Store extends PairingStore = PairingStore> {
  readonly store: Store;
  /** Makes a device ask; resolves when the store has the request. */
  ask(ask: PairingAsk): Promise<PendingRequest>;
}

/** The codes with which it fails; none where it does not. */
export async function codesOf(promise: Promise<unknown>): Promise<readonly string[]> {
  try {
    await promise;
    return [];
  } catch (error) {
    if (!(error instanceof PairPolicyError)) throw error;
    return error.problems.map(({ code }) => code);
  }
}

/** Runs what a store of any kind must pass, also one of a gateway that is not ours. */
export function describePairingStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a pairing store`, () => {
    const opened: PairingStore[] = [];
    const setUp = async () => {
      const subject = await open();
      opened.push(subject.store);
      return subject;
    };
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
    });

    test('begins with nobody', async () => {
      const { store } = await setUp();
      expect([...store.allPaired()]).toEqual([]);
      expect(store.allPending()).toEqual([]);
      expect(store.paired(deviceNo(1).deviceId)).toBeUndefined();
      expect(store.blocks.all()).toEqual([]);
    });

    test('what a device asks for waits, found by its id and by the device', async () => {
      const { store, ask } = await setUp();
      const request = await ask(askNo(1));
      expect(store.pending(request.requestId)).toEqual(request);
      expect(store.pendingOf(deviceNo(1).deviceId)).toEqual([request]);
      expect(store.pendingOf(deviceNo(1).deviceId.toUpperCase())).toEqual([request]);
      expect(store.pendingOf(deviceNo(2).deviceId)).toEqual([]);
      expect(request).toMatchObject({ store: 'device', deviceId: deviceNo(1).deviceId });
      expect(request.record).toMatchObject({
        publicKey: deviceNo(1).publicKey,
        roles: ['operator'],
        scopes: ['operator.read'],
        platform: 'linux',
      });
    });

    test('an approved device is paired as it asked, and waits no more', async () => {
      const { store, ask } = await setUp();
      const device = await store.approve(await ask(askNo(1)));
      expect(device).toMatchObject({
        deviceId: deviceNo(1).deviceId,
        publicKey: deviceNo(1).publicKey,
        platform: 'linux',
        roles: ['operator'],
        scopes: ['operator.read'],
        commands: undefined,
      });
      expect(store.paired(deviceNo(1).deviceId)).toEqual(device);
      expect(store.paired(deviceNo(1).deviceId.toUpperCase())).toEqual(device);
      expect([...store.allPaired()]).toEqual([device]);
      expect(store.allPending()).toEqual([]);
    });

    test('a request is approved once', async () => {
      const { store, ask } = await setUp();
      const request = await ask(askNo(1));
      await store.approve(request);
      expect(await codesOf(store.approve(request))).toEqual(['UNKNOWN_REQUEST']);
      expect(await codesOf(store.reject(request))).toEqual(['UNKNOWN_REQUEST']);
    });

    test('a request that is not as it was given is not approved', async () => {
      const { store, ask } = await setUp();
      const request = await ask(askNo(1));
      for (const changed of [
        { scopes: [] },
        { scopes: ['operator.admin'] },
        { roles: ['node'] },
        { platform: 'windows' },
        { clientMode: undefined },
        { remoteIp: '127.0.0.1' },
        { publicKey: deviceNo(2).publicKey },
      ]) {
        const given = { ...request, record: { ...request.record, ...changed } } as PendingRequest;
        expect(await codesOf(store.approve(given))).toEqual(['REQUEST_CHANGED']);
      }
      expect(store.paired(request.deviceId)).toBeUndefined();
      expect(store.pending(request.requestId)).toEqual(request);
    });

    test('a rejected request is gone, and its device is not paired', async () => {
      const { store, ask } = await setUp();
      await store.reject(await ask(askNo(1)));
      expect(store.allPending()).toEqual([]);
      expect(store.paired(deviceNo(1).deviceId)).toBeUndefined();
    });

    test('both roles of a device', async () => {
      const { store, ask } = await setUp();
      await store.approve(await ask(askNo(1)));
      const device = await store.approve(await ask(nodeNo(1)));
      expect([...device.roles].sort()).toEqual(['node', 'operator']);
      expect(device.scopes).toEqual(['operator.read']);
    });

    test('the commands of a node are approved after the node', async () => {
      const { store, ask } = await setUp();
      await store.approve(await ask(nodeNo(1)));
      const request = await ask(commandsNo(1, ['system.run', 'camera.snap']));
      expect(request).toMatchObject({ store: 'node', deviceId: deviceNo(1).deviceId });
      expect(request.record).toMatchObject({
        kind: 'node-commands',
        commands: ['system.run', 'camera.snap'],
      });
      const device = await store.approve(request);
      expect(device.commands).toEqual(['system.run', 'camera.snap']);
      expect(device.roles).toEqual(['node']);
      expect(store.paired(device.deviceId)).toEqual(device);
    });

    test('what is revoked is gone, with all that the device had', async () => {
      const { store, ask } = await setUp();
      await store.approve(await ask(nodeNo(1)));
      await store.approve(await ask(commandsNo(1, ['camera.snap'])));
      await ask(askNo(1));
      await store.revoke(deviceNo(1).deviceId);
      expect(store.paired(deviceNo(1).deviceId)).toBeUndefined();
      expect(store.allPending()).toEqual([]);
      expect(await codesOf(store.revoke(deviceNo(1).deviceId))).toEqual(['UNKNOWN_DEVICE']);
    });

    test('tells whom a change concerns, until it is told to stop', async () => {
      const { store, ask } = await setUp();
      const request = await ask(askNo(1));
      const told: unknown[] = [];
      const stop = store.on('changed', ({ deviceIds }) => told.push(deviceIds));
      await store.approve(request);
      expect(told).toContainEqual(new Set([deviceNo(1).deviceId]));
      stop();
      told.length = 0;
      await store.revoke(deviceNo(1).deviceId);
      expect(told).toEqual([]);
    });

    test('blocks a device by its id or its key', async () => {
      const { store } = await setUp();
      const one = { device: deviceNo(1).deviceId, reason: 'lost', since: 5 };
      const two = { device: deviceNo(2).publicKey, reason: undefined, since: 6 };
      await store.blocks.add(one);
      await store.blocks.add(two);
      expect(store.blocks.find({ deviceId: deviceNo(1).deviceId.toUpperCase() })).toEqual(one);
      expect(store.blocks.find(deviceNo(2))).toEqual(two);
      expect(store.blocks.find(deviceNo(3))).toBeUndefined();
      expect(store.blocks.find({})).toBeUndefined();
      await store.blocks.add({ ...one, reason: 'stolen' });
      expect(store.blocks.all().map(({ reason }) => reason)).toEqual(['stolen', undefined]);
      await store.blocks.remove(two.device);
      expect(store.blocks.find(deviceNo(2))).toBeUndefined();
      expect(await codesOf(store.blocks.remove(two.device))).toEqual(['UNKNOWN_DEVICE']);
    });
  });
}

/** Runs what a store must pass in which an embedding gateway keeps its devices itself. */
export function describeOwnPairingStore(
  name: string,
  open: (now: () => number) => Promise<OwnPairingStore>,
): void {
  describePairingStore(name, async () => {
    const store = await open(Date.now);
    return { store, ask: (ask) => store.request(ask) };
  });

  describe(`${name} as a store of our own`, () => {
    let clock = 1_800_000_000_000;
    let store: OwnPairingStore | undefined;
    const setUp = async () => {
      store = await open(() => clock);
      return store;
    };
    afterEach(async () => {
      await store?.close();
    });
    const { deviceId } = deviceNo(1);

    test('the same ask keeps its request, with the newest words', async () => {
      const store = await setUp();
      const first = await store.request(askNo(1));
      clock += 1000;
      const record = { clientId: 'cli', clientMode: 'ui', displayName: 'new' };
      const again = await store.request(askNo(1, { record }));
      expect(again.requestId).toBe(first.requestId);
      expect(again.ts).toBe(first.ts);
      expect(again.expiresAt).toBe(clock + 300_000);
      expect(again.record).toMatchObject({ clientMode: 'ui', displayName: 'new' });
      // An address of another connection would be a lie about this one.
      expect(again.record).not.toHaveProperty('remoteIp');
      expect(store.allPending()).toEqual([again]);
      expect(await codesOf(store.approve(first))).toEqual(['REQUEST_CHANGED']);
    });

    test.each([
      ['more scopes', { scopes: ['operator.read', 'operator.write'] }],
      ['fewer scopes', { scopes: [] }],
      ['another role', { roles: ['node'], scopes: [] }],
      ['both roles', { roles: ['operator', 'node'] }],
      ['another key', { publicKey: deviceNo(2).publicKey }],
      ['another origin', { record: { browserOrigin: 'https://example.org' } }],
      ['commands', commandsNo(1, ['camera.snap'])],
    ])('a different ask is a request of its own: %s', async (_, rest) => {
      const store = await setUp();
      const first = await store.request(askNo(1));
      const other = await store.request(askNo(1, rest));
      expect(other.requestId).not.toBe(first.requestId);
      expect(store.pending(first.requestId)).toEqual(first);
      expect(store.pendingOf(deviceId)).toHaveLength(2);
    });

    test('lists in another order are the same ask', async () => {
      const store = await setUp();
      const first = await store.request(askNo(1, { scopes: ['operator.read', 'operator.write'] }));
      const again = await store.request(
        askNo(1, { scopes: ['operator.write', 'operator.read', 'operator.read'] }),
      );
      expect(again.requestId).toBe(first.requestId);
    });

    test('a request is gone five minutes after it was last asked', async () => {
      const store = await setUp();
      const request = await store.request(askNo(1));
      clock += 200_000;
      await store.request(askNo(1));
      clock += 300_000;
      expect(store.pending(request.requestId)).toBeDefined();
      clock += 1;
      expect(store.pending(request.requestId)).toBeUndefined();
      expect(store.allPending()).toEqual([]);
      expect(store.pendingOf(deviceId)).toEqual([]);
      expect(await codesOf(store.approve(request))).toEqual(['UNKNOWN_REQUEST']);
      expect(await codesOf(store.reject(request))).toEqual(['UNKNOWN_REQUEST']);
      const anew = await store.request(askNo(1));
      expect(anew.requestId).not.toBe(request.requestId);
      expect(store.allPending()).toEqual([anew]);
    });

    test('pairing at once drops the request for it, and no other', async () => {
      const store = await setUp();
      await store.request(askNo(1));
      const other = await store.request(nodeNo(1));
      const device = await store.pair(askNo(1));
      expect(device.roles).toEqual(['operator']);
      expect(store.allPending()).toEqual([other]);
    });

    test('scopes and roles are united with what is paired', async () => {
      const store = await setUp();
      await store.pair(askNo(1));
      const first = store.paired(deviceId);
      clock += 5;
      await store.pair(askNo(1, { scopes: ['operator.write'] }));
      expect(store.paired(deviceId)).toMatchObject({
        scopes: ['operator.read', 'operator.write'],
        createdAtMs: first?.createdAtMs,
        approvedAtMs: clock,
      });
    });

    test('what a record says of roles grants none', async () => {
      const store = await setUp();
      const device = await store.pair(
        nodeNo(1, { record: { role: 'operator', roles: ['operator'] } }),
      );
      expect(device.roles).toEqual(['node']);
    });

    test('each role has its token, and no other opens it', async () => {
      const store = await setUp();
      await store.pair(askNo(1));
      await store.pair(nodeNo(1));
      const operator = (await store.tokenOf(deviceId, 'operator')) ?? '';
      const node = (await store.tokenOf(deviceId, 'node')) ?? '';
      expect(operator).toMatch(/^[\w-]{43}$/);
      expect(operator).not.toBe(node);
      expect(await store.acceptsToken(deviceId, 'operator', operator)).toBe(true);
      expect(await store.acceptsToken(deviceId, 'operator', node)).toBe(false);
      expect(await store.acceptsToken(deviceId, 'operator', '')).toBe(false);
      expect(await store.acceptsToken(deviceNo(2).deviceId, 'operator', operator)).toBe(false);
      for (const role of ['__proto__', 'constructor', 'toString', '']) {
        expect(await store.tokenOf(deviceId, role)).toBeUndefined();
        expect(await store.acceptsToken(deviceId, role, operator)).toBe(false);
      }
    });

    test('a role that is revoked is gone with its scopes, and does not come back with the other', async () => {
      const store = await setUp();
      await store.pair(askNo(1, { scopes: ['operator.admin'] }));
      await store.pair(nodeNo(1));
      const token = (await store.tokenOf(deviceId, 'operator')) ?? '';
      await store.request(askNo(1, { scopes: ['operator.read'] }));
      await store.revoke(deviceId, 'operator');
      expect(store.paired(deviceId)).toMatchObject({ roles: ['node'], scopes: [] });
      expect(await store.acceptsToken(deviceId, 'operator', token)).toBe(false);
      expect(store.allPending()).toEqual([]);
      expect(await codesOf(store.revoke(deviceId, 'operator'))).toEqual(['UNKNOWN_DEVICE']);
      const device = await store.pair(askNo(1));
      expect(device.scopes).toEqual(['operator.read']);
      await store.revoke(deviceId, 'node');
      await store.revoke(deviceId, 'operator');
      expect(store.paired(deviceId)).toBeUndefined();
    });

    test('another key replaces all that the device had', async () => {
      const store = await setUp();
      await store.pair(nodeNo(1));
      await store.pair(commandsNo(1, ['system.run']));
      const token = (await store.tokenOf(deviceId, 'node')) ?? '';
      const { publicKey } = deviceNo(2);
      const device = await store.pair(askNo(1, { publicKey }));
      expect(device).toMatchObject({ publicKey, roles: ['operator'], commands: undefined });
      expect(await store.acceptsToken(deviceId, 'node', token)).toBe(false);
      expect(store.paired(deviceId)).toEqual(device);
    });

    test('the commands of a node are those of the last approval, not of all', async () => {
      const store = await setUp();
      await store.pair(nodeNo(1));
      await store.pair(commandsNo(1, ['system.run', 'camera.snap']));
      expect((await store.pair(commandsNo(1, ['camera.snap']))).commands).toEqual(['camera.snap']);
    });

    test('a secret is in no answer and no event', async () => {
      const store = await setUp();
      const said: unknown[] = [];
      store.on('changed', (event) => said.push([...event.deviceIds]));
      store.on('problem', (event) => said.push(event));
      said.push(await store.request(nodeNo(1)), await store.pair(nodeNo(1)));
      said.push(await store.pair(commandsNo(1, ['camera.snap'])));
      said.push([...store.allPaired()], store.allPending());
      const token = (await store.tokenOf(deviceId, 'node')) ?? '';
      expect(token).not.toBe('');
      expect(JSON.stringify(said)).not.toContain(token);
      expect(JSON.stringify(said)).not.toMatch(/"tokens?"/);
    });

    test('many at once are all made', async () => {
      const store = await setUp();
      const numbers = Array.from({ length: 200 }, (_, i) => i);
      const askFrom = (number: number) =>
        askNo(number, { record: { remoteIp: `192.0.2.${number % 10}` } });
      const requests = await Promise.all(numbers.map((number) => store.request(askFrom(number))));
      const made = await Promise.all(
        requests.flatMap((request) => [store.approve(request), store.request(nodeNo(500))]),
      );
      expect(made).toHaveLength(400);
      expect([...store.allPaired()]).toHaveLength(200);
      expect(store.allPending()).toHaveLength(1);
    });

    test('of two that approve the same at once, one does', async () => {
      const store = await setUp();
      const request = await store.request(askNo(1));
      const codes = await Promise.all([1, 2].map(() => codesOf(store.approve(request))));
      expect(codes.flat()).toEqual(['UNKNOWN_REQUEST']);
    });
  });
}
