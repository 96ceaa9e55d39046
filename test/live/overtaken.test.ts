/** An approval that must wait for a disk before it is written down, and what changes meanwhile. */
import { describe, expect, it } from 'vitest';
import {
  createMemoryLimits,
  type LimitKeeper,
  type OwnPairingStore,
} from '../../src/live/index.js';
import {
  createSwapped,
  deviceNo,
  NOW,
  operatorNo,
  pairAs,
  policyOf,
  RULES,
  STORES,
  setUp,
} from './set-up.js';

/** Limits that do something else while they are charged, the first time. */
function busyLimits(meanwhile: () => Promise<unknown> | unknown): LimitKeeper {
  const limits = createMemoryLimits();
  let isFirst = true;
  return {
    approvals: (rule, key) => limits.approvals(rule, key),
    async charge(charge, limit) {
      await limits.charge(charge, limit);
      if (isFirst) await meanwhile();
      isFirst = false;
    },
  };
}

const FEW = policyOf(`
  - id: few
    action: approve
    when: { from: anywhere, role: operator, kind: new-device, scopes: { within: [operator.read] } }
    limit: { max: 5, per: 1h }
`);
const UPGRADES = policyOf(`
  - id: upgrades
    action: approve
    when: { from: anywhere, role: operator, kind: scope-upgrade, scopes: { within: [operator.read, operator.write] } }
    limit: { max: 5, per: 1h }
`);
const record = operatorNo(1, { scopes: ['operator.read'] });
const { deviceId } = deviceNo(1);

describe.each(STORES)('an approval that was decided before, %s', (_kind, openStore) => {
  const run = async (
    store: OwnPairingStore,
    first: typeof FEW,
    asked: typeof record,
    meanwhile: (swap: (next: typeof FEW) => void) => Promise<unknown> | unknown,
  ) => {
    const { policy, swap } = createSwapped(first);
    const limits = busyLimits(() => meanwhile(swap));
    const { hook } = setUp(policy, { store, limits, now: () => NOW, holdMs: 0 });
    return await hook.onConnect(asked);
  };

  it('pairs nobody by a rule that is gone', async () => {
    const store = await openStore();
    const answer = await run(store, FEW, record, (swap) => swap(policyOf(RULES.holdAdmin)));
    expect(answer).toMatchObject({ admitted: false, decision: { action: 'hold' } });
    expect(store.paired(deviceId)).toBeUndefined();
  });

  it('pairs nobody anew whose pairing it would only have widened', async () => {
    const store = await openStore();
    await pairAs(store, record);
    const more = operatorNo(1, { scopes: ['operator.read', 'operator.write'] });
    const answer = await run(store, UPGRADES, more, () => store.revoke(deviceId));
    expect(answer).toMatchObject({ admitted: false, decision: { action: 'hold' } });
    expect(store.paired(deviceId)).toBeUndefined();
  });

  it('pairs nobody who was blocked meanwhile', async () => {
    const store = await openStore();
    const block = { device: deviceId, reason: undefined, since: NOW };
    const answer = await run(store, FEW, record, () => store.blocks.add(block));
    expect(answer).toMatchObject({
      admitted: false,
      decision: { action: 'deny', rule: '(blocked)' },
    });
    expect(store.paired(deviceId)).toBeUndefined();
  });

  it('is given where nothing changed', async () => {
    const store = await openStore();
    expect(await run(store, FEW, record, () => undefined)).toMatchObject({ admitted: true });
  });
});
