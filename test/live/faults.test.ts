import { describe, expect, it } from 'vitest';
import {
  createMemoryLimits,
  type DecisionLog,
  type LimitKeeper,
  type OwnPairingStore,
  type PairingHook,
  type PairingHookOptions,
} from '../../src/live/index.js';
import { PairPolicyError, startOf } from '../../src/model/index.js';
import { createMemoryStore } from '../../src/stores/index.js';
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
} from './set-up.js';

/** Fails the call of that number to the named member, and tells whether it did. */
interface Fault {
  readonly name: string;
  readonly call: number;
  calls: number;
  hasFired: boolean;
}

const ERROR = new PairPolicyError([
  {
    ...startOf('/secret/place'),
    code: 'FILE_UNREADABLE',
    severity: 'error',
    message: 'the disk is full',
    hint: '',
  },
]);

/** The same object, whose member fails when its turn comes: as a promise where it gives one. */
function faulty<T extends object>(target: T, path: string, fault: Fault): T {
  return new Proxy(target, {
    get(_target, key) {
      const value: unknown = Reflect.get(target, key);
      const name = `${path}.${String(key)}`;
      if (key === 'blocks' && typeof value === 'object' && value) return faulty(value, name, fault);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (name === fault.name) {
          fault.calls += 1;
          if (fault.calls === fault.call) {
            fault.hasFired = true;
            if (ASYNCHRONOUS.has(name)) return Promise.reject(ERROR);
            throw ERROR;
          }
        }
        return Reflect.apply(value, target, args);
      };
    },
  });
}

const ASYNCHRONOUS = new Set(['store.request', 'store.pair', 'store.reject', 'limits.charge']);
const NAMES = [
  ...ASYNCHRONOUS,
  'store.paired',
  'store.pending',
  'store.pendingOf',
  'store.noteSeen',
  'store.blocks.find',
  'limits.approvals',
  'log.decided',
  'host.now',
  'host.ownAddresses',
];

interface Setting {
  readonly store: OwnPairingStore;
  readonly options: Partial<PairingHookOptions>;
}

async function set(fault: Fault, openStore = openMemoryStore): Promise<Setting> {
  const log: DecisionLog = { decided: () => {} };
  const limits: LimitKeeper = createMemoryLimits();
  const host = faulty({ now: () => NOW, ownAddresses: () => ['192.168.1.1'] }, 'host', fault);
  const store = await openStore();
  return {
    store,
    options: {
      store: faulty(store, 'store', fault),
      log: faulty(log, 'log', fault),
      limits: faulty(limits, 'limits', fault),
      now: () => host.now(),
      ownAddresses: () => host.ownAddresses(),
    },
  };
}

const limited = policyOf(RULES.lanOnce + RULES.status);
const record = nodeNo(1, { commands: ['system.run'] });

const openMemoryStore = async () => createMemoryStore({ now: () => NOW });

/** Resolves when the connect has left its request and waits, or is answered already. */
async function settled(hook: PairingHook, store: OwnPairingStore, answer: Promise<unknown>) {
  let isAnswered = false;
  void answer.then(() => {
    isAnswered = true;
  });
  await until(() => isAnswered || (hook.stats.waiting === 1 && store.allPending().length === 1));
}

/** Runs a connect with the fault; the answer is whether it was let in, and the fault must not have made it reject. */
const RUNS: Readonly<Record<string, (setting: Setting) => Promise<boolean>>> = {
  'a new node': async ({ options }) =>
    (await setUp(limited, options).hook.onConnect(record)).admitted,
  'a paired node with new commands': async ({ store, options }) => {
    await pairAs(store, record);
    return (await setUp(limited, options).hook.onConnect(record)).admitted;
  },
  'a paired operator': async ({ store, options }) => {
    await pairAs(store, operatorNo(1));
    return (await setUp(limited, options).hook.onConnect(operatorNo(1))).admitted;
  },
  'one that waits and is approved': async ({ store, options }) => {
    const { hook } = setUp(policyOf(RULES.holdAdmin), { ...options, holdMs: 60_000 });
    const answer = hook.onConnect(operatorNo(1));
    await settled(hook, store, answer);
    // With no failure so far there is a request; with one, the connect may be answered already.
    for (const request of store.pendingOf(deviceNo(1).deviceId)) await store.approve(request);
    return (await answer).admitted;
  },
  'one that waits and is let in by a new policy': async ({ store, options }) => {
    const { policy, swap } = createSwapped(policyOf(RULES.holdAdmin));
    const { hook } = setUp(policy, { ...options, holdMs: 60_000 });
    const answer = hook.onConnect(record);
    await settled(hook, store, answer);
    swap(limited);
    return (await answer).admitted;
  },
};

