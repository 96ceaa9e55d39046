import { describe, expect, it } from 'vitest';
import { loadPolicy } from '../../src/engine/index.js';
import type { OwnPairingStore } from '../../src/live/index.js';
import type { ConnectRecord } from '../../src/model/index.js';
import { deviceNo, nodeNo, operatorNo, pairAs, policyOf, RULES, STORES, setUp } from './set-up.js';

interface Scenario {
  readonly rules: string;
  readonly start?: string;
  readonly before?: (store: OwnPairingStore) => Promise<unknown>;
  readonly record: ConnectRecord;
  readonly kind: string | undefined;
  /** Whether it is let in, by which action, rule and cause. */
  readonly decided: readonly [boolean, string, string | null, string];
  /** How many requests the device has pending afterwards. */
  readonly pending: number;
}

const read = operatorNo(1);
const write = operatorNo(1, { scopes: ['operator.write'] });
const { lan, noLinux, holdAdmin } = RULES;
const none = `
  - id: nobody
    action: deny
    when: { displayName: nobody }`;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a new device that a rule approves is paired': {
    rules: lan,
    record: read,
    kind: 'new-device',
    decided: [true, 'approve', 'lan', 'rule'],
    pending: 0,
  },
  'its request that was pending is gone with it': {
    rules: lan,
    before: (store) => setUp(policyOf(none), { store }).hook.onConnect(read),
    record: read,
    kind: 'new-device',
    decided: [true, 'approve', 'lan', 'rule'],
    pending: 0,
  },
  'a new device for which there is no rule waits for a person': {
    rules: none,
    record: read,
    kind: 'new-device',
    decided: [false, 'hold', null, 'default'],
    pending: 1,
  },
  'a new device that a rule holds waits for a person': {
    rules: lan + holdAdmin,
    record: operatorNo(1, { scopes: ['operator.admin'] }),
    kind: 'new-device',
    decided: [false, 'hold', 'hold-admin', 'rule'],
    pending: 1,
  },
  'a new device that a rule denies leaves no request': {
    rules: lan + noLinux,
    record: read,
    kind: 'new-device',
    decided: [false, 'deny', 'no-linux', 'rule'],
    pending: 0,
  },
  'one that was pending is denied and its request is dropped': {
    rules: lan + noLinux,
    before: (store) => setUp(policyOf(none), { store }).hook.onConnect(read),
    record: read,
    kind: 'new-device',
    decided: [false, 'deny', 'no-linux', 'rule'],
    pending: 0,
  },
  'a request for something else stays': {
    rules: noLinux,
    before: (store) => setUp(policyOf(none), { store }).hook.onConnect(write),
    record: read,
    kind: 'new-device',
    decided: [false, 'deny', 'no-linux', 'rule'],
    pending: 1,
  },
  'a paired device is let in without a rule': {
    rules: none,
    before: (store) => pairAs(store, read),
    record: read,
    kind: 'reconnect',
    decided: [true, 'approve', '(paired)', 'rule'],
    pending: 0,
  },
  'a paired device is denied by a deny rule': {
    rules: noLinux,
    before: (store) => pairAs(store, read),
    record: read,
    kind: 'reconnect',
    decided: [false, 'deny', 'no-linux', 'rule'],
    pending: 0,
  },
  'a paired device may be held by a rule that names the kind, and there is nothing to ask for': {
    rules: '\n  - { id: again, action: hold, when: { kind: reconnect } }',
    before: (store) => pairAs(store, read),
    record: read,
    kind: 'reconnect',
    decided: [false, 'hold', 'again', 'rule'],
    pending: 0,
  },
  'a paired device that asks for more is decided anew': {
    rules: lan,
    before: (store) => pairAs(store, read),
    record: write,
    kind: 'scope-upgrade',
    decided: [false, 'hold', null, 'default'],
    pending: 1,
  },
  'and gets it where a rule says so': {
    rules: lan.replaceAll('operator.read', 'operator.write'),
    before: (store) => pairAs(store, read),
    record: write,
    kind: 'scope-upgrade',
    decided: [true, 'approve', 'lan', 'rule'],
    pending: 0,
  },
  'a paired device in another role is decided anew': {
    rules: none,
    before: (store) => pairAs(store, read),
    record: nodeNo(1),
    kind: 'role-upgrade',
    decided: [false, 'hold', null, 'default'],
    pending: 1,
  },
  'a paired device on another platform is decided anew': {
    rules: none,
    before: (store) => pairAs(store, read),
    record: operatorNo(1, { platform: 'windows' }),
    kind: 'metadata-upgrade',
    decided: [false, 'hold', null, 'default'],
    pending: 1,
  },
  'a row with another key is no pairing': {
    rules: none,
    before: (store) => pairAs(store, read, { publicKey: deviceNo(2).publicKey }),
    record: read,
    kind: 'key-change',
    decided: [false, 'hold', null, 'default'],
    pending: 1,
  },
  'a blocked device is denied whatever the policy says': {
    rules: lan,
    before: (store) =>
      store.blocks.add({ device: deviceNo(1).publicKey, reason: 'lost', since: 0 }),
    record: read,
    kind: 'new-device',
    decided: [false, 'deny', '(blocked)', 'rule'],
    pending: 0,
  },
  'a paired device that is blocked is denied': {
    rules: lan,
    before: async (store) => {
      await pairAs(store, read);
      await store.blocks.add({ device: deviceNo(1).deviceId, reason: undefined, since: 0 });
    },
    record: read,
    kind: 'reconnect',
    decided: [false, 'deny', '(blocked)', 'rule'],
    pending: 0,
  },
  'a record that says that it is paired already is not believed': {
    rules: none,
    record: operatorNo(1, { kind: 'reconnect', isRepair: true }),
    kind: 'new-device',
    decided: [false, 'hold', null, 'default'],
    pending: 1,
  },
  'a record that says that it is no upgrade is not believed': {
    rules: none,
    before: (store) => pairAs(store, read),
    record: operatorNo(1, { kind: 'reconnect', scopes: ['operator.admin'] }),
    kind: 'scope-upgrade',
    decided: [false, 'hold', null, 'default'],
    pending: 1,
  },
  'an unknown fact holds': {
    rules: lan,
    record: operatorNo(1, { remoteIp: undefined }),
    kind: 'new-device',
    decided: [false, 'hold', null, 'unknown-fact'],
    pending: 1,
  },
  'a role that is none holds, and there is nothing that could be asked for': {
    rules: lan,
    record: { ...read, role: 'root' } as unknown as ConnectRecord,
    kind: 'new-device',
    decided: [false, 'hold', null, 'unknown-fact'],
    pending: 0,
  },
  'a default of deny denies': {
    rules: lan,
    start: 'default: deny',
    record: operatorNo(1, { remoteIp: '10.0.0.1' }),
    kind: 'new-device',
    decided: [false, 'deny', null, 'default'],
    pending: 0,
  },
};

