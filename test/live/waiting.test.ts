import { afterEach, describe, expect, it } from 'vitest';
import type { LoadedPolicy } from '../../src/engine/index.js';
import type {
  ConnectAnswer,
  OwnPairingStore,
  PairingHook,
  PairingHookOptions,
} from '../../src/live/index.js';
import {
  createSwapped,
  deviceNo,
  NOW,
  nodeNo,
  operatorNo,
  pairAs,
  policyOf,
  RULES,
  STORES,
  setUp,
  until,
  waiting,
} from './set-up.js';

const HOLDS = policyOf('\n  - { id: none, action: deny, when: { displayName: nobody } }');
const LAN = policyOf(RULES.lan);
const LAN_DENIED = policyOf(RULES.lan + RULES.noLinux);

const hooks: PairingHook[] = [];

/** A hook that holds all and lets connects wait for a time that no test lasts. */
function setUpHeld(options: Partial<PairingHookOptions> = {}) {
  const swapped = createSwapped(HOLDS);
  const all = setUp(swapped.policy, { holdMs: 60_000, ...options });
  hooks.push(all.hook);
  return { ...all, ...swapped };
}

afterEach(async () => {
  for (const hook of hooks.splice(0)) await hook.close();
});

const outcome = ({ admitted, decision: { action, rule } }: ConnectAnswer) => [
  admitted,
  action,
  rule,
];
const policyDetails = (answer: ConnectAnswer) =>
  answer.admitted ? undefined : answer.error.details;

/** The same policy, counting how often it is asked. */
function counted(policy: LoadedPolicy) {
  const count = { decisions: 0 };
  const decide: LoadedPolicy['compiled']['decide'] = (...args) => {
    count.decisions += 1;
    return policy.compiled.decide(...args);
  };
  return { count, policy: { ...policy, compiled: { ...policy.compiled, decide } } };
}

describe.each(STORES)('a connect whose request is new, %s', (_name, openStore) => {
  it('is decided once', async () => {
    const { count, policy } = counted(HOLDS);
    const { hook, store } = setUp(policy, { holdMs: 60_000, store: await openStore() });
    hooks.push(hook);
    const answer = hook.onConnect(operatorNo(1));
    await until(() => store.pendingOf(deviceNo(1).deviceId).length === 1);
    await waiting(hook);
    await hook.close();
    expect([(await answer).decision.action, count.decisions]).toEqual(['hold', 1]);
  });

  it.each<[string, (store: OwnPairingStore) => Promise<unknown>, boolean, number]>([
    ['paired', (store) => pairAs(store, operatorNo(1)), true, 2],
    ['paired and revoked again', pairAndRevoke, false, 1],
    ['blocked', (store) => store.blocks.add({ ...BLOCK, since: NOW }), false, 2],
  ])('is decided by what is in force where it is %s meanwhile', async (...given) => {
    const [, meanwhile, isAdmitted, decisions] = given;
    const { count, policy } = counted(HOLDS);
    const real = await openStore();
    const request: OwnPairingStore['request'] = async (ask) => {
      const made = await real.request(ask);
      await meanwhile(real);
      return made;
    };
    const store = { ...real, request };
    const { hook } = setUp(policy, { holdMs: 60_000, store });
    hooks.push(hook);
    const answer = hook.onConnect(operatorNo(1));
    if (decisions === 1) {
      await waiting(hook);
      await until(() => count.decisions === 1);
      await hook.close();
    }
    expect((await answer).admitted).toBe(isAdmitted);
  });
});

const BLOCK = { device: deviceNo(1).deviceId, reason: undefined };

async function pairAndRevoke(store: OwnPairingStore): Promise<void> {
  await pairAs(store, operatorNo(1, { scopes: ['operator.write'] }));
  await store.revoke(deviceNo(1).deviceId);
}

