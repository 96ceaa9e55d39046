/**
 * Measures a real 2026.9.6 gateway under `serve`: how fresh nodes get in, and what becomes of connects while the gateway
 * is killed and restarted. `npm run bench:openclaw -- [admissions|restarts] [count]`
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPolicy } from '../../src/engine/index.js';
import { ClientHost, type ConnectResult, newDevice } from './client-host.js';
import { addClientAddresses, createNetwork, GATEWAY_LAN, whyNoNetwork } from './network.js';
import { createGateway, type RealGateway } from './real-gateway.js';
import { type Served, startServe } from './served.js';
import { waitFor } from './wait-for.js';

const RELEASE = '2026.9.6';
const KILLS = 10;
const HOSTS = 200;

/** A thousand rules, of which the last approves the nodes of the office. */
function policyText(): string {
  const others = Array.from({ length: 999 }, (_, i) => {
    const from = `10.${i >> 8}.${i & 255}.0/24`;
    return `  - { id: other-${i}, action: approve, when: { from: ${from}, role: node, clientMode: node, scopes: { within: [] } } }`;
  });
  const nodes = `  - { id: nodes, action: approve, when: { from: 192.168.77.0/24, role: node, clientMode: node, scopes: { within: [] } } }`;
  return ['version: 1', 'default: hold', 'rules:', ...others, nodes, ''].join('\n');
}

interface Setting {
  readonly gateway: RealGateway;
  readonly served: Served;
  readonly clients: ClientHost;
  readonly asked: { readonly url: string; readonly role: 'node'; readonly retries: true };
  /** The address of the host of a client: a gateway shuts out for 5 minutes where ten new nodes come from one. */
  readonly address: (client: number) => string;
}

