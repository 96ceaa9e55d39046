/** Stuck in the pairing loop, and nobody knew why: here the refusal tells the client and its person what to do. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useGateway } from './gateway-bench.js';
import { newDevice } from './real-client.js';

const bench = useGateway({ hold: '0ms' });
const DEFAULT_POLICY = readFileSync('policies/pairing.yaml', 'utf8');

let policy = DEFAULT_POLICY;

afterEach(() => setPolicy(DEFAULT_POLICY));

describe('a connect that is held', () => {
  it('is told the request id, how to approve it, and to come back', async () => {
    const device = newDevice();
    const client = bench.start(device, { scopes: ['operator.admin'] });
    const { error, close } = await client.first;
    const { requestId } = await bench.requestOf(device);
    expect(error?.gatewayCode).toBe('NOT_PAIRED');
    expect(error?.details).toMatchObject({
      ...{ code: 'PAIRING_REQUIRED', reason: 'not-paired', requestId, deviceId: device.deviceId },
      ...{ recommendedNextStep: 'wait_then_retry', retryable: true, pauseReconnect: false },
      remediationHint: expect.stringContaining(`pair-policy approve ${requestId}`),
      policy: { action: 'hold', rule: null, cause: 'default' },
    });
    expect(close).toEqual({ code: 1008, reason: expect.stringContaining(requestId) });
    // So the client goes on by itself, and is let in at its next attempt.
    expect(client.isPaused()).toBe(false);
    await bench.store.approve(await bench.requestOf(device));
    expect((await client.hello).auth.scopes).toEqual(['operator.admin']);
  });

  it('is told the rule', async () => {
    await setPolicy(policyOf('hold', '{ role: operator }'));
    const { error } = await bench.start(newDevice()).first;
    expect(error?.details).toMatchObject({
      policy: { action: 'hold', rule: 'this-one', cause: 'rule' },
      remediationHint: expect.stringContaining('because we said so'),
    });
  });

  it('is told which facts are missing', async () => {
    await setPolicy(
      policyOf('approve', '{ authUser: "*@example.org", role: operator, scopes: any-scopes }'),
    );
    const { error } = await bench.start(newDevice()).first;
    expect(error?.details).toMatchObject({
      policy: { action: 'hold', rule: null, cause: 'unknown-fact', missing: ['authUser'] },
    });
  });
});

describe('a connect that is denied', () => {
  it('is told the rule, and not to come back', async () => {
    const device = newDevice();
    await setPolicy(policyOf('deny', `{ device: ${device.deviceId} }`));
    const client = bench.start(device);
    const { error, close } = await client.first;
    expect(error?.details).toMatchObject({
      ...{ retryable: false, pauseReconnect: true },
      policy: { action: 'deny', rule: 'this-one', cause: 'rule' },
      remediationHint: expect.stringContaining('because we said so'),
    });
    expect(close?.code).toBe(1008);
    expect(client.isPaused()).toBe(true);
    expect(bench.store.pendingOf(device.deviceId)).toEqual([]);
  });
});

describe('a client whose device id changes on every start', () => {
  it('is recognised, and told that its data folder is lost', async () => {
    const container = { clientDisplayName: 'kitchen', scopes: ['operator.admin'] };
    const details: unknown[] = [];
    for (let start = 0; start < 3; start += 1) {
      const client = bench.start(newDevice(), container);
      details.push((await client.first).error?.details);
      await client.stop();
    }
    expect(details[0]).not.toHaveProperty('policy.changingIdentity');
    expect(details[2]).toMatchObject({
      policy: { changingIdentity: expect.stringContaining('data folder') },
      remediationHint: expect.stringContaining('`kitchen`'),
    });
  });
});

/** Changes the policy, and waits until it is in force. */
async function setPolicy(text: string): Promise<void> {
  if (text === policy) return;
  policy = text;
  const before = bench.gateway.told();
  bench.files.setPolicy(text);
  await vi.waitFor(() => expect(bench.gateway.told()).not.toBe(before), 10_000);
}

function policyOf(action: string, when: string): string {
  const reason = action === 'approve' ? '' : '\n    reason: because we said so';
  return `version: 1\nrules:\n  - id: this-one\n    action: ${action}${reason}\n    when: ${when}\n`;
}
