/** The rehearsal at the start: it goes through all that a request goes through, and leaves nothing behind. */
import { expect, test } from 'vitest';
import type { LoadedPolicy } from '../../src/engine/index.js';
import { rehearse } from '../../src/openclaw/index.js';
import { RehearsalGateway } from '../../src/openclaw/rehearsal-gateway.js';
import { policyOf } from '../live/set-up.js';

const NODES = `
  - id: nodes
    action: approve
    when: { from: private, role: node, scopes: { within: [] } }`;

/** The policy, with a count of what is decided by it. */
function counted(policy: LoadedPolicy) {
  const seen: { readonly action: string; readonly remoteIp: unknown }[] = [];
  const { compiled } = policy;
  const decide: typeof compiled.decide = (circumstances, book) => {
    const decision = compiled.decide(circumstances, book);
    seen.push({ action: decision.action, remoteIp: circumstances.facts.remoteIp });
    return decision;
  };
  return { seen, policy: { ...policy, compiled: { ...compiled, decide } } };
}

test('decides by the policy in force, with and without an address, on what no gateway told', async () => {
  const { seen, policy } = counted(policyOf(NODES));
  await rehearse(policy);
  expect(new Set(seen.map(({ action }) => action))).toEqual(new Set(['approve', 'hold']));
  expect(seen.some(({ remoteIp }) => remoteIp === undefined)).toBe(true);
  expect(seen.some(({ remoteIp }) => remoteIp !== undefined)).toBe(true);
});

test('a limit is not charged by it', async () => {
  const { seen, policy } = counted(policyOf(`${NODES}\n    limit: { max: 1 }`));
  await rehearse(policy);
  expect(seen.filter(({ action }) => action === 'approve').length).toBeGreaterThan(1);
});

test('ends when nobody waits for it any more', async () => {
  const { seen, policy } = counted(policyOf(NODES));
  await rehearse(policy, () => true);
  expect(seen).toEqual([]);
});

test('its gateway keeps nothing of what was asked', async () => {
  const gateway = new RehearsalGateway();
  const told: unknown[] = [];
  gateway.on('frame', ({ payload }) => told.push(payload));
  gateway.ask({ role: 'node' });
  const [row] = told as { requestId: string }[];
  const first = await gateway.request('device.pair.approve', { requestId: row?.requestId });
  expect(first).toEqual({ requestId: row?.requestId, device: row });
  const again = await gateway.request('device.pair.approve', { requestId: row?.requestId });
  expect(again).toMatchObject({ device: undefined });
});
