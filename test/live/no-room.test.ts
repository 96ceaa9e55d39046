import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLimitFile } from '../../src/live/index.js';
import { createMemoryStore, openPairingStore } from '../../src/stores/index.js';
import { freshFolder } from './log-entries.js';
import { deviceNo, NOW, nodeNo, operatorNo, pairAs, policyOf, RULES, setUp } from './set-up.js';

const BOUNDS = { now: () => NOW, maxPending: 50, maxPendingPerAddress: 2 };
const HOLDS = policyOf(RULES.holdAdmin);
const FLOODER = '203.0.113.9';

describe.each([
  ['in memory', async () => createMemoryStore(BOUNDS)],
  ['in files', () => openPairingStore(freshFolder(), BOUNDS)],
] as const)('where there is no room for a request, %s', (_name, open) => {
  it('the connect is told to come again, and nothing failed', async () => {
    const store = await open();
    const { hook, errors, entries } = setUp(HOLDS, { store, holdMs: 60_000 });
    for (const number of [1, 2]) await store.request(askOf(number));
    const before = store.allPending();
    const answer = await hook.onConnect(operatorNo(3, { remoteIp: FLOODER }));
    expect(answer).toMatchObject({
      admitted: false,
      decision: { action: 'hold', cause: 'default' },
      error: {
        details: {
          retryable: true,
          pauseReconnect: false,
          recommendedNextStep: 'wait_then_retry',
          remediationHint: expect.stringContaining('too many requests wait'),
        },
      },
    });
    expect(answer).not.toHaveProperty('error.details.requestId');
    expect(store.allPending()).toEqual(before);
    expect(errors).toEqual([]);
    expect(entries).toMatchObject([{ answered: 'refused', outcome: 'hold' }]);
    expect(hook.stats).toMatchObject({ waiting: 0, turnedAway: 1, errors: 0 });
    const other = hook.onConnect(operatorNo(4));
    await expect.poll(() => store.pendingOf(deviceNo(4).deviceId)).toHaveLength(1);
    await hook.close();
    expect(await other).toMatchObject({ error: { details: { requestId: expect.any(String) } } });
    await store.close();
  });

  it('a paired node is let in with what it is approved for', async () => {
    const store = await open();
    const { hook, errors } = setUp(policyOf(RULES.lan), { store });
    const node = nodeNo(1, { remoteIp: FLOODER });
    await pairAs(store, node);
    await store.pair({ ...askOf(1), store: 'node', commands: ['system.run'] });
    const come = (commands: string[]) => hook.onConnect({ ...node, commands });
    for (const command of ['camera.snap', 'camera.clip', 'camera.list']) {
      expect(await come(['system.run', command])).toMatchObject({
        admitted: true,
        commands: ['system.run'],
      });
    }
    expect(store.allPending()).toHaveLength(2);
    expect(errors).toEqual([]);
    await store.close();
  });
});

function askOf(number: number) {
  return {
    store: 'device' as const,
    ...deviceNo(number),
    roles: ['operator'],
    scopes: ['operator.read'],
    commands: [],
    record: { remoteIp: FLOODER },
  };
}

describe('where another process takes the last room of a limit', () => {
  it('the connect is held by the rule, as one that comes later is', async () => {
    const file = join(freshFolder(), 'limits.json');
    const policy = policyOf(RULES.lanOnce);
    const hooks = await Promise.all(
      [1, 2].map(async () => setUp(policy, { limits: await openLimitFile(file) })),
    );
    const answers = await Promise.all(
      hooks.flatMap(({ hook }, at) => [1, 2].map((n) => hook.onConnect(nodeNo(10 * at + n)))),
    );
    const held = answers.filter(({ admitted }) => !admitted);
    expect(held).toHaveLength(1);
    expect(held).toMatchObject([
      {
        decision: { action: 'hold', rule: 'lan-once', cause: 'limit' },
        error: {
          details: {
            retryable: true,
            requestId: expect.any(String),
            remediationHint: expect.stringContaining('its limit is spent'),
          },
        },
      },
    ]);
    expect(hooks.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
