/** The store of a real gateway does what every pairing store must do. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { PairingAsk, PendingRequest } from '../../src/live/index.js';
import { connectGateway, GatewayStore } from '../../src/openclaw/index.js';
import { openBlockList } from '../../src/stores/index.js';
import { deviceNo, privateKeyNo } from '../stores/asks.js';
import { describePairingStore } from '../stores/contract.js';
import { type Asked, ClientHost } from './client-host.js';
import { createNetwork, GATEWAY_LAN, type Network, whyNoNetwork } from './network.js';
import { createGateway, type RealGateway, TOKEN } from './real-gateway.js';
import { openRelay, type Relay } from './relay.js';
import { CONTRACT_RELEASE } from './releases.js';
import { waitFor } from './wait-for.js';

describe.runIf(whyNoNetwork() === undefined)(`OpenClaw ${CONTRACT_RELEASE}`, () => {
  let network: Network;
  let gateway: RealGateway;
  let relay: Relay;
  let clients: ClientHost;
  const folders: string[] = [];

  beforeAll(async () => {
    network = createNetwork();
    gateway = createGateway(CONTRACT_RELEASE, network.gateway, {
      nodes: { pairing: { sshVerify: false }, commands: { allow: ['camera.snap'] } },
    });
    await gateway.start();
    relay = await openRelay(network.gateway, gateway.port);
    clients = new ClientHost(network.client);
  }, 300_000);

  afterAll(async () => {
    await Promise.all([relay?.end(), clients?.end()]);
    await gateway?.remove();
    network?.remove();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  async function openStore(): Promise<GatewayStore> {
    const folder = mkdtempSync(join(tmpdir(), 'pair-policy-contract-'));
    folders.push(folder);
    const link = await connectGateway({ url: relay.url, token: TOKEN, clientVersion: '1.0.0' });
    return new GatewayStore(link, { blocks: await openBlockList(folder) });
  }

  describePairingStore('a real gateway', async () => {
    const store = await openStore();
    await store.refresh();
    // What the test before has left.
    for (const { deviceId } of store.allPaired()) await store.revoke(deviceId);
    for (const request of store.allPending()) await store.reject(request);
    const ask = async (asked: PairingAsk): Promise<PendingRequest> => {
      void clients.connect(toConnect(asked));
      return waitFor('the request', () =>
        store
          .pendingOf(asked.deviceId)
          .find((request) => request.store === asked.store && hasCommands(request, asked)),
      );
    };
    return { store, ask };
  });
});

/** A node that connects without commands has a request for none of them. */
function hasCommands({ store, record }: PendingRequest, { commands }: PairingAsk): boolean {
  return store === 'device' || JSON.stringify(record['commands']) === JSON.stringify(commands);
}

/** A connect that asks for just this. */
function toConnect({
  store,
  deviceId,
  publicKey,
  roles,
  scopes,
  commands,
  record,
}: PairingAsk): Asked {
  const { clientId = 'cli', clientMode = 'cli', platform = 'linux' } = record;
  return {
    url: `ws://${GATEWAY_LAN}:18789`,
    device: { deviceId, publicKey, privateKeyPem: pemOf(deviceId) },
    role: store === 'node' || roles.includes('node') ? 'node' : 'operator',
    scopes,
    client: { id: clientId, mode: clientMode, platform },
    ...(commands.length > 0 && { commands, stayMs: 3000 }),
  };
}

function pemOf(deviceId: string): string {
  const number = [1, 2, 3].find((one) => deviceNo(one).deviceId === deviceId) ?? 1;
  return privateKeyNo(number).export({ type: 'pkcs8', format: 'pem' }).toString();
}