describe('a connect that waits', () => {
  it('is let in when a person approves it', async () => {
    const { hook, store, entries } = setUpHeld();
    const answer = hook.onConnect(operatorNo(1));
    await waiting(hook);
    const [request] = store.pendingOf(deviceNo(1).deviceId);
    if (request) await store.approve(request);
    expect(outcome(await answer)).toEqual([true, 'approve', '(paired)']);
    expect(entries.map((entry) => [entry.answered, entry.requestId])).toEqual([
      ['waiting', request?.requestId],
      ['admitted', undefined],
    ]);
    expect(hook.stats).toMatchObject({ waiting: 0, admitted: 1, decided: { approve: 1, hold: 1 } });
  });

  it('is let in when anybody pairs the device otherwise', async () => {
    const { hook, store } = setUpHeld();
    const answer = hook.onConnect(operatorNo(1));
    await waiting(hook);
    const ask = { store: 'device', roles: ['operator'], scopes: ['operator.write'] } as const;
    await store.pair({ ...ask, ...deviceNo(1), commands: [], record: {} });
    expect(outcome(await answer)).toEqual([true, 'approve', '(paired)']);
  });

  it('is let in in both roles when each is approved', async () => {
    const { hook, store } = setUpHeld();
    const answers = [hook.onConnect(operatorNo(1)), hook.onConnect(nodeNo(1))];
    await waiting(hook, 2);
    const requests = store.pendingOf(deviceNo(1).deviceId);
    expect(requests).toHaveLength(2);
    for (const request of requests) await store.approve(request);
    expect((await Promise.all(answers)).map(({ admitted }) => admitted)).toEqual([true, true]);
  });

  it('is told when a person rejects it, and is not asked for again', async () => {
    const { hook, store } = setUpHeld();
    const answer = hook.onConnect(operatorNo(1));
    await waiting(hook);
    const [request] = store.pendingOf(deviceNo(1).deviceId);
    if (request) await store.reject(request);
    expect(policyDetails(await answer)).toMatchObject({
      retryable: false,
      pauseReconnect: true,
      remediationHint: expect.stringContaining('a person has rejected the request'),
    });
    expect(store.allPending()).toEqual([]);
  });

  it('is decided by a policy that comes', async () => {
    const { hook, swap, store } = setUpHeld();
    const answer = hook.onConnect(operatorNo(1));
    await waiting(hook);
    swap(LAN);
    const { decision } = await answer;
    expect(decision).toMatchObject({ action: 'approve', rule: 'lan', generation: 2 });
    expect(decision.revision).toBe(LAN.revision);
    expect(store.allPending()).toEqual([]);
  });

  it('is denied by a policy that comes, and its request is gone', async () => {
    const { hook, swap, store } = setUpHeld();
    const answer = hook.onConnect(operatorNo(1));
    await waiting(hook);
    swap(LAN_DENIED);
    expect(outcome(await answer)).toEqual([false, 'deny', 'no-linux']);
    expect(store.allPending()).toEqual([]);
  });

  it('is denied although a person approves it, where a rule denies it by then', async () => {
    const { hook, store, swap } = setUpHeld();
    const answer = hook.onConnect(operatorNo(1));
    await waiting(hook);
    const [request] = store.pendingOf(deviceNo(1).deviceId);
    const approved = request && store.approve(request);
    swap(LAN_DENIED);
    await approved;
    expect(outcome(await answer)).toEqual([false, 'deny', 'no-linux']);
  });

  it('is denied when its device is blocked', async () => {
    const { hook, store } = setUpHeld();
    const answer = hook.onConnect(operatorNo(1));
    await waiting(hook);
    await store.blocks.add({ device: deviceNo(1).deviceId, reason: undefined, since: 0 });
    expect(outcome(await answer)).toEqual([false, 'deny', '(blocked)']);
  });

  it('is told to come again when its time is up', async () => {
    const { hook, store } = setUpHeld({ holdMs: 20 });
    const details = policyDetails(await hook.onConnect(operatorNo(1)));
    expect(details).toMatchObject({
      recommendedNextStep: 'wait_then_retry',
      retryable: true,
      pauseReconnect: false,
      requestId: store.allPending()[0]?.requestId,
    });
  });

  it('leaves its request where the client goes', async () => {
    const { hook, store } = setUpHeld();
    const leaving = new AbortController();
    const answer = hook.onConnect(operatorNo(1), { signal: leaving.signal });
    await waiting(hook);
    leaving.abort();
    expect(outcome(await answer)).toEqual([false, 'hold', null]);
    expect(store.allPending()).toHaveLength(1);
    expect(hook.stats.waiting).toBe(0);
  });

  it('is answered when the hook closes, and nothing is let in after that', async () => {
    const { hook, store, swap, listeners } = setUpHeld();
    const answer = hook.onConnect(operatorNo(1));
    await waiting(hook);
    await hook.close();
    expect(policyDetails(await answer)).toMatchObject({ retryable: true, pauseReconnect: false });
    expect(store.allPending()).toHaveLength(1);
    swap(LAN);
    const late = await hook.onConnect(operatorNo(1));
    expect(late).toMatchObject({ admitted: false, decision: { cause: 'error' } });
    expect(listeners.size).toBe(0);
  });

  it('has one request, whatever the number of retries', async () => {
    const { hook, store } = setUpHeld();
    const answers = Array.from({ length: 20 }, () => hook.onConnect(operatorNo(1)));
    await waiting(hook, 20);
    const [request, ...others] = store.pendingOf(deviceNo(1).deviceId);
    expect(others).toEqual([]);
    if (request) await store.approve(request);
    expect((await Promise.all(answers)).every(({ admitted }) => admitted)).toBe(true);
  });

  it('is not let in after its client has gone, though a rule would approve it', async () => {
    const { hook, store } = setUp(LAN);
    const signal = AbortSignal.abort();
    expect(await hook.onConnect(operatorNo(1), { signal })).toMatchObject({ admitted: false });
    expect([...store.allPaired()]).toEqual([]);
  });
});