async function withServed(
  sshVerify: boolean,
  use: (setting: Setting) => Promise<void>,
): Promise<void> {
  const network = createNetwork();
  const addresses = addClientAddresses(network, HOSTS);
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-bench-'));
  const gateway = createGateway(RELEASE, network.gateway, { nodes: { pairing: { sshVerify } } });
  const clients = new ClientHost(network.client);
  let served: Served | undefined;
  try {
    const policy = join(folder, 'policy.yaml');
    writeFileSync(policy, policyText());
    await gateway.start();
    served = await startServe(network.gateway, gateway, ['--policy', policy], folder);
    const url = `ws://${GATEWAY_LAN}:${gateway.port}`;
    const asked = { url, role: 'node', retries: true } as const;
    const address = (client: number) => addresses[client % addresses.length] ?? '';
    await use({ gateway, served, clients, asked, address });
  } finally {
    await served?.end();
    await clients.end();
    await gateway.remove();
    network.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

const print = (line: string) => process.stdout.write(`${line}\n`);

/** Prints what must hold and whether it does; what does not makes the whole fail. */
function mustHold(what: string, holds: boolean): void {
  print(`  ${holds ? 'holds' : 'FAILS'}: ${what}`);
  if (!holds) process.exitCode = 1;
}

async function measureAdmissions(sshVerify: boolean, count: number): Promise<void> {
  await withServed(sshVerify, async ({ served, clients, asked, address }) => {
    const results: ConnectResult[] = [];
    for (let i = 0; i < count; i += 1) {
      results.push(
        await clients.connect({ ...asked, device: newDevice(), localAddress: address(i) }),
      );
    }
    const atOnce = results.filter(({ ok, attempts }) => ok && attempts === 1);
    const byRetry = results.filter(({ ok, attempts }) => ok && attempts > 1);
    const paused = results.filter(({ ok }) => !ok);
    const took = served.events.flatMap(({ tookMs }) =>
      typeof tookMs === 'number' ? [tookMs] : [],
    );
    print(
      `sshVerify ${sshVerify ? 'on' : 'off'}, ${count} fresh nodes, one after the other, 1,000 rules (${machine()}):`,
    );
    print(
      `  at once ${atOnce.length}, by the client's own retry ${byRetry.length}, paused ${paused.length}`,
    );
    print(`  at once after: ${spread(atOnce.map(({ ms }) => ms))}`);
    print(`  by retry after: ${spread(byRetry.map(({ ms }) => ms))}`);
    print(`  from the event to the approval on the wire (${took.length}): ${spread(took)}`);
    const reasons = new Set(paused.map((one) => one.error?.message ?? one.failure ?? 'closed'));
    for (const reason of reasons) print(`  paused by: ${reason}`);
    if (!sshVerify) return;
    mustHold(
      'every one is in within 2 s without help',
      results.every(({ ok, ms }) => ok && ms < 2000),
    );
  });
}

async function measureRestarts(count: number): Promise<void> {
  await withServed(true, async ({ gateway, served, clients, asked, address }) => {
    const devices = Array.from({ length: count }, newDevice);
    const begun: Promise<ConnectResult>[] = [];
    const perKill = Math.ceil(count / KILLS);
    for (let kill = 0; kill < KILLS; kill += 1) {
      const decided = served.events.length;
      for (const device of devices.slice(kill * perKill, (kill + 1) * perKill)) {
        begun.push(clients.connect({ ...asked, device, localAddress: address(begun.length) }));
      }
      await waitFor('some decisions', () => served.events.length > decided, 90_000);
      await gateway.stop('SIGKILL');
      await gateway.start();
    }
    const of = (event: string) => served.events.filter((one) => one.event === event);
    const decided = () => new Set(of('decided').map(({ record }) => record?.['deviceId']));
    const isDone = await waitFor('all to be decided', () => decided().size >= count, 180_000).then(
      () => true,
      () => false,
    );
    const results = await Promise.all(begun);
    print(
      `${count} connects, the gateway killed and restarted ${KILLS} times meanwhile (${machine()}):`,
    );
    const letIn = results.filter(({ ok }) => ok);
    print(
      `  decided ${decided().size}; let in without help ${letIn.length}, paused ${count - letIn.length}`,
    );
    print(
      `  let in after: ${spread(letIn.map(({ ms }) => ms))} (the gateway was down for most of it)`,
    );
    mustHold('every connect is decided in the end', isDone);
    const approved = of('approved');
    // A node is asked about once more, for its commands.
    const forCommands = new Set(
      of('decided')
        .filter(({ record }) => record?.['kind'] === 'node-commands')
        .map(({ requestId }) => requestId),
    );
    const ofDevices = approved.filter(({ requestId }) => !forCommands.has(requestId));
    mustHold('no request is approved twice', areDistinct(approved.map((one) => one.requestId)));
    mustHold('no device is approved twice', areDistinct(ofDevices.map((one) => one.deviceId)));
    mustHold('nothing is paired otherwise than decided', of('differs').length === 0);
    const wrong = await wronglyApproved(served);
    mustHold('no approval that the policy does not give', wrong.length === 0);
    const { devices: rows } = served.ask(['devices']) as { devices: readonly Row[] };
    const paired = rows.filter(({ state }) => state === 'paired').map(({ deviceId }) => deviceId);
    const known = new Set(devices.map(({ deviceId }) => deviceId));
    print(`  paired at the end: ${paired.length}`);
    mustHold(
      'nobody else is paired',
      paired.every((deviceId) => known.has(deviceId)),
    );
  });
}

interface Row {
  readonly state: string;
  readonly deviceId: string;
}

/** The approvals in the decision log to which the policy, asked again, does not come. */
async function wronglyApproved(served: Served): Promise<readonly unknown[]> {
  const policy = await loadPolicy(join(served.folder, 'policy.yaml'));
  const approved = served.logged().filter(({ outcome }) => outcome === 'approve');
  return approved.filter((line) => {
    const context = line['context'] as Parameters<typeof policy.decide>[1];
    return policy.decide(line, context).action !== 'approve';
  });
}

const areDistinct = (values: readonly unknown[]) => new Set(values).size === values.length;

const machine = () => `${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`;

function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]?.toFixed(2);
  if (sorted.length === 0) return 'none';
  return `p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`;
}

const missing = whyNoNetwork();
const [what, count] = process.argv.slice(2);
if (missing !== undefined) throw new Error(missing);
if (what !== 'restarts') {
  for (const sshVerify of [true, false]) await measureAdmissions(sshVerify, Number(count ?? 100));
}
if (what !== 'admissions') await measureRestarts(Number(count ?? 200));
