/** `tsx bench/live/stores.ts [devices]`: what a store of many devices costs: open, reload, approve, memory, longest block. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { OwnPairingStore, PairingAsk } from '../../src/live/index.js';
import { openPairingStore } from '../../src/stores/index.js';
import { median } from '../measures/rate.js';

const APPROVALS = 20;
const RELOADS = 5;
/** A timer that is as fine as the system's lets no block of some milliseconds pass. */
const RESOLUTION_MS = 1;

interface Device {
  readonly deviceId: string;
  readonly publicKey: string;
}

function deviceNo(number: number): Device {
  const raw = createHash('sha256').update(`device ${number}`).digest();
  return {
    deviceId: createHash('sha256').update(raw).digest('hex'),
    publicKey: raw.toString('base64url'),
  };
}

/** A row as 2026.3.31 writes it for an operator. */
function rowNo(number: number): Record<string, unknown> {
  const device = deviceNo(number);
  const scopes = ['operator.admin', 'operator.approvals', 'operator.pairing', 'operator.read'];
  const token = {
    token: device.publicKey,
    role: 'operator',
    scopes,
    createdAtMs: 1_795_218_768_120,
  };
  return {
    ...device,
    platform: 'linux',
    clientId: 'cli',
    clientMode: 'cli',
    role: 'operator',
    roles: ['operator'],
    scopes,
    approvedScopes: scopes,
    remoteIp: '192.0.2.7',
    tokens: { operator: token },
    createdAtMs: 1_795_218_768_120,
    approvedAtMs: 1_795_218_768_120,
  };
}

function askNo(number: number): PairingAsk {
  return {
    store: 'device',
    ...deviceNo(number),
    roles: ['operator'],
    scopes: ['operator.read'],
    commands: [],
    record: { clientId: 'cli', clientMode: 'cli', platform: 'linux' },
  };
}

interface Timed {
  readonly ms: number;
  readonly blockMs: number;
}

/** Runs something; how long it took, and for how long at most nothing else had its turn. */
async function timed<T>(run: () => Promise<T>): Promise<Timed & { readonly value: T }> {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  loop.enable();
  await delay(5);
  loop.reset();
  const start = performance.now();
  const value = await run();
  const ms = performance.now() - start;
  await delay(5);
  loop.disable();
  return { ms, blockMs: loop.max / 1e6 - RESOLUTION_MS, value };
}

/** Another program changes one row, as a gateway does; until it is in force. */
async function reload(store: OwnPairingStore, file: string, number: number): Promise<Timed> {
  // Made ready before, and without a heap full of rows: what the other program costs is not ours.
  const bytes = readFileSync(file);
  const name = '"approvedAtMs": ';
  const at = bytes.indexOf(name, bytes.indexOf(`"${deviceNo(number).deviceId}"`)) + name.length;
  bytes.write('9', at);
  writeFileSync(`${file}.tmp`, bytes);
  return await timed(async () => {
    const changed = new Promise<void>((resolve) => {
      const stop = store.on('changed', () => {
        stop();
        resolve();
      });
    });
    renameSync(`${file}.tmp`, file);
    await changed;
  });
}

function writeRows(file: string, devices: number): void {
  const rows = Array.from({ length: devices }, (_, i) => [deviceNo(i).deviceId, rowNo(i)]);
  writeFileSync(file, JSON.stringify(Object.fromEntries(rows), null, 2));
}

function tell(name: string, runs: readonly Timed[]): void {
  const ms = median(runs.map((run) => run.ms)).toFixed(1);
  const most = Math.max(...runs.map((run) => run.ms)).toFixed(1);
  const block = Math.max(...runs.map((run) => run.blockMs)).toFixed(1);
  console.log(
    `${name}: median ${ms} ms, most ${most} ms, longest block ${block} ms (${runs.length} runs)`,
  );
}

async function measureStores(devices: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-bench-'));
  try {
    mkdirSync(join(folder, 'devices'));
    const file = join(folder, 'devices/paired.json');
    writeRows(file, devices);
    console.log(`${devices} devices, ${(readFileSync(file).length / 1e6).toFixed(1)} MB`);
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    const opened = await timed(() => openPairingStore(folder));
    tell('open', [opened]);
    const store = opened.value;
    globalThis.gc?.();
    console.log(
      `memory: ${((process.memoryUsage().rss - before) / 1e6).toFixed(0)} MB more, resident`,
    );
    const looked = await timed(async () => {
      for (let i = 0; i < 1000; i += 1) store.paired(deviceNo(i % devices).deviceId);
    });
    console.log(`one look-up: ${looked.ms.toFixed(2)} µs`);
    const approvals: Timed[] = [];
    for (let i = 0; i < APPROVALS; i += 1) {
      const request = await store.request(askNo(devices + i));
      approvals.push(await timed(() => store.approve(request)));
    }
    tell('approve', approvals);
    tell('1,000 at once', [
      await timed(() =>
        Promise.all(Array.from({ length: 1000 }, (_, i) => store.pair(askNo(devices + 100 + i)))),
      ),
    ]);
    const reloads: Timed[] = [];
    for (let i = 0; i < RELOADS; i += 1) {
      reloads.push(await reload(store, file, i));
    }
    tell('reload, one row changed', reloads);
    await store.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await measureStores(Number(process.argv[2] ?? 100_000));
