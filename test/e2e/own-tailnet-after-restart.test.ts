/** The gateway's own tailnet address had to pair again after every restart (openclaw #21647): here it is as good as loopback. */
import type { GatewayClientOptions } from '@openclaw/gateway-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createNetwork,
  GATEWAY_TAILNET,
  type Network,
  whyNoNetwork,
  within,
} from '../openclaw/network.js';
import { type ConnectReport, connectWithin } from './connect-within.js';
import { freshFiles, type GatewayProcess, SHARED_TOKEN, startGateway } from './gateway-process.js';
import { newDevice, type TestDevice } from './real-client.js';

const RULES_BOUND = ['operator.read', 'operator.write', 'operator.approvals'];

const missing = whyNoNetwork();
if (missing !== undefined) {
  process.stderr.write(`the gateway's own tailnet address is not tested here: ${missing}\n`);
}

describe.runIf(missing === undefined)("an operator by the gateway's own tailnet address", () => {
  const files = freshFiles();
  let network: Network;
  let gateway: GatewayProcess;

  const start = async () => {
    const host = within(network.gateway, []);
    gateway = await startGateway(files, { hold: '0ms', host: '0.0.0.0', within: host });
  };
  const restart = async () => {
    await gateway.stop();
    await start();
  };

  beforeAll(async () => {
    network = createNetwork();
    await start();
  }, 60_000);
  afterAll(async () => {
    await gateway?.stop();
    network?.remove();
    files.remove();
  }, 60_000);

  const connect = (
    device: TestDevice,
    scopes: string[],
    from: keyof Network & ('gateway' | 'client') = 'gateway',
    options: Partial<GatewayClientOptions> = { token: SHARED_TOKEN },
  ): Promise<ConnectReport> =>
    connectWithin(within(network[from], []), files, device, {
      url: `ws://${GATEWAY_TAILNET}:${gateway.port}`,
      // What is on a tailnet is encrypted by it, which the client must be told.
      env: { OPENCLAW_ALLOW_INSECURE_PRIVATE_WS: '1' },
      scopes,
      ...options,
    });

  it('is approved by the default policy, stays paired, and may ask for more up to the bound', async () => {
    const device = newDevice();
    expect(await connect(device, ['operator.read'])).toMatchObject({ scopes: ['operator.read'] });
    await restart();
    expect(await connect(device, ['operator.read'])).toMatchObject({ scopes: ['operator.read'] });
    expect(await connect(device, RULES_BOUND)).toMatchObject({ scopes: RULES_BOUND });
    await restart();
    // With nothing but the token of its device.
    const back = await connect(device, RULES_BOUND, 'gateway', {});
    expect(back).toMatchObject({ scopes: RULES_BOUND });
  }, 60_000);

  it('is held where it asks for more than the bound, and keeps what it has', async () => {
    const device = newDevice();
    expect(await connect(device, RULES_BOUND)).toMatchObject({ scopes: RULES_BOUND });
    expect(await connect(device, [...RULES_BOUND, 'operator.admin'])).toMatchObject({
      details: { reason: 'scope-upgrade', policy: { action: 'hold' } },
    });
    expect(await connect(device, RULES_BOUND)).toMatchObject({ scopes: RULES_BOUND });
  }, 60_000);

  it('is held where it comes from another host of the tailnet', async () => {
    expect(await connect(newDevice(), ['operator.read'], 'client')).toMatchObject({
      details: { reason: 'not-paired', policy: { action: 'hold', cause: 'default' } },
    });
  });
});
