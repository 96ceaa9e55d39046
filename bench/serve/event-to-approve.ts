/**
 * How long a gateway waits for the approval of a device, from its event to the approve frame, beside the built `serve`.
 * The gateway is the protocol server of the tests in this process, `serve` a process of its own, over loopback: so both
 * ways through the sockets are in it, and what the machine does besides. A new node asks, under a policy of 1,000 rules
 * of which one lets it in; 1,000 devices are paired; the next one asks some ms after the one before was let in.
 *
 *   npm run build && tsx bench/serve/event-to-approve.ts [requests] [ms between them] [rules]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FakeGateway } from '../../test/gateway/fake-gateway.js';
import { makeFleet } from '../policies/fleet.js';
import { toYaml } from '../policies/plain-policy.js';

const REQUESTS = Number(process.argv[2] ?? 3_000);
const GAP_MS = Number(process.argv[3] ?? 10);
const RULES = Number(process.argv[4] ?? 1_000);
const PAIRED = 1_000;
const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const NODES = '192.168.77.0/24';

function nodeNo(number: number) {
  const raw = createHash('sha256').update(`device ${number}`).digest();
  return {
    deviceId: createHash('sha256').update(raw).digest('hex'),
    publicKey: raw.toString('base64url'),
    displayName: `node ${number}`,
    platform: 'linux',
    deviceFamily: 'Linux',
    clientId: 'node-host',
    clientMode: 'node',
    role: 'node',
    roles: ['node'],
    scopes: [],
    remoteIp: `192.168.77.${number % 250}`,
  };
}

function writePolicy(folder: string): string {
  const { policy } = makeFleet(RULES - 1);
  const when = { from: [NODES], role: ['node'], kind: ['new-device'], scopes: { within: [] } };
  const rules = [...policy.rules, { id: 'bench', action: 'approve' as const, when }];
  const path = join(folder, 'policy.yaml');
  writeFileSync(path, toYaml({ ...policy, rules }));
  return path;
}

/** Starts `serve`; `told` has what it says of itself. */
function startServe(gateway: FakeGateway, folder: string) {
  const args = ['serve', '--json', '--gateway', gateway.url, '--policy', writePolicy(folder)];
  const child: ChildProcess = spawn(
    process.execPath,
    [CLI, ...args, '--state-dir', folder, '--own-address', 'none'],
    { env: { ...process.env, OPENCLAW_GATEWAY_TOKEN: 't' }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const told: { readonly event: string; readonly tookMs?: number }[] = [];
  if (child.stdout) {
    createInterface(child.stdout).on('line', (line) => told.push(JSON.parse(line)));
  }
  return { child, told };
}

async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`waited in vain for ${isSo}`);
    await wait(5);
  }
}

function tell(name: string, times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN).toFixed(3);
  console.log(`${name}: p50 ${at(0.5)} ms, p90 ${at(0.9)}, p99 ${at(0.99)}, most ${at(1)}`);
}

const folder = mkdtempSync(join(tmpdir(), 'pair-policy-bench-'));
const gateway = await FakeGateway.start();
gateway.presence = [];
for (let i = 0; i < PAIRED; i += 1) {
  const row = nodeNo(1_000_000 + i);
  gateway.paired.set(row.deviceId, { ...row, createdAtMs: 1, approvedAtMs: 1 });
}
const { child, told } = startServe(gateway, folder);
const seen: number[] = [];
try {
  await until(() => told.some(({ event }) => event === 'connected'));
  await until(() => gateway.asked.some(({ method }) => method === 'device.pair.list'));
  await wait(500);
  for (let i = 0; i < REQUESTS; i += 1) {
    const row = nodeNo(i);
    let start = 0;
    const approved = new Promise<number>((resolve) => {
      gateway.grant = (granted) => {
        resolve(performance.now() - start);
        return granted;
      };
    });
    start = performance.now();
    gateway.ask(`r${i}`, row);
    seen.push(await approved);
    gateway.paired.delete(row.deviceId);
    await wait(GAP_MS);
  }
  await until(() => told.filter(({ event }) => event === 'approved').length >= REQUESTS);
} finally {
  child.kill('SIGTERM');
  await once(child, 'exit');
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
}
const took = told.flatMap(({ event, tookMs }) =>
  event === 'approved' && tookMs !== undefined ? [tookMs] : [],
);
const [firstSeen = Number.NaN] = seen;
const [firstTook = Number.NaN] = took;
console.log(
  `${REQUESTS} requests, ${GAP_MS} ms apart, ${RULES} rules, ${PAIRED} devices paired; Node ${process.version}, ` +
    `${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`,
);
console.log(
  `the first: ${firstTook.toFixed(3)} ms in serve, ${firstSeen.toFixed(3)} ms for the gateway`,
);
tell('in serve, from the frame read to the approve handed to the socket', took);
tell('for the gateway, from the event to the approve, both ways over loopback', seen);