/** No more of them from one address than may wait. */
const fromAnyOf = (number: number) =>
  operatorNo(number, { remoteIp: `192.168.1.${10 + (number % 20)}` });

describe('many that wait', () => {
  it('are not decided anew by a change that does not concern them', async () => {
    let decisions = 0;
    const ownAddresses = () => {
      decisions += 1;
      return [];
    };
    const { hook, store, entries } = setUpHeld({ ownAddresses });
    const answers = Array.from({ length: 1_000 }, (_, i) => hook.onConnect(fromAnyOf(i)));
    await until(() => entries.length === 1_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect([hook.stats.waiting, decisions]).toEqual([1_000, 1_000]);
    decisions = 0;
    const [request] = store.pendingOf(deviceNo(500).deviceId);
    if (request) await store.approve(request);
    expect(await answers[500]).toMatchObject({ admitted: true });
    expect(decisions).toBeLessThanOrEqual(2);
    expect(hook.stats.waiting).toBe(999);
  });

  it('are all decided by a policy that comes', async () => {
    const { hook, swap } = setUpHeld();
    const answers = Array.from({ length: 200 }, (_, i) => hook.onConnect(fromAnyOf(i)));
    await waiting(hook, 200);
    swap(LAN);
    expect((await Promise.all(answers)).every(({ admitted }) => admitted)).toBe(true);
  });

  it('are turned away beyond the cap of their address, each with its request', async () => {
    const { hook, store } = setUpHeld({ maxWaitingPerAddress: 3 });
    const answers = Array.from({ length: 5 }, (_, i) => hook.onConnect(operatorNo(i)));
    const early = await Promise.all(answers.slice(3));
    expect(early.map(policyDetails)).toMatchObject([
      { recommendedNextStep: 'wait_then_retry' },
      { recommendedNextStep: 'wait_then_retry' },
    ]);
    expect(store.allPending()).toHaveLength(5);
    expect(hook.stats).toMatchObject({ waiting: 3, turnedAway: 2 });
  });

  it('share the cap over one network of IPv6', async () => {
    const { hook } = setUpHeld({ maxWaitingPerAddress: 2 });
    const from = (i: number) => hook.onConnect(operatorNo(i, { remoteIp: `2001:db8::${i + 1}` }));
    const answers = [0, 1, 2].map(from);
    expect(await answers[2]).toMatchObject({ admitted: false });
    expect(hook.stats).toMatchObject({ waiting: 2, turnedAway: 1 });
  });

  it('make room for an address that has fewer', async () => {
    const { hook } = setUpHeld({ maxWaiting: 4 });
    const crowd = Array.from({ length: 4 }, (_, i) => hook.onConnect(operatorNo(i)));
    await waiting(hook, 4);
    void hook.onConnect(operatorNo(9, { remoteIp: '192.168.1.99' }));
    expect(await crowd[0]).toMatchObject({ admitted: false });
    await waiting(hook, 4);
    expect(hook.stats).toMatchObject({ waiting: 4, turnedAway: 0 });
  });
});

describe('approvals under a limit', () => {
  it('are as many as it allows, however many are asked for at once', async () => {
    const { hook, store } = setUp(policyOf(RULES.lanOnce));
    const all = Array.from({ length: 12 }, (_, i) => hook.onConnect(operatorNo(i)));
    const answers = await Promise.all(all);
    expect(answers.filter(({ admitted }) => admitted)).toHaveLength(3);
    expect([...store.allPaired()]).toHaveLength(3);
    const held = answers.filter(({ admitted }) => !admitted);
    expect(new Set(held.map(({ decision }) => decision.cause))).toEqual(new Set(['limit']));
    expect(held.map(policyDetails).every((details) => details?.retryable)).toBe(true);
  });

  it('count once for connects of one device at the same time', async () => {
    const { hook, entries } = setUp(policyOf(RULES.lanOnce));
    const all = Array.from({ length: 5 }, () => hook.onConnect(operatorNo(1)));
    const answers = await Promise.all(all);
    expect(answers.every(({ admitted }) => admitted)).toBe(true);
    expect(entries.filter(({ decision }) => decision.charge)).toHaveLength(1);
    expect(entries.map(({ decision }) => decision.rule).sort()).toEqual([
      ...Array(4).fill('(paired)'),
      'lan-once',
    ]);
  });
});
