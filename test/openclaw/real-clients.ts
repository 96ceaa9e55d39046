/** OpenClaw's own clients of the release under test, on the governed gateway. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Child } from './child.js';
import { type GovernedGateway, isCurrent } from './governed-gateway.js';
import { GATEWAY_LAN, GATEWAY_TAILNET } from './network.js';
import { TOKEN } from './real-gateway.js';
import { forwardLoopback } from './relay.js';
import { waitFor } from './wait-for.js';

/** A port of the gateway's own host that leads to its own tailnet address. */
const OWN_PORT = 18_790;

interface Homes {
  /** A home of a new user, which is removed after the tests. */
  readonly newHome: () => string;
  /** Lists devices by the release's own command line, to its end. */
  readonly listDevices: (host: string, home: string, url: string) => Promise<Child>;
}

/** Tests that a stock node and a stock command line are decided as any client, under `policies/pairing.yaml`. */
export function describeRealClients(release: string, governed: () => GovernedGateway): void {
  let relay: Child | undefined;

  beforeAll(async () => {
    const { network, gateway } = governed();
    const { port } = gateway;
    relay = await forwardLoopback(network.client, port, GATEWAY_LAN, port);
  }, 60_000);

  afterAll(() => relay?.end(), 60_000);

  const { newHome, listDevices } = useHomes(governed);

  test('`openclaw node run` in the office is approved by the policy, and connected', async () => {
    const { network, gateway, served } = governed();
    const home = newHome();
    const before = served.events.length;
    const args = ['node', 'run', '--host', '127.0.0.1', '--port', String(gateway.port)];
    const run = () => gateway.command(network.client, home, args);
    const approved = () =>
      served.events
        .slice(before)
        .find(({ event, rule }) => event === 'approved' && rule === 'office-nodes');
    let node = run();
    try {
      const { deviceId } = await waitFor(() => `the approval: ${node.told()}`, approved, 150_000);
      const isIn = () =>
        served.events.some(
          (one) => one.event === 'admission' && one.deviceId === deviceId && one.way !== 'paused',
        );
      await waitFor(
        () => `the node to be connected: ${node.told()}`,
        () => {
          // The older ones end when they must be paired; a service manager starts them again.
          if (node.process.exitCode !== null) node = run();
          return isIn();
        },
        150_000,
      );
      expect(governed().paired({ deviceId: deviceId ?? '' })).toMatchObject({ roles: ['node'] });
    } finally {
      await node.end();
    }
    // 2026.1.30 takes over a minute before it first connects.
  }, 330_000);

  test('`openclaw devices list` from elsewhere is not let in', async () => {
    const { network, gateway, served } = governed();
    const before = served.events.length;
    const url = isCurrent(release) ? governed().lan() : `ws://127.0.0.1:${gateway.port}`;
    const list = await listDevices(network.client, newHome(), url);
    expect(list.process.exitCode).toBe(1);
    const decided = served.events.slice(before).filter(({ event }) => event === 'decided');
    if (isCurrent(release)) {
      // It makes no device for this, and a token alone has no scopes from there.
      expect(list.told()).toContain('missing scope: operator.pairing');
      expect(decided).toEqual([]);
    } else {
      expect(list.told()).toContain('pairing required');
      const isHeld = { action: 'hold', rule: 'remote-admin' };
      expect(decided).toMatchObject([{ ...isHeld, record: { clientId: 'cli' } }]);
    }
  });

  test("`openclaw devices list` on the gateway's own host lists what the policy has paired", async () => {
    const { network, gateway } = governed();
    const paired = governed().allPaired();
    const home = newHome();
    const list = await listDevices(network.gateway, home, gateway.url);
    expect(list.process.exitCode, list.told()).toBe(0);
    for (const { deviceId } of paired) expect(list.told()).toContain(deviceId);
    // The older ones pair it as they see fit, over loopback.
    if (!isCurrent(release)) governed().pairedByItself.add(deviceIn(home));
  });
}

/** Tests the stock command line by the gateway's own tailnet address, under a policy of the tests' own. */
export function describeOwnTailnetClient(release: string, governed: () => GovernedGateway): void {
  let relay: Child | undefined;
  const { newHome, listDevices } = useHomes(governed);

  afterAll(() => relay?.end(), 60_000);

  // The current one makes no device for it, see above.
  test.skipIf(isCurrent(release))(
    "`openclaw devices list` by the gateway's own tailnet address waits until the policy names it",
    async () => {
      const { network, gateway, served } = governed();
      relay = await forwardLoopback(network.gateway, OWN_PORT, GATEWAY_TAILNET, gateway.port);
      const home = newHome();
      const url = `ws://127.0.0.1:${OWN_PORT}`;
      const refused = await listDevices(network.gateway, home, url);
      expect(refused.told()).toContain('pairing required');
      const deviceId = deviceIn(home);
      const held = await governed().decisionThat(deviceId, { action: 'hold' });
      expect(held).toMatchObject({ rule: null, record: { remoteIp: GATEWAY_TAILNET } });
      const rule = `  - id: owner
    action: approve
    when: { device: ${deviceId}, from: own-tailnet, role: operator, scopes: { within: [operator.admin] } }
`;
      const policy = readFileSync(governed().policyFile, 'utf8');
      writeFileSync(governed().policyFile, policy.replace('rules:\n', `rules:\n${rule}`));
      await waitFor('the approval', () =>
        served.events.some((one) => one.event === 'approved' && one.deviceId === deviceId),
      );
      const list = await listDevices(network.gateway, home, url);
      expect(list.process.exitCode, list.told()).toBe(0);
      expect(list.told()).toContain(deviceId);
    },
  );
}

function useHomes(governed: () => GovernedGateway): Homes {
  const homes: string[] = [];

  afterAll(() => {
    for (const home of homes) rmSync(home, { recursive: true, force: true });
  });

  function newHome(): string {
    const home = mkdtempSync(join(tmpdir(), 'openclaw-client-'));
    homes.push(home);
    return home;
  }

  async function listDevices(host: string, home: string, url: string): Promise<Child> {
    const args = ['devices', 'list', '--json', '--url', url, '--token', TOKEN];
    const child = governed().gateway.command(host, home, args);
    await waitFor(
      () => `the command line to end: ${child.told()}`,
      () => child.process.exitCode !== null,
      90_000,
    );
    return child;
  }

  return { newHome, listDevices };
}

/** The device that a client has made for itself in its home. */
function deviceIn(home: string): string {
  const file = join(home, '.openclaw', 'identity', 'device.json');
  const { deviceId } = JSON.parse(readFileSync(file, 'utf8')) as { deviceId: string };
  return deviceId;
}
