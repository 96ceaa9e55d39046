/** A real gateway under `policies/pairing.yaml`: what comes from where is decided as the policy says. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPolicy } from '../../src/engine/index.js';
import { type ClientDevice, ClientHost, newDevice } from './client-host.js';
import {
  createNetwork,
  GATEWAY_LAN,
  GATEWAY_TAILNET,
  type Network,
  whyNoNetwork,
} from './network.js';
import { createGateway, type RealGateway } from './real-gateway.js';
import { RELEASES } from './releases.js';
import { type Served, startServe } from './served.js';
import { waitFor } from './wait-for.js';

const missing = whyNoNetwork();

test('there are network namespaces for real gateways', () => {
  expect(missing).toBeUndefined();
});

describe.runIf(missing === undefined).each(RELEASES)('OpenClaw %s', (release) => {
  let network: Network;
  let gateway: RealGateway;
  let served: Served;
  let elsewhere: ClientHost;
  let ownHost: ClientHost;
  let port: number;

  beforeAll(async () => {
    network = createNetwork();
    gateway = createGateway(release, network.gateway);
    port = gateway.port;
    elsewhere = new ClientHost(network.client);
    ownHost = new ClientHost(network.gateway);
    await gateway.start();
    served = await startServe(network.gateway, gateway, ['--policy', 'policies']);
  }, 300_000);

  afterAll(async () => {
    await served?.end();
    await Promise.all([elsewhere?.end(), ownHost?.end()]);
    await gateway?.remove();
    network?.remove();
    served?.remove();
  }, 60_000);

  const lan = () => `ws://${GATEWAY_LAN}:${port}`;
  const tailnet = () => `ws://${GATEWAY_TAILNET}:${port}`;
  const node = (device: ClientDevice) => ({ url: lan(), device, role: 'node' as const });

  /** Connects until the device is let in, as a client does that goes on trying. */
  const untilLetIn = (host: ClientHost, asked: Parameters<ClientHost['connect']>[0]) =>
    waitFor('the device to be let in', async () => (await host.connect(asked)).ok, 15_000);

  test('a node in the office is approved, and let in', async () => {
    const device = newDevice();
    await elsewhere.connect(node(device));
    expect(await served.decisionOn(device.deviceId)).toMatchObject({
      action: 'approve',
      rule: 'office-nodes',
    });
    await untilLetIn(elsewhere, node(device));
  });

  test('a node from the tailnet is held', async () => {
    const device = newDevice();
    const { ok } = await elsewhere.connect({ url: tailnet(), device, role: 'node' });
    expect(ok).toBe(false);
    expect(await served.decisionOn(device.deviceId)).toMatchObject({ action: 'hold', rule: null });
  });

  test("an operator by the gateway's own tailnet address is approved within the bound", async () => {
    const device = newDevice();
    const asked = { url: tailnet(), device, scopes: ['operator.read'] };
    await ownHost.connect(asked);
    expect(await served.decisionOn(device.deviceId)).toMatchObject({
      action: 'approve',
      rule: 'own-machine',
    });
    await untilLetIn(ownHost, asked);
  });

  test('beyond the bound the same operator is held', async () => {
    const device = newDevice();
    await ownHost.connect({ url: tailnet(), device, scopes: ['operator.admin'] });
    expect(await served.decisionOn(device.deviceId)).toMatchObject({ action: 'hold' });
  });

  test('an operator from elsewhere with admin is held', async () => {
    const device = newDevice();
    await elsewhere.connect({ url: lan(), device, scopes: ['operator.admin'] });
    expect(await served.decisionOn(device.deviceId)).toMatchObject({
      action: 'hold',
      rule: 'remote-admin',
    });
  });

  test('a paired node that asks for another role is held as an upgrade', async () => {
    const device = newDevice();
    await elsewhere.connect(node(device));
    await untilLetIn(elsewhere, node(device));
    await elsewhere.connect({ url: lan(), device, scopes: ['operator.read'] });
    const decided = await waitFor('the upgrade to be decided', () =>
      served.events.findLast(
        ({ event, record }) =>
          event === 'decided' &&
          record?.['deviceId'] === device.deviceId &&
          record['kind'] === 'role-upgrade',
      ),
    );
    expect(decided).toMatchObject({ action: 'hold', rule: 'remote-upgrade' });
  });

  test('whatever was approved is what the policy approves, and nothing else is paired', async () => {
    const policy = await loadPolicy('policies');
    const approved = served.logged().filter(({ outcome }) => outcome === 'approve');
    expect(approved.length).toBeGreaterThan(0);
    for (const line of approved) {
      const context = line['context'] as Parameters<typeof policy.decide>[1];
      expect(policy.decide(line, context)).toMatchObject({ action: 'approve' });
    }
  });
});
