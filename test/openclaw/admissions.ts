/**
 * Measures a real 2026.9.6 gateway under `serve`: how fresh nodes get in, and what becomes of connects while the gateway
 * is killed and restarted. `npm run bench:openclaw -- [admissions|restarts] [count]`
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPolicy } from '../../src/engine/index.js';
import { ClientHost, type ConnectResult, newDevice } from './client-host.js';
import { createNetwork, GATEWAY_LAN, type Network, whyNoNetwork } from './network.js';
import { createGateway, type RealGateway } from './real-gateway.js';
import { type Served, startServe } from './served.js';
import { waitFor } from './wait-for.js';

const RELEASE = '2026.9.6';
const KILLS = 10;

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
  readonly network: Network;
  readonly gateway: RealGateway;
  readonly served: Served;
  readonly clients: ClientHost;
  readonly url: string;
}

async function withServed(
  sshVerify: boolean,
  use: (setting: Setting) => Promise<void>,
): Promise<void> {
  const network = createNetwork();
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-bench-'));
  const gateway = createGateway(RELEASE, network.gateway, { nodes: { pairing: { sshVerify } } });
  const clients = new ClientHost(network.client);
  let served: Served | undefined;
  try {
    const policy = join(folder, 'policy.yaml');
    writeFileSync(policy, policyText());
    await gateway.start();
    served = await startServe(network.gateway, gateway, ['--policy', policy], folder);
    await use({ network, gateway, served, clients, url: `ws://${GATEWAY_LAN}:${gateway.port}` });
  } finally {
    await served?.end();
    await clients.end();
    await gateway.remove();
    network.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

const print = (line: string) => process.stdout.write(`${line}\n`);

async function measureAdmissions(sshVerify: boolean, count: number): Promise<void> {
  await withServed(sshVerify, async ({ served, clients, url }) => {
    const results: ConnectResult[] = [];
    for (let i = 0; i < count; i += 1) {
      results.push(
        await clients.connect({ url, device: newDevice(), role: 'node', retries: true }),
      );
    }
    const atOnce = results.filter(({ ok, attempts }) => ok && attempts === 1);
    const byRetry = results.filter(({ ok, attempts }) => ok && attempts > 1);
    const paused = results.filter(({ ok }) => !ok);
    print(
      `sshVerify ${sshVerify ? 'on' : 'off'}, ${count} fresh nodes, one after the other, 1,000 rules:`,
    );
    print(
      `  at once ${atOnce.length}, by the client's own retry ${byRetry.length}, paused ${paused.length}`,
    );
    print(`  let in after: ${spread(results.filter(({ ok }) => ok).map(({ ms }) => ms))}`);
    const took = served.events.flatMap(({ tookMs }) =>
      typeof tookMs === 'number' ? [tookMs] : [],
    );
    print(`  from the event to the approval on the wire (${took.length}): ${spread(took)}`);
  });
}

async function measureRestarts(count: number): Promise<void> {
  await withServed(true, async ({ gateway, served, clients, url }) => {
    const devices = Array.from({ length: count }, newDevice);
    const begun: Promise<ConnectResult>[] = [];
    const perKill = Math.ceil(count / KILLS);
    for (let kill = 0; kill < KILLS; kill += 1) {
      for (const device of devices.slice(kill * perKill, (kill + 1) * perKill)) {
        begun.push(clients.connect({ url, device, role: 'node', retries: true }));
      }
      const decided = served.events.length;
      await waitFor('some decisions', () => served.events.length > decided, 90_000).catch(
        () => undefined,
      );
      await gateway.stop('SIGKILL');
      await gateway.start();
    }
    await waitFor(
      'every connect to be decided',
      () =>
        devices.every(({ deviceId }) =>
          served.events.some(
            ({ event, record }) => event === 'decided' && record?.['deviceId'] === deviceId,
          ),
        ),
      180_000,
    ).catch((error: Error) => print(`  ${error.message}`));
    const of = (event: string) => served.events.filter((one) => one.event === event);
    const decided = new Set(of('decided').map(({ record }) => record?.['deviceId']));
    const approved = of('approved').map(({ requestId }) => requestId);
    const policy = await loadPolicy(join(served.folder, 'policy.yaml'));
    const wrong = served
      .logged()
      .filter(
        (line) =>
          line['outcome'] === 'approve' &&
          policy.decide(line, line['context'] as Parameters<typeof policy.decide>[1]).action !==
            'approve',
      );
    print(`${count} connects, the gateway killed and restarted ${KILLS} times:`);
    print(
      `  decided ${decided.size}, approvals ${approved.length}, requests approved twice ${approved.length - new Set(approved).size}`,
    );
    print(
      `  approvals that the policy does not give ${wrong.length}, paired otherwise than decided ${of('differs').length}`,
    );
  });
}

function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(2);
  return sorted.length === 0
    ? 'none'
    : `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`;
}

const missing = whyNoNetwork();
const [what, count] = process.argv.slice(2);
if (missing !== undefined) throw new Error(missing);
if (what !== 'restarts') {
  for (const sshVerify of [true, false]) await measureAdmissions(sshVerify, Number(count ?? 100));
}
if (what !== 'admissions') await measureRestarts(Number(count ?? 200));
