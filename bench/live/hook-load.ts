/**
 * Connects at a steady rate into one hook, half of them held. Prints how long decided ones took and what memory does.
 * What the load is made of: each millisecond some connects come, in turn one of a paired operator (let in), one of a node
 * that a rule approves anew (paired, then revoked again, so that the store does not grow), and two of operators that no
 * rule lets in (held; 2,000 devices that come again and again, from 250 addresses). The hook waits 500 ms for a held one,
 * and lets 1,000 wait in all and 100 from one address; the others are answered at once. The store is in memory, or in
 * files of a temporary folder.
 *
 * Memory is told after a collection where those can be forced. Each stops the connects for some ms: times are to be
 * measured without `--expose-gc`.
 *
 *   tsx --expose-gc bench/live/hook-load.ts [seconds] [connects a second] [memory|file]
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPolicy } from '../../src/engine/index.js';
import { createPairingHook } from '../../src/live/index.js';
import type { ConnectRecord } from '../../src/model/index.js';
import { createMemoryStore, openPairingStore } from '../../src/stores/index.js';

const SECONDS = Number(process.argv[2] ?? 60);
const RATE = Number(process.argv[3] ?? 2_000);
const IS_ON_DISK = process.argv[4] === 'file';
const HELD = 2_000;
const HOLD_MS = 500;

const POLICY = `version: 1
rules:
  - { id: nodes, action: approve, when: { from: 192.168.0.0/16, role: node, scopes: { within: [] } } }
  - { id: admins, action: hold, when: { scopes: { any: [operator.admin] } } }
  - { id: lost, action: deny, when: { displayName: "lost*" } }
`;

function deviceNo(number: number) {
  const raw = createHash('sha256').update(`device ${number}`).digest();
  const deviceId = createHash('sha256').update(raw).digest('hex');
  return { deviceId, publicKey: raw.toString('base64url') };
}

function recordNo(number: number, rest: Partial<ConnectRecord>): ConnectRecord {
  return {
    ...deviceNo(number),
    remoteIp: `192.168.${number % 250}.20`,
    forwarded: false,
    clientId: 'cli',
    clientMode: 'cli',
    platform: 'linux',
    displayName: `device ${number}`,
    role: 'operator',
    scopes: ['operator.read'],
    authMethod: 'token',
    ...rest,
  };
}

const operators = Array.from({ length: HELD }, (_, i) => recordNo(i, {}));
const paired = Array.from({ length: 500 }, (_, i) => recordNo(HELD + i, {}));
const nodes = Array.from({ length: 2_000 }, (_, i) =>
  recordNo(HELD + 500 + i, { role: 'node', scopes: [], clientMode: 'node' }),
);

const folder = IS_ON_DISK ? mkdtempSync(join(tmpdir(), 'pair-policy-load-')) : undefined;
const store = folder === undefined ? createMemoryStore() : await openPairingStore(folder);
for (const record of paired) {
  const { deviceId = '', publicKey = '' } = record;
  const ask = { store: 'device', roles: ['operator'], scopes: ['operator.read'] } as const;
  await store.pair({ ...ask, deviceId, publicKey, commands: [], record });
}
const policy = buildPolicy([{ path: 'policy.yaml', text: POLICY, kind: 'policy' }]);
const hook = createPairingHook({ policy, store, holdMs: HOLD_MS });

/** How long those took that were decided at once, in ms, as a count for each tenth of a millisecond. */
const took = new Uint32Array(100_000);
const memory: number[] = [];
let unexpected = 0;

async function come(record: ConnectRecord, isHeld: boolean): Promise<void> {
  const start = performance.now();
  const answer = await hook.onConnect(record);
  if (answer.admitted === isHeld) unexpected += 1;
  if (isHeld) return;
  const tenths = Math.round((performance.now() - start) * 10);
  const slot = Math.min(took.length - 1, tenths);
  took[slot] = (took[slot] ?? 0) + 1;
  const { role, deviceId = '' } = record;
  if (role !== 'node') return;
  // After a stall the same node may have come twice, and be gone already.
  await store.revoke(deviceId).catch((error) => {
    if (store.paired(deviceId)) throw error;
  });
}

function comeNo(number: number): Promise<void> {
  const [turn, round] = [number % 4, Math.floor(number / 4)];
  const pick = (list: readonly ConnectRecord[], at: number) => list[at % list.length] ?? {};
  if (turn === 0) return come(pick(paired, round), false);
  if (turn === 1) return come(pick(nodes, round), false);
  return come(pick(operators, 2 * round + turn), true);
}

function percentile(share: number): number {
  const all = took.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [tenths, count] of took.entries()) {
    seen += count;
    if (seen >= all * share) return tenths / 10;
  }
  return Number.NaN;
}

function noteMemory(): void {
  globalThis.gc?.();
  memory.push(Math.round(process.memoryUsage().heapUsed / 2 ** 20));
}

/** What the disk takes for one write of the file of those that are paired, by itself: no answer can come before. */
function tellDisk(stateDir: string): void {
  const devices = join(stateDir, 'devices');
  const text = readFileSync(join(devices, 'paired.json'));
  const times = Array.from({ length: 100 }, () => {
    const begun = performance.now();
    writeFileSync(join(devices, 'probe.new'), text, { flush: true });
    renameSync(join(devices, 'probe.new'), join(devices, 'probe'));
    const opened = openSync(devices, 'r');
    fsyncSync(opened);
    closeSync(opened);
    return performance.now() - begun;
  }).sort((a, b) => a - b);
  const at = (index: number) => times[index]?.toFixed(1);
  console.log(`one write of ${text.length} bytes, with fsync: p50 ${at(49)} ms, p99 ${at(98)} ms`);
}

const start = performance.now();
const cpu = process.cpuUsage();
const open = new Set<Promise<void>>();
let arrived = 0;
let nextNote = start;
while (performance.now() < start + SECONDS * 1_000) {
  const due = Math.floor(((performance.now() - start) * RATE) / 1_000);
  for (; arrived < due; arrived += 1) {
    const one: Promise<void> = comeNo(arrived).finally(() => open.delete(one));
    open.add(one);
  }
  if (performance.now() > nextNote) {
    noteMemory();
    nextNote += (SECONDS * 1_000) / 10;
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
}
const seconds = (performance.now() - start) / 1_000;
const { user, system } = process.cpuUsage(cpu);
await hook.close();
await Promise.all(open);
await store.close();
if (folder !== undefined) tellDisk(folder);
if (folder !== undefined) rmSync(folder, { recursive: true });

const { decided, turnedAway, errors } = hook.stats;
console.log(
  `${arrived} connects in ${seconds.toFixed(1)} s: ${Math.round(arrived / seconds)} a second`,
);
console.log(`decisions: ${JSON.stringify(decided)}, no room to wait: ${turnedAway}`);
console.log(`errors: ${errors}, answers other than expected: ${unexpected}`);
console.log(
  `decided ones took: p50 ${percentile(0.5)} ms, p99 ${percentile(0.99)} ms, p99.9 ${percentile(0.999)} ms`,
);
console.log(
  `processor: ${((user + system) / 10_000 / seconds).toFixed(0)} % of one core, ` +
    `${Math.round((user + system) / arrived)} µs a connect`,
);
console.log(`heap in MiB${globalThis.gc ? '' : ' (no --expose-gc)'}: ${memory.join(', ')}`);
