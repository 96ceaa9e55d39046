/** What is written down of a decision is all that it was taken with. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoadedPolicy } from '../../src/engine/index.js';
import type { DecisionLogEntry } from '../../src/live/index.js';
import { recordingLineSchema } from '../../src/model/connect-record-schema.js';
import type { ConnectRecord, Decision } from '../../src/model/index.js';
import { adaptRecord, momentOf, type RawRecord } from '../../src/simulate/index.js';
import { createMemoryStore } from '../../src/stores/index.js';
import { buildPlain, loadablePolicies } from '../engine/plain-policies.js';
import { contexts, records } from '../reference/arbitraries.js';
import { deviceNo, NOW, nodeNo, operatorNo, pairAs, policyOf, RULES, setUp } from './set-up.js';

/** The entry as a line of a recording, as `simulate` reads it. */
function lineOf({ record, context, outcome }: DecisionLogEntry): RawRecord {
  return JSON.parse(JSON.stringify({ ...record, context, outcome })) as RawRecord;
}

/** What replaying the line decides. */
function replay(line: RawRecord, policy: LoadedPolicy): Decision | undefined {
  const adapted = adaptRecord(line);
  if (!('record' in adapted)) return undefined;
  const { circumstances, limits } = momentOf(adapted.record, {});
  return limits && policy.compiled.decide(circumstances, limits);
}

/** Replays what was logged; a decision that no policy has taken has no outcome. */
function expectReplayed(entries: readonly DecisionLogEntry[], policy: LoadedPolicy): void {
  for (const entry of entries) {
    if (entry.outcome === undefined) continue;
    const { generation: _generation, at: _at, ...decision } = entry.decision;
    expect(replay(lineOf(entry), policy)).toEqual(decision);
    expect(entry.outcome).toBe(decision.action);
  }
}

describe('a line of the decision log', () => {
  const limited = policyOf(RULES.lanOnce + RULES.status + RULES.holdAdmin);

  it('replays to the same decision, whatever came of it', async () => {
    const { hook, store, entries } = setUp(limited);
    for (let i = 0; i < 5; i += 1) await hook.onConnect(nodeNo(i, { commands: ['system.run'] }));
    await hook.onConnect(operatorNo(6, { scopes: ['operator.admin'] }));
    await hook.onConnect(operatorNo(7, { remoteIp: undefined }));
    await pairAs(store, operatorNo(8));
    await hook.onConnect(operatorNo(8));
    await store.blocks.add({ device: deviceNo(8).deviceId, reason: undefined, since: 0 });
    await hook.onConnect(operatorNo(8));
    expectReplayed(entries, limited);
    const taken = entries.map(({ decision }) => `${decision.action} ${decision.cause}`);
    expect(new Set(taken)).toEqual(
      new Set(['approve rule', 'hold limit', 'hold rule', 'hold unknown-fact', 'deny rule']),
    );
    for (const entry of entries) {
      expect(recordingLineSchema.safeParse(lineOf(entry)).error).toBeUndefined();
    }
  });

  it('holds only the limits that were looked up, as they were then', async () => {
    const { hook, entries } = setUp(limited);
    for (let i = 0; i < 3; i += 1) await hook.onConnect(operatorNo(i));
    await hook.onConnect(operatorNo(0));
    const counted = entries.map(({ context: { limits } }) => limits?.['lan-once']?.['']?.length);
    expect(counted).toEqual([0, 1, 2, undefined]);
    expect(entries[3]?.context.limits).toEqual({});
  });

  it('says so where limits could not be told', async () => {
    const limits = { approvals: () => undefined, charge: async () => {} };
    const { hook, entries } = setUp(limited, { limits });
    const answer = await hook.onConnect(operatorNo(1));
    expect(answer.decision).toMatchObject({ action: 'hold', cause: 'limit' });
    expect(entries[0]?.context.limits).toBeNull();
    expectReplayed(entries, limited);
  });

  it('does not hold what the client says of its own standing', async () => {
    const { hook, entries } = setUp(limited);
    const lies = {
      kind: 'reconnect',
      isRepair: true,
      silent: true,
      requestId: 'r',
      context: { now: 1 },
      outcome: 'approve',
      expect: 'approve',
    };
    await hook.onConnect({ ...operatorNo(1), ...lies } as ConnectRecord);
    const [entry] = entries;
    expect(entry?.record).toMatchObject({ kind: 'new-device', isRepair: false, silent: false });
    expect(Object.keys(entry?.record ?? {})).not.toEqual(
      expect.arrayContaining(['requestId', 'context', 'outcome', 'expect']),
    );
  });
});

describe('with any policy, record and context', () => {
  const devices = fc.integer({ min: 1, max: 3 }).map(deviceNo);

  it('only what a policy approves is let in, and all is replayed to the same', async () => {
    let letIn = 0;
    let decided = 0;
    const property = fc.asyncProperty(
      loadablePolicies(),
      fc.array(fc.tuple(records(), devices), { minLength: 1, maxLength: 4 }),
      contexts(),
      async (plain, connects, context) => {
        const policy = buildPlain(plain);
        const now = () => (typeof context.now === 'number' ? Math.trunc(context.now) : NOW);
        const ownAddresses = () => context.ownAddresses as readonly string[] | undefined;
        const store = createMemoryStore({ now: () => NOW });
        const { hook, entries } = setUp(policy, { now, ownAddresses, store });
        for (const [record, device] of connects) {
          const before = store.paired(device.deviceId);
          const answer = await hook.onConnect({ ...(record as ConnectRecord), ...device });
          expect(answer.admitted).toBe(answer.decision.action === 'approve');
          if (answer.admitted) expect(store.paired(device.deviceId)).toBeDefined();
          else if (!before) expect(store.paired(device.deviceId)).toBeUndefined();
        }
        letIn += hook.stats.admitted;
        decided += entries.filter(({ outcome }) => outcome !== undefined).length;
        expectReplayed(entries, policy);
      },
    );
    await fc.assert(property, { numRuns: 150 });
    // Else the property would say nothing.
    expect(decided).toBeGreaterThan(100);
    expect(letIn).toBeGreaterThan(10);
  });
});
