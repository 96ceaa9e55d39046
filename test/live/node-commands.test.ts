import { describe, expect, it } from 'vitest';
import { deviceNo, nodeNo, operatorNo, pairAs, policyOf, RULES, setUp } from './set-up.js';

const COMMANDS = ['system.run', 'system.which'];
const node = nodeNo(1, { commands: COMMANDS });
const NO_COMMANDS = `
  - { id: no-commands, action: deny, reason: no commands here, when: { kind: node-commands } }`;

describe('the commands of a node', () => {
  it('are decided after the device, and approved with a rule that names them', async () => {
    const { hook, store, entries } = setUp(policyOf(RULES.lan + RULES.status));
    const answer = await hook.onConnect(node);
    expect(answer).toMatchObject({
      admitted: true,
      decision: { rule: 'lan' },
      commands: COMMANDS,
      commandsDecision: { action: 'approve', rule: 'status' },
      device: { commands: COMMANDS, roles: ['node'] },
    });
    expect(store.paired(deviceNo(1).deviceId)?.commands).toEqual(COMMANDS);
    expect(entries.map(({ record }) => [record.kind, record.commands, record.role])).toEqual([
      ['new-device', undefined, 'node'],
      ['node-commands', COMMANDS, 'node'],
    ]);
  });

  it('are left for a person where no rule approves them, and the node is let in without', async () => {
    const { hook, store, entries } = setUp(policyOf(RULES.lan));
    const answer = await hook.onConnect(node);
    expect(answer).toMatchObject({
      admitted: true,
      commands: [],
      commandsDecision: { action: 'hold' },
    });
    const [request, ...others] = store.pendingOf(deviceNo(1).deviceId);
    expect(others).toEqual([]);
    expect(request).toMatchObject({ store: 'node', record: { commands: COMMANDS } });
    expect(entries[1]?.requestId).toBe(request?.requestId);
    await hook.onConnect(node);
    expect(store.pendingOf(deviceNo(1).deviceId)).toHaveLength(1);
    if (request) await store.approve(request);
    expect(await hook.onConnect(node)).toMatchObject({
      commands: COMMANDS,
      commandsDecision: undefined,
    });
  });

  it('are denied with the reason, and the node is let in without', async () => {
    const { hook, store } = setUp(policyOf(RULES.lan));
    await hook.onConnect(node);
    const denying = setUp(policyOf(RULES.lan + NO_COMMANDS), { store });
    expect(await denying.hook.onConnect(node)).toMatchObject({
      admitted: true,
      commands: [],
      commandsDecision: { action: 'deny', reason: expect.stringContaining('no commands here') },
    });
    expect(store.allPending()).toEqual([]);
  });

  it('keep what is approved where more is declared', async () => {
    const { hook, store } = setUp(policyOf(RULES.lan));
    await pairAs(store, nodeNo(1));
    await pairAs(store, nodeNo(1), { store: 'node', commands: ['system.run'] });
    expect(await hook.onConnect(node)).toMatchObject({
      admitted: true,
      commands: ['system.run'],
      commandsDecision: { action: 'hold' },
    });
    expect(store.paired(deviceNo(1).deviceId)?.commands).toEqual(['system.run']);
  });

  it.each([
    ['an operator has none', operatorNo(1, { commands: COMMANDS })],
    ['a node may declare none', nodeNo(1, { commands: [] })],
    ['a node may say nothing of them', nodeNo(1)],
  ])('%s', async (_name, record) => {
    const { hook, entries } = setUp(policyOf(RULES.lan));
    expect(await hook.onConnect(record)).toMatchObject({
      admitted: true,
      commands: [],
      commandsDecision: undefined,
    });
    expect(entries).toHaveLength(1);
  });

  it('that are no list of texts are held, and nothing is asked for', async () => {
    const { hook, store } = setUp(policyOf(RULES.lan + RULES.status));
    const commands = ['system.run', 7] as unknown as string[];
    expect(await hook.onConnect(nodeNo(1, { commands }))).toMatchObject({
      admitted: true,
      commands: [],
      commandsDecision: { action: 'hold', cause: 'unknown-fact' },
    });
    expect(store.allPending()).toEqual([]);
  });

  it('let nobody in with a role that was taken back meanwhile', async () => {
    const { hook, store } = setUp(policyOf(RULES.lan));
    const { deviceId = '' } = node;
    const both = { ...node, role: undefined, roles: ['node', 'operator'] as const };
    await pairAs(store, node, { roles: both.roles });
    const request = store.request.bind(store);
    let isRevoked = false;
    store.request = async (ask) => {
      const requested = await request(ask);
      if (!isRevoked) await store.revoke(deviceId, 'operator');
      isRevoked = true;
      return requested;
    };
    const answer = await hook.onConnect(both as never);
    // It is decided anew, as what it is now: one that asks for a role which it does not have.
    expect(answer).toMatchObject({ admitted: true, decision: { rule: 'lan' } });
    expect(answer.admitted && answer.device.roles).toEqual(store.paired(deviceId)?.roles);
    const strict = setUp(policyOf(RULES.status), { store });
    await store.revoke(deviceId, 'operator');
    await pairAs(store, node, { roles: both.roles });
    isRevoked = false;
    expect(
      await strict.hook.onConnect({ ...both, commands: ['camera.snap'] } as never),
    ).toMatchObject({
      admitted: false,
      decision: { action: 'hold' },
    });
  });
});
