/** What the tests of the hook are made of: devices, policies, and a policy that can be swapped. */
import { createHash } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { buildPolicy, type LoadedPolicy } from '../../src/engine/index.js';
import type {
  DecisionLogEntry,
  LivePolicy,
  LivePolicyEvents,
  OwnPairingStore,
  PairedDevice,
  PairingAsk,
  PairingHookOptions,
} from '../../src/live/index.js';
import { createPairingHook } from '../../src/live/index.js';
import type { ConnectRecord } from '../../src/model/index.js';
import { createMemoryStore, openPairingStore } from '../../src/stores/index.js';
import { freshFolder } from './log-entries.js';

/** A device by a number: a key, and the id that is its hash. */
export function deviceNo(number: number) {
  const raw = createHash('sha256').update(`device ${number}`).digest();
  return {
    deviceId: createHash('sha256').update(raw).digest('hex'),
    publicKey: raw.toString('base64url'),
  };
}

/** An operator on the local network that asks to read, or what is said otherwise. */
export function operatorNo(number: number, rest: Partial<ConnectRecord> = {}): ConnectRecord {
  return {
    ...deviceNo(number),
    remoteIp: '192.168.1.20',
    forwarded: false,
    clientId: 'cli',
    clientMode: 'cli',
    platform: 'linux',
    displayName: `laptop ${number}`,
    role: 'operator',
    scopes: ['operator.read'],
    authMethod: 'token',
    ...rest,
  };
}

/** A node on the local network. */
export function nodeNo(number: number, rest: Partial<ConnectRecord> = {}): ConnectRecord {
  const node = { clientId: 'node-host', clientMode: 'node', role: 'node', scopes: [] } as const;
  return operatorNo(number, { ...node, scopes: [], ...rest });
}

/** A policy by the rules that it has. */
export function policyOf(rules: string, start = ''): LoadedPolicy {
  const text = `version: 1\n${start}\nrules:\n${rules}`;
  return buildPolicy([{ path: 'policy.yaml', text, kind: 'policy' }]);
}

export const RULES = {
  lan: `
  - id: lan
    action: approve
    when: { from: 192.168.1.0/24, role: [operator, node], scopes: { within: [operator.read] } }`,
  lanOnce: `
  - id: lan-once
    action: approve
    when: { from: 192.168.1.0/24, role: [operator, node], scopes: { within: [operator.read] } }
    limit: { max: 3, per: 1h }`,
  noLinux: `
  - id: no-linux
    action: deny
    reason: linux is not let in
    when: { platform: linux }`,
  holdAdmin: `
  - id: hold-admin
    action: hold
    reason: admin needs a person
    when: { scopes: { any: [operator.admin] } }`,
  status: `
  - id: status
    action: approve
    when: { from: 192.168.1.0/24, role: node, kind: node-commands, scopes: { within: [] }, commands: { within: ["system.*"] } }`,
};

/** A policy that a test swaps. */
export function createSwapped(first: LoadedPolicy) {
  const listeners = new Set<(event: LivePolicyEvents['reloaded']) => void>();
  let current = first;
  let generation = 1;
  const none = { count: 0, last: undefined };
  const policy: LivePolicy = {
    get current() {
      return current;
    },
    get generation() {
      return generation;
    },
    reloads: { reloaded: none, rejected: none, unchanged: none },
    on(event, listener) {
      if (event !== 'reloaded') return () => {};
      const one = listener as (event: LivePolicyEvents['reloaded']) => void;
      listeners.add(one);
      return () => listeners.delete(one);
    },
    refresh: async () => {},
    close: async () => {},
  };
  return {
    policy,
    listeners,
    swap(next: LoadedPolicy) {
      current = next;
      generation += 1;
      const event = { policy: next, generation, removed: [], added: [], tookMs: 0 };
      for (const listener of listeners) listener(event);
    },
  };
}

export const NOW = Date.UTC(2026, 10, 24, 12);

/** Each kind of store, empty, until the test has finished. */
export const STORES: readonly [string, () => Promise<OwnPairingStore>][] = [
  ['in memory', async () => createMemoryStore({ now: () => NOW })],
  ['in files', () => openFileStore(freshFolder())],
];

/** The store of a state folder, until the test has finished. */
export async function openFileStore(folder: string): Promise<OwnPairingStore> {
  const store = await openPairingStore(folder, { now: () => NOW });
  onTestFinished(() => store.close());
  return store;
}

/** A hook on a memory store, whose log is kept. */
export function setUp(
  policy: PairingHookOptions['policy'],
  options: Partial<PairingHookOptions> = {},
) {
  const entries: DecisionLogEntry[] = [];
  const errors: unknown[] = [];
  const store = options.store ?? createMemoryStore({ now: () => NOW });
  const hook = createPairingHook({
    policy,
    holdMs: 0,
    now: () => NOW,
    ownAddresses: () => ['192.168.1.1'],
    log: { decided: (entry) => entries.push(entry) },
    onError: (error) => errors.push(error),
    ...options,
    store,
  });
  return { hook, store, entries, errors };
}

/** Pairs a device for what its record asks, as a person would have done it before. */
export function pairAs(
  store: OwnPairingStore,
  record: ConnectRecord,
  rest: Partial<PairingAsk> = {},
): Promise<PairedDevice> {
  return store.pair({
    store: 'device',
    deviceId: record.deviceId ?? '',
    publicKey: record.publicKey ?? '',
    roles: record.role ? [record.role] : [],
    scopes: record.scopes ?? [],
    commands: [],
    record,
    ...rest,
  });
}

/** Resolves when so many connects wait. */
export async function waiting(hook: { readonly stats: { readonly waiting: number } }, count = 1) {
  await until(() => hook.stats.waiting === count);
}

/** Resolves when it is so; fails where it never is. */
export async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`never: ${String(isSo)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
