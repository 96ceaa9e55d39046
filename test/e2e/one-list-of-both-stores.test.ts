/** Device pairing and node pairing did not know of each other (openclaw #6836): here one list has both, and any name will do. */
import type { GatewayClientOptions } from '@openclaw/gateway-client';
import { describe, expect, it } from 'vitest';
import type { PendingRequest } from '../../src/live/index.js';
import { runCommand } from '../cli/run-command.js';
import { useGateway } from './gateway-bench.js';
import { newDevice, type RunningClient, type TestDevice } from './real-client.js';

const bench = useGateway();

const NODE: Partial<GatewayClientOptions> = {
  role: 'node',
  mode: 'node',
  clientName: 'node-host',
  scopes: [],
  commands: ['camera.snap'],
};

/** How a person may call a request. */
const NAMES: [string, (request: PendingRequest) => string][] = [
  ['its request id', ({ requestId }) => requestId],
  ['the device id', ({ deviceId }) => deviceId],
  ['a unique beginning of the request id', ({ requestId }) => requestId.slice(0, 10)],
  ['a unique beginning of the device id', ({ deviceId }) => deviceId.slice(0, 10)],
];

describe('a device and the commands of a node, which wait in two stores', () => {
  it('are one list to an operator of the gateway, and to the command line', async () => {
    const device = newDevice();
    bench.start(device, { scopes: ['operator.admin'] });
    const inDevices = await bench.requestOf(device);
    const inNodes = await pendingCommands(newDevice());
    expect([inDevices.store, inNodes.store]).toEqual(['device', 'node']);
    const both = [inDevices, inNodes].map(({ requestId }) =>
      expect.objectContaining({ requestId }),
    );

    const operator = await anOperator();
    const answer = await operator.request<{ pending: unknown[] }>('device.pair.list', {});
    expect(answer.pending).toEqual(expect.arrayContaining(both));

    const args = ['devices', '--json', '--state-dir', bench.files.stateDir];
    const { code, stdout } = await runCommand(args, { now: Date.now });
    expect(code).toBe(0);
    for (const { requestId } of [inDevices, inNodes]) expect(stdout).toContain(requestId);
  });

  it.each(NAMES)('are approved by %s', async (_, nameOf) => {
    const device = newDevice();
    const client = bench.start(device, NODE);
    const inDevices = await bench.requestOf(device);
    await command('approve', nameOf(inDevices));
    // It was held open for that.
    expect((await client.first).hello?.auth.role).toBe('node');
    // The command wrote two files, and the gateway may have seen one of them so far.
    await bench.store.refresh();
    const inNodes = await bench.requestOf(device);
    expect(inNodes.store).toBe('node');
    await command('approve', nameOf(inNodes));
    await bench.store.refresh();
    expect(bench.store.paired(device.deviceId)?.commands).toEqual(['camera.snap']);
  });

  it.each(NAMES)('are rejected by %s, and who waits is told', async (_, nameOf) => {
    const device = newDevice();
    const client = bench.start(device, { scopes: ['operator.admin'] });
    const request = await bench.requestOf(device);
    await command('reject', nameOf(request));
    const { error } = await client.first;
    expect(error?.details).toMatchObject({
      remediationHint: expect.stringContaining('a person has rejected the request'),
    });
  });
});

/** The request for the commands of a node that was just paired. */
async function pendingCommands(device: TestDevice): Promise<PendingRequest> {
  const client = bench.start(device, NODE);
  await bench.store.approve(await bench.requestOf(device));
  await client.hello;
  return bench.requestOf(device);
}

async function anOperator(): Promise<RunningClient> {
  const device = newDevice();
  const client = bench.start(device, { scopes: ['operator.admin'] });
  await bench.store.approve(await bench.requestOf(device));
  await client.hello;
  return client;
}

async function command(name: 'approve' | 'reject', id: string): Promise<void> {
  const args = [name, id, '--yes', '--state-dir', bench.files.stateDir];
  const { code, stderr } = await runCommand(args, { now: Date.now });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}