describe.each(STORES)('any failure is a hold, %s', (_kind, openStore) => {
  it.each(Object.entries(RUNS))('%s is let in where nothing fails', async (_name, run) => {
    const fault: Fault = { name: 'nothing', call: 1, calls: 0, hasFired: false };
    expect(await run(await set(fault, openStore))).toBe(true);
  });

  const cases = Object.entries(RUNS).flatMap(([title, run]) =>
    NAMES.map((name) => [title, name, run] as const),
  );
  it.each(cases)('%s is not let in where %s fails', async (_title, name, run) => {
    for (let call = 1; ; call += 1) {
      const fault: Fault = { name, call, calls: 0, hasFired: false };
      const isAdmitted = await run(await set(fault, openStore));
      if (!fault.hasFired) break;
      expect({ call, isAdmitted }).toEqual({ call, isAdmitted: false });
      expect(call).toBeLessThan(50);
    }
  });

  it('each of these failures does happen in one of these runs', async () => {
    const seen = new Set<string>();
    for (const name of NAMES) {
      for (const run of Object.values(RUNS)) {
        const fault: Fault = { name, call: 1, calls: 0, hasFired: false };
        await run(await set(fault, openStore));
        if (fault.hasFired) seen.add(name);
      }
    }
    // What is rejected is never let in.
    expect(NAMES.filter((name) => !seen.has(name)).sort()).toEqual([
      'store.pendingOf',
      'store.reject',
    ]);
  });
});

describe('what failed', () => {
  it('the client is told the code and not the message, and a person can still decide', async () => {
    const fault: Fault = { name: 'store.pair', call: 1, calls: 0, hasFired: false };
    const { options, store } = await set(fault);
    const { hook, errors } = setUp(policyOf(RULES.lan), options);
    const answer = await hook.onConnect(operatorNo(1));
    expect(answer).toMatchObject({
      decision: { cause: 'error', reason: expect.stringContaining('[FILE_UNREADABLE]') },
      error: {
        details: { retryable: true, requestId: store.allPending()[0]?.requestId },
      },
    });
    expect(JSON.stringify(answer)).not.toContain('disk');
    expect(errors).toEqual([ERROR]);
    expect(hook.stats.errors).toBe(1);
  });

  it('an approval whose charge fails is not paired', async () => {
    const fault: Fault = { name: 'limits.charge', call: 1, calls: 0, hasFired: false };
    const { options, store } = await set(fault);
    const { hook, entries } = setUp(limited, { ...options, log: undefined });
    expect((await hook.onConnect(operatorNo(1))).admitted).toBe(false);
    expect([...store.allPaired()]).toEqual([]);
    expect(entries).toEqual([]);
  });

  it('a failure is logged without an outcome: no policy has decided it', async () => {
    const fault: Fault = { name: 'store.pair', call: 1, calls: 0, hasFired: false };
    const { log: _log, ...options } = (await set(fault)).options;
    const { hook, entries } = setUp(policyOf(RULES.lan), options);
    await hook.onConnect(operatorNo(1));
    expect(
      entries.map(({ outcome, decision, answered }) => [outcome, decision.cause, answered]),
    ).toEqual([[undefined, 'error', 'refused']]);
  });

  it('a denial stays one where its request cannot be dropped', async () => {
    const fault: Fault = { name: 'store.reject', call: 1, calls: 0, hasFired: false };
    const { options, store } = await set(fault);
    await setUp(policyOf(RULES.holdAdmin), { store }).hook.onConnect(operatorNo(1));
    const { hook, errors } = setUp(policyOf(RULES.noLinux), options);
    expect((await hook.onConnect(operatorNo(1))).decision.action).toBe('deny');
    expect(errors).toEqual([ERROR]);
  });

  it('a store that is changed under every decision is given up', async () => {
    const { policy, swap } = createSwapped(policyOf(RULES.lan));
    const store = createMemoryStore({ now: () => NOW });
    const { hook } = setUp(policy, { store });
    const policies = [policyOf(RULES.lan), policyOf(RULES.lan + RULES.holdAdmin)];
    let swaps = 0;
    const pair = store.pair;
    store.pair = async (ask) => {
      const device = await pair(ask);
      await store.revoke(device.deviceId);
      swaps += 1;
      const next = policies[swaps % 2];
      if (next) swap(next);
      return device;
    };
    expect(await hook.onConnect(operatorNo(1))).toMatchObject({
      admitted: false,
      decision: { cause: 'error' },
    });
    expect(swaps).toBeLessThan(20);
  });
});

describe.each(STORES)('between the writing and the answer, %s', (_kind, openStore) => {
  it.each([
    ['a block', RULES.lan, '(blocked)'],
    ['a policy that denies', RULES.lan + RULES.noLinux, 'no-linux'],
  ])('%s is heeded', async (_name, rules, rule) => {
    const { policy, swap } = createSwapped(policyOf(RULES.lan));
    const store = await openStore();
    const pair = store.pair;
    store.pair = async (ask) => {
      const device = await pair(ask);
      if (rule === '(blocked)') {
        await store.blocks.add({ device: ask.deviceId, reason: undefined, since: 0 });
      } else {
        swap(policyOf(rules));
      }
      return device;
    };
    const { hook } = setUp(policy, { store });
    expect(await hook.onConnect(operatorNo(1))).toMatchObject({
      admitted: false,
      decision: { action: 'deny', rule },
    });
  });
});