describe.each(STORES)('a connect to a gateway that keeps its devices %s', (_store, open) => {
  it.each(Object.entries(SCENARIOS))('%s', async (_name, scenario) => {
    const store = await open();
    const { hook, entries, errors } = setUp(policyOf(scenario.rules, scenario.start), { store });
    await scenario.before?.(store);
    const answer = await hook.onConnect(scenario.record);
    const { action, rule, cause } = answer.decision;
    expect([answer.admitted, action, rule, cause]).toEqual(scenario.decided);
    expect(entries.map(({ record }) => record.kind)).toEqual([scenario.kind]);
    const { deviceId } = deviceNo(1);
    const pending = store.pendingOf(deviceId);
    expect(pending).toHaveLength(scenario.pending);
    if (answer.admitted) expect(store.paired(deviceId)?.roles).toContain(scenario.record.role);
    else
      expect(answer.error.details.requestId).toBe(
        action === 'hold' ? pending[0]?.requestId : undefined,
      );
    expect(errors).toEqual([]);
  });
});

describe('a connect whose device is not who it says', () => {
  const cases: [string, unknown][] = [
    ['has no key', operatorNo(1, { publicKey: undefined })],
    ['has no id', operatorNo(1, { deviceId: undefined })],
    ['has the id of another key', operatorNo(1, { publicKey: deviceNo(2).publicKey })],
    ['has an id that is none', operatorNo(1, { deviceId: 'me' })],
    ['is no object', 'connect'],
    ['is null', null],
    ['is a list', [operatorNo(1)]],
    ['is an instance that may hide fields', Object.assign(Object.create({ role: 'node' }), read)],
    ['has itself in it', Object.assign({ ...read }, { self: [] as unknown[] })],
    ['is too large', operatorNo(1, { displayName: 'x'.repeat(200_000) })],
  ];
  const circular = cases[8]?.[1] as { self: unknown[] };
  circular.self.push(circular);
  it.each(cases)('%s: it is held, and not approved', async (_name, record) => {
    const { hook, store } = setUp(policyOf(RULES.lan));
    const answer = await hook.onConnect(record as ConnectRecord);
    expect(answer).toMatchObject({
      admitted: false,
      decision: { action: 'hold', cause: 'error' },
      error: { details: { retryable: expect.any(Boolean) } },
    });
    expect([...store.allPaired()]).toEqual([]);
  });
});

describe('the policy that comes with the package', () => {
  it('lets nodes of the office in, and asks a person about admins from afar', async () => {
    const { hook } = setUp(await loadPolicy('policies'));
    const node = await hook.onConnect(nodeNo(1, { remoteIp: '192.168.77.5' }));
    expect(node).toMatchObject({ admitted: true, decision: { rule: 'office-nodes' } });
    const admin = operatorNo(2, { scopes: ['operator.admin'], remoteIp: '203.0.113.9' });
    expect(await hook.onConnect(admin)).toMatchObject({
      admitted: false,
      decision: { rule: 'remote-admin' },
      error: { details: { policy: { rule: 'remote-admin' } } },
    });
  });
});
