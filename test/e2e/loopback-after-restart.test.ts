/** Loopback had to pair again after every restart (openclaw #21647): here the default policy approves it, and what is paired stays. */
import { describe, expect, it } from 'vitest';
import { useGateway } from './gateway-bench.js';
import { newDevice, startClient, type TestDevice } from './real-client.js';

const bench = useGateway({ hold: '0ms' });

const RULES_BOUND = ['operator.read', 'operator.write', 'operator.approvals'];

describe('an operator by loopback', () => {
  it('is approved by the default policy, stays paired, and may ask for more up to the bound', async () => {
    const device = newDevice();
    await admitted(device, ['operator.read']);
    await bench.restart();
    await admitted(device, ['operator.read']);
    await admitted(device, RULES_BOUND);
    await bench.restart();
    await admitted(device, RULES_BOUND);
  }, 60_000);

  it('is let in after a restart with nothing but the token of its device', async () => {
    const device = newDevice();
    await admitted(device, ['operator.read']);
    await bench.restart();
    const client = startClient(bench.gateway.url, device);
    const { hello } = await client.first;
    await client.stop();
    expect(hello?.auth.scopes).toEqual(['operator.read']);
  }, 60_000);

  it('is held where it asks for more than the bound, and keeps what it has', async () => {
    const device = newDevice();
    await admitted(device, RULES_BOUND);
    const client = bench.start(device, { scopes: [...RULES_BOUND, 'operator.admin'] });
    const { error } = await client.first;
    await client.stop();
    expect(error?.details).toMatchObject({ reason: 'scope-upgrade', policy: { action: 'hold' } });
    await admitted(device, RULES_BOUND);
  });
});

async function admitted(device: TestDevice, scopes: string[]): Promise<void> {
  const client = bench.start(device, { scopes });
  const { hello, error } = await client.first;
  await client.stop();
  expect(error).toBeUndefined();
  expect(hello?.auth.scopes).toEqual(scopes);
}
