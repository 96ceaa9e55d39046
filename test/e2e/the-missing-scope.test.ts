/** The missing scope: the refusal names what was asked for, what is approved, and what the policy would grant. */
import { expect, it } from 'vitest';
import { useGateway } from './gateway-bench.js';
import { newDevice } from './real-client.js';

const bench = useGateway({ hold: '0ms' });

it('is named where a paired device asks for more than the policy grants', async () => {
  const device = newDevice();
  const before = bench.start(device, { scopes: ['operator.read'] });
  await before.hello;
  await before.stop();
  const asked = ['operator.read', 'operator.approvals', 'operator.admin'];
  const { error } = await bench.start(device, { scopes: asked }).first;
  expect(error?.details).toMatchObject({
    ...{ reason: 'scope-upgrade', requestedScopes: asked, approvedScopes: ['operator.read'] },
    policy: {
      grantableScopes: expect.arrayContaining(['operator.read', 'operator.approvals']),
    },
  });
  expect(error?.details).not.toHaveProperty(
    'policy.grantableScopes',
    expect.arrayContaining(['operator.admin']),
  );
  expect(error?.details).toMatchObject({
    remediationHint: expect.stringMatching(
      /asked for: .*`operator\.admin`.*; approved: `operator\.read`; the policy would grant: .*`operator\.approvals`/,
    ),
  });
  // What is paired stays paired.
  const after = bench.start(device, { scopes: ['operator.read'] });
  expect((await after.first).hello).toBeDefined();
});
