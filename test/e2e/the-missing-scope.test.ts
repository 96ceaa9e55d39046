/** The missing scope: the refusal names what was asked for, what is approved, and what the policy would grant. */
import { expect, it } from 'vitest';
import type { RefusalDetails } from '../../src/live/index.js';
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
  const details = error?.details as RefusalDetails;
  expect(details).toMatchObject({
    ...{ reason: 'scope-upgrade', requestedScopes: asked, approvedScopes: ['operator.read'] },
  });
  const { grantableScopes } = details.policy;
  expect(grantableScopes).toEqual(expect.arrayContaining(['operator.read', 'operator.approvals']));
  expect(grantableScopes).not.toContain('operator.admin');
  // And in words, for who reads no JSON.
  const [, inWords] = /asked for: (.*)$/s.exec(details.remediationHint) ?? [];
  const [wanted, approved, granted] = inWords?.split(';') ?? [];
  expect(wanted).toContain('`operator.admin`');
  expect(approved).toContain('`operator.read`');
  expect(granted).toContain('`operator.approvals`');
  expect(granted).not.toContain('`operator.admin`');
  // What is paired stays paired.
  const after = bench.start(device, { scopes: ['operator.read'] });
  expect((await after.first).hello).toBeDefined();
});
