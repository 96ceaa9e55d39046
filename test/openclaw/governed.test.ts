/** A real gateway under `policies/pairing.yaml`: what comes from where is decided as the policy says. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** For nodes with commands, and without a limit. */
const SECOND_POLICY = `
version: 1
default: hold
rules:
  - id: nodes
    action: approve
    when:
      from: 192.168.77.0/24
      role: node
      clientMode: node
      kind: new-device
      scopes: { within: [] }
  - id: canvas
    action: approve
    when:
      from: 192.168.77.0/24
      role: node
      kind: node-commands
      scopes: { within: [] }
      commands: { within: ["canvas.*"] }
  - id: readers
    action: approve
    when: { from: own-tailnet, role: operator, scopes: { within: [operator.read] } }
`;

/** Loopback, but not where `serve` comes from: a gateway refuses a trusted proxy that names no client. */
const PROXY = '127.0.0.2';

/** Whether a release asks for the commands of a node apart, and lets its own host be asked about. */
const isCurrent = (release: string) => !/^2026[.][1-4][.]/.test(release);

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
  const settings = isCurrent(release)
    ? {
        nodes: {
          pairing: { autoApproveLocal: false },
          commands: { allow: ['canvas.present', 'canvas.hide'] },
        },
      }
    : {};

  beforeAll(async () => {
    network = createNetwork();
    gateway = createGateway(release, network.gateway, settings);
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
    waitFor('the device to be let in', async () => (await host.connect(asked)).ok, 60_000);

  /** The first decision on a device that is so. */
  const decisionThat = (device: ClientDevice, what: Readonly<Record<string, unknown>>) =>
    waitFor(`a decision with ${JSON.stringify(what)}`, () =>
      served.events.find(
        ({ event, record, action }) =>
          event === 'decided' &&
          record?.['deviceId'] === device.deviceId &&
          Object.entries(what).every(
            ([name, value]) =>
              JSON.stringify({ ...record, action }[name]) === JSON.stringify(value),
          ),
      ),
    );

  interface Listed {
    readonly devices: readonly {
      readonly state: string;
      readonly deviceId: string;
      readonly scopes: readonly string[] | null;
    }[];
  }
  const paired = (device: ClientDevice) =>
    (served.ask(['devices']) as Listed).devices.find(
      ({ state, deviceId }) => state === 'paired' && deviceId === device.deviceId,
    );

  test('a node in the office is approved, and let in', async () => {
    const device = newDevice();
    await elsewhere.connect(node(device));
    expect(await decisionThat(device, { action: 'approve' })).toMatchObject({
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
    expect(await decisionThat(device, { action: 'approve' })).toMatchObject({
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

  test('a paired operator that asks for more scopes from elsewhere is held as an upgrade', async () => {
    const device = newDevice();
    const asked = { url: tailnet(), device, scopes: ['operator.read'] };
    await untilLetIn(ownHost, asked);
    await elsewhere.connect({ ...asked, url: lan(), scopes: ['operator.read', 'operator.write'] });
    expect(await decisionThat(device, { kind: 'scope-upgrade' })).toMatchObject({
      action: 'hold',
      rule: 'remote-upgrade',
    });
  });

  test('a device that asks for another role while one is pending is not paired for either', async () => {
    const device = newDevice();
    await elsewhere.connect({ url: lan(), device, scopes: ['operator.admin'] });
    await served.decisionOn(device.deviceId);
    await elsewhere.connect(node(device));
    await elsewhere.connect(node(device));
    expect(await served.decisionOn(device.deviceId)).toMatchObject({ action: 'hold' });
    expect(paired(device)).toBeUndefined();
  });

  test('a proxy that the gateway does not trust is not taken for loopback', async () => {
    const device = newDevice();
    const headers = { 'X-Forwarded-For': '192.168.77.50' };
    const result = await ownHost.connect({ url: gateway.url, device, role: 'node', headers });
    expect(result.ok).toBe(false);
    if (isCurrent(release)) expect(result.failure).toContain('403');
    else {
      const decision = await served.decisionOn(device.deviceId);
      expect(decision).toMatchObject({ action: 'hold' });
      expect(decision.record).not.toHaveProperty('remoteIp');
    }
  });

  test('a client on loopback', async () => {
    const device = newDevice();
    const asked = { url: gateway.url, device, scopes: ['operator.read'] };
    const { ok } = await ownHost.connect(asked);
    if (!isCurrent(release)) {
      // The release pairs it by itself.
      expect(ok).toBe(true);
      return;
    }
    const approved = await decisionThat(device, { action: 'approve' });
    expect(approved).toMatchObject({ rule: 'own-machine', record: { remoteIp: '127.0.0.1' } });
    await untilLetIn(ownHost, asked);
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

  describe('served anew, with another policy', () => {
    beforeAll(async () => {
      await served.end();
      const policy = join(served.folder, 'second.yaml');
      writeFileSync(policy, SECOND_POLICY);
      served = await startServe(network.gateway, gateway, ['--policy', policy], served.folder);
    }, 120_000);

    test.runIf(isCurrent(release)).each([
      [['canvas.present', 'canvas.hide'], 'approve', 'canvas'],
      [['canvas.present', 'system.run'], 'hold', null],
    ])('the commands %j: %s', async (commands, action, rule) => {
      const device = newDevice();
      await untilLetIn(elsewhere, node(device));
      void elsewhere.connect({ ...node(device), commands, stayMs: 5000 });
      const decided = await decisionThat(device, { kind: 'node-commands', commands });
      expect(decided).toMatchObject({ action, rule });
      if (action !== 'approve') return;
      await waitFor('the approval', () =>
        served.events.find(
          ({ event, requestId }) => event === 'approved' && requestId === decided.requestId,
        ),
      );
    });

    test('a client that changes between its request and the approval is never paired beyond the rule', async () => {
      const devices: ClientDevice[] = [];
      for (let i = 0; i < 5; i += 1) {
        const [one, other] = [newDevice(), newDevice()];
        devices.push(one, other);
        const probe = { id: 'node-host', mode: 'probe', displayName: 'somebody else' };
        const read = { url: tailnet(), device: other, scopes: ['operator.read'] };
        await Promise.all([
          elsewhere.connect(node(one)),
          elsewhere.connect({ ...node(one), client: probe }),
          elsewhere.connect({ ...node(one), client: { ...probe, mode: 'cli' } }),
          ownHost.connect(read),
          ownHost.connect({ ...read, scopes: ['operator.read', 'operator.admin'] }),
        ]);
      }
      await waitFor('all to be decided', () =>
        devices.every(({ deviceId }) =>
          served.events.some(({ record }) => record?.['deviceId'] === deviceId),
        ),
      );
      for (const device of devices) {
        const scopes = paired(device)?.scopes ?? [];
        expect(scopes.filter((scope) => scope !== 'operator.read')).toEqual([]);
      }
      const differing = served.events.filter(({ event }) => event === 'differs');
      expect(differing.filter(({ removed }) => removed !== true)).toEqual([]);
      const longest = Math.max(0, ...differing.map(({ pairedMs = 0 }) => pairedMs));
      process.stdout.write(
        `${release}: ${differing.length} of ${devices.length} devices were paired otherwise than decided, the longest for ${longest} ms\n`,
      );
    });
  });

  test('with loopback among the trusted proxies, no address is believed', async () => {
    // Nothing is lost by it, and a gateway that is told to stop may take minutes for that.
    await gateway.stop('SIGKILL');
    gateway.configure({ ...settings, trustedProxies: [PROXY] });
    const before = served.events.length;
    await gateway.start();
    await waitFor(
      'serve to be connected again',
      () => served.events.slice(before).some(({ event }) => event === 'connected'),
      150_000,
    );
    const [proxied, direct] = [newDevice(), newDevice()];
    const headers = { 'X-Forwarded-For': '192.168.77.50' };
    await ownHost.connect({ ...node(proxied), url: gateway.url, headers, localAddress: PROXY });
    await elsewhere.connect(node(direct));
    for (const { deviceId } of [proxied, direct]) {
      const decision = await served.decisionOn(deviceId);
      expect(decision).toMatchObject({ action: 'hold', rule: null });
      expect(decision.record).not.toHaveProperty('remoteIp');
    }
  }, 300_000);
});
