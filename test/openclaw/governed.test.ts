/** A real gateway under `policies/pairing.yaml`: what comes from where is decided as the policy says. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClientDevice, newDevice } from './client-host.js';
import { GovernedGateway, isCurrent } from './governed-gateway.js';
import { whyNoNetwork } from './network.js';
import { describeOwnTailnetClient, describeRealClients } from './real-clients.js';
import { nodeFolder, RELEASES } from './releases.js';
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

describe.runIf(missing === undefined).each(RELEASES)('OpenClaw %s', (release) => {
  let governed: GovernedGateway;

  beforeAll(async () => {
    governed = await GovernedGateway.start(release);
  }, 300_000);

  afterAll(() => governed?.end(), 60_000);

  const node = (device: ClientDevice) => governed.node(device);
  const decisionThat = (device: ClientDevice, what: Readonly<Record<string, unknown>>) =>
    governed.decisionThat(device.deviceId, what);

  describe('under `policies/pairing.yaml`', () => {
    test('a node in the office is approved, and let in', async () => {
      const device = newDevice();
      await governed.elsewhere.connect(node(device));
      expect(await decisionThat(device, { action: 'approve' })).toMatchObject({
        rule: 'office-nodes',
      });
      await governed.untilLetIn(governed.elsewhere, node(device));
    });

    test('a node from the tailnet is held', async () => {
      const device = newDevice();
      const { ok } = await governed.elsewhere.connect({
        url: governed.tailnet(),
        device,
        role: 'node',
      });
      expect(ok).toBe(false);
      expect(await governed.served.decisionOn(device.deviceId)).toMatchObject({
        action: 'hold',
        rule: null,
      });
    });

    test("an operator by the gateway's own tailnet address is approved within the bound", async () => {
      const device = newDevice();
      const asked = { url: governed.tailnet(), device, scopes: ['operator.read'] };
      await governed.ownHost.connect(asked);
      expect(await decisionThat(device, { action: 'approve' })).toMatchObject({
        rule: 'own-machine',
      });
      await governed.untilLetIn(governed.ownHost, asked);
    });

    test('beyond the bound the same operator is held', async () => {
      const device = newDevice();
      await governed.ownHost.connect({
        url: governed.tailnet(),
        device,
        scopes: ['operator.admin'],
      });
      expect(await governed.served.decisionOn(device.deviceId)).toMatchObject({ action: 'hold' });
    });

    test('an operator from elsewhere with admin is held', async () => {
      const device = newDevice();
      await governed.elsewhere.connect({ url: governed.lan(), device, scopes: ['operator.admin'] });
      expect(await governed.served.decisionOn(device.deviceId)).toMatchObject({
        action: 'hold',
        rule: 'remote-admin',
      });
    });

    test('a paired node that asks for another role is held as an upgrade', async () => {
      const device = newDevice();
      await governed.untilLetIn(governed.elsewhere, node(device));
      await governed.elsewhere.connect({ url: governed.lan(), device, scopes: ['operator.read'] });
      const decided = await decisionThat(device, { kind: 'role-upgrade' });
      expect(decided).toMatchObject({ action: 'hold', rule: 'remote-upgrade' });
    });

    test('a paired operator that asks for more scopes from elsewhere is held as an upgrade', async () => {
      const device = newDevice();
      const asked = { url: governed.tailnet(), device, scopes: ['operator.read'] };
      await governed.untilLetIn(governed.ownHost, asked);
      await governed.elsewhere.connect({
        ...asked,
        url: governed.lan(),
        scopes: ['operator.read', 'operator.write'],
      });
      expect(await decisionThat(device, { kind: 'scope-upgrade' })).toMatchObject({
        action: 'hold',
        rule: 'remote-upgrade',
      });
    });

    test('a device that asks for another role while one is pending is not paired for either', async () => {
      const device = newDevice();
      await governed.elsewhere.connect({ url: governed.lan(), device, scopes: ['operator.admin'] });
      await governed.served.decisionOn(device.deviceId);
      await governed.elsewhere.connect(node(device));
      await governed.elsewhere.connect(node(device));
      expect(await governed.served.decisionOn(device.deviceId)).toMatchObject({ action: 'hold' });
      expect(governed.paired(device)).toBeUndefined();
    });

    test('a proxy that the gateway does not trust is not taken for loopback', async () => {
      const device = newDevice();
      const headers = { 'X-Forwarded-For': '192.168.77.50' };
      const result = await governed.ownHost.connect({
        url: governed.gateway.url,
        device,
        role: 'node',
        headers,
      });
      expect(result.ok).toBe(false);
      if (isCurrent(release)) expect(result.failure).toContain('403');
      else {
        const decision = await governed.served.decisionOn(device.deviceId);
        expect(decision).toMatchObject({ action: 'hold' });
        expect(decision.record).not.toHaveProperty('remoteIp');
      }
    });

    test('a client on loopback', async () => {
      const device = newDevice();
      const asked = { url: governed.gateway.url, device, scopes: ['operator.read'] };
      const { ok } = await governed.ownHost.connect(asked);
      if (!isCurrent(release)) {
        // The release pairs it by itself.
        expect(ok).toBe(true);
        governed.pairedByItself.add(device.deviceId);
        return;
      }
      const approved = await decisionThat(device, { action: 'approve' });
      expect(approved).toMatchObject({ rule: 'own-machine', record: { remoteIp: '127.0.0.1' } });
      await governed.untilLetIn(governed.ownHost, asked);
    });

    test('the device of another with a key of its own is not even asked about', async () => {
      const [known, thief] = [newDevice(), newDevice()];
      await governed.untilLetIn(governed.elsewhere, node(known));
      const before = governed.served.events.length;
      const device = { ...thief, deviceId: known.deviceId };
      const { ok, error } = await governed.elsewhere.connect({ ...node(known), device });
      expect(ok).toBe(false);
      expect(error?.code).not.toBe('NOT_PAIRED');
      const later = governed.served.events.slice(before);
      // The one that was let in may be asked about meanwhile, for its commands.
      const ofThief = later.filter(({ record }) => record?.['publicKey'] === thief.publicKey);
      expect(ofThief).toEqual([]);
    });

    test('a device whose key is another than the paired one is held as a change of key', async () => {
      const device = newDevice();
      await governed.untilLetIn(governed.elsewhere, node(device));
      // As if it had been paired before, with a key that is gone.
      replaceKey(governed.gateway.stateDir, device, newDevice());
      await governed.elsewhere.connect(node(device));
      expect(await decisionThat(device, { kind: 'key-change' })).toMatchObject({
        action: 'hold',
        rule: 'remote-upgrade',
      });
    });

    describe('real clients', () => {
      describeRealClients(release, () => governed);
    });

    test('nothing is paired that `explain` would not approve', async () => {
      expect(governed.allPaired().length).toBeGreaterThan(2);
      expect(await governed.pairedBeyond('policies')).toEqual([]);
    });
  });

  describe('served anew, with another policy', () => {
    const waiting = newDevice();

    beforeAll(async () => {
      await governed.serveAnew(SECOND_POLICY, () => governed.elsewhere.connect(node(waiting)));
    }, 120_000);

    test('what has asked while it was away is decided', async () => {
      expect(await decisionThat(waiting, { action: 'approve' })).toMatchObject({ rule: 'nodes' });
      await governed.untilLetIn(governed.elsewhere, node(waiting));
    });

    test.runIf(isCurrent(release)).each([
      [['canvas.present', 'canvas.hide'], 'approve', 'canvas'],
      [['canvas.present', 'system.run'], 'hold', null],
    ])('the commands %j: %s', async (commands, action, rule) => {
      const device = newDevice();
      await governed.untilLetIn(governed.elsewhere, node(device));
      void governed.elsewhere.connect({ ...node(device), commands, stayMs: 5000 });
      const decided = await decisionThat(device, { kind: 'node-commands', commands });
      expect(decided).toMatchObject({ action, rule });
      if (action !== 'approve') return;
      await waitFor('the approval', () =>
        governed.served.events.find(
          ({ event, requestId }) => event === 'approved' && requestId === decided.requestId,
        ),
      );
    });

    describeOwnTailnetClient(release, () => governed);

    test('a client that changes between its request and the approval is never paired beyond the rule', async () => {
      const devices: ClientDevice[] = [];
      for (let i = 0; i < 5; i += 1) {
        const [one, other] = [newDevice(), newDevice()];
        devices.push(one, other);
        const probe = { id: 'node-host', mode: 'probe', displayName: 'somebody else' };
        const read = { url: governed.tailnet(), device: other, scopes: ['operator.read'] };
        await Promise.all([
          governed.elsewhere.connect(node(one)),
          governed.elsewhere.connect({ ...node(one), client: probe }),
          governed.elsewhere.connect({ ...node(one), client: { ...probe, mode: 'cli' } }),
          governed.ownHost.connect(read),
          governed.ownHost.connect({ ...read, scopes: ['operator.read', 'operator.admin'] }),
        ]);
      }
      await waitFor('all to be decided', () =>
        devices.every(({ deviceId }) =>
          governed.served.events.some(({ record }) => record?.['deviceId'] === deviceId),
        ),
      );
      for (const device of devices) {
        const scopes = governed.paired(device)?.scopes ?? [];
        expect(scopes.filter((scope) => scope !== 'operator.read')).toEqual([]);
      }
      const differing = governed.served.events.filter(({ event }) => event === 'differs');
      expect(differing.filter(({ removed }) => removed !== true)).toEqual([]);
      const longest = Math.max(0, ...differing.map(({ pairedMs = 0 }) => pairedMs));
      process.stdout.write(
        `${release}: ${differing.length} of ${devices.length} devices were paired otherwise than decided, the longest for ${longest} ms\n`,
      );
    });
  });

  test('after a restart of the gateway new devices are decided as before', async () => {
    await governed.restart();
    const device = newDevice();
    await governed.elsewhere.connect(node(device));
    expect(await decisionThat(device, { action: 'approve' })).toMatchObject({ rule: 'nodes' });
    await governed.untilLetIn(governed.elsewhere, node(device));
  }, 300_000);

  test('with loopback among the trusted proxies, no address is believed', async () => {
    await governed.restart({ ...governed.settings, trustedProxies: [PROXY] });
    const [proxied, direct] = [newDevice(), newDevice()];
    const headers = { 'X-Forwarded-For': '192.168.77.50' };
    await governed.ownHost.connect({
      ...node(proxied),
      url: governed.gateway.url,
      headers,
      localAddress: PROXY,
    });
    await governed.elsewhere.connect(node(direct));
    for (const { deviceId } of [proxied, direct]) {
      const decision = await governed.served.decisionOn(deviceId);
      expect(decision).toMatchObject({ action: 'hold', rule: null });
      expect(decision.record).not.toHaveProperty('remoteIp');
    }
  }, 300_000);
});

/** Writes another key into the paired row of a device, as only somebody on the gateway's host can. */
function replaceKey(
  stateDir: string,
  { deviceId }: ClientDevice,
  { publicKey }: ClientDevice,
): void {
  const json = join(stateDir, 'devices', 'paired.json');
  if (existsSync(json)) {
    const paired = JSON.parse(readFileSync(json, 'utf8')) as Record<string, object>;
    const changed = { ...paired, [deviceId]: { ...paired[deviceId], publicKey } };
    writeFileSync(`${json}.tmp`, JSON.stringify(changed), { mode: 0o600 });
    renameSync(`${json}.tmp`, json);
    return;
  }
  const script = `const { DatabaseSync } = require('node:sqlite');
const [file, key, id] = process.argv.slice(1);
const database = new DatabaseSync(file);
database.exec('PRAGMA busy_timeout = 5000');
database.prepare('UPDATE device_pairing_paired SET public_key = ? WHERE device_id = ?').run(key, id);`;
  const file = join(stateDir, 'state', 'openclaw.sqlite');
  execFileSync(join(nodeFolder(), 'node'), ['-e', script, file, publicKey, deviceId]);
}
