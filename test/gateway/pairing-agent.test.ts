/** Deciding beside a gateway: what is told is decided at once, and acted on never otherwise than decided. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { policyOf } from '../live/set-up.js';
import { deviceNo } from '../stores/asks.js';
import { govern, nodeRow, operatorRow, RULES, startGateway } from './governed.js';
import { waitUntil } from './wait-until.js';

const UNAVAILABLE = { code: 'UNAVAILABLE', message: 'the gateway is busy' };

describe('a request', () => {
  test('that a rule approves is approved on its event, and is taken for paired', async () => {
    const gateway = await startGateway();
    const { happened, took, store, logged } = await govern(gateway, RULES.lan);
    gateway.ask('r1', nodeRow(1));
    await waitUntil(() => happened.includes('approved r1'));
    expect(happened).toEqual(['approve r1', 'approved r1']);
    expect(took[0]).toBeGreaterThanOrEqual(0);
    expect(store.paired(deviceNo(1).deviceId)).toMatchObject({ roles: ['node'] });
    expect(logged).toMatchObject([{ requestId: 'r1', outcome: 'approve', answered: 'admitted' }]);
  });

  test('that waits when we come is decided as well', async () => {
    const gateway = await startGateway();
    gateway.ask('r1', nodeRow(1));
    const { happened, took } = await govern(gateway, RULES.lan);
    await waitUntil(() => happened.includes('approved r1'));
    expect(took).toEqual([undefined]);
  });

  test('that no rule approves is held, told once, and left alone', async () => {
    const gateway = await startGateway();
    const { happened, agent, logged } = await govern(gateway, RULES.lan);
    gateway.ask('r1', operatorRow(1, { scopes: ['operator.admin'] }));
    await waitUntil(() => happened.length > 0);
    await agent.considerAll();
    expect(happened).toEqual(['hold r1']);
    expect(logged).toMatchObject([{ outcome: 'hold', answered: 'waiting' }]);
    expect(gateway.pending.has('r1')).toBe(true);
    expect(gateway.idsOf('device.pair.approve')).toEqual([]);
  });

  test('that is denied is rejected, and again only after a while', async () => {
    const gateway = await startGateway();
    let clock = Date.now();
    const { happened, agent } = await govern(gateway, RULES.noWindows, { now: () => clock });
    gateway.ask('r1', nodeRow(1, { platform: 'windows' }));
    await waitUntil(() => happened.includes('rejected r1'));
    gateway.ask('r2', nodeRow(1, { platform: 'windows' }));
    await waitUntil(() => happened.includes('deny r2'));
    await agent.considerAll();
    expect(gateway.idsOf('device.pair.reject')).toEqual(['r1']);
    clock += 2000;
    await agent.considerAll();
    await waitUntil(() => happened.includes('rejected r2'));
  });

  test('of another device is rejected at once', async () => {
    const gateway = await startGateway();
    const { happened } = await govern(gateway, RULES.noWindows);
    gateway.ask('r1', nodeRow(1, { platform: 'windows' }));
    gateway.ask('r2', nodeRow(2, { platform: 'windows' }));
    await waitUntil(() => happened.includes('rejected r1') && happened.includes('rejected r2'));
  });

  test('whose event was lost is found by the list', async () => {
    const gateway = await startGateway();
    gateway.tellsEvents = false;
    const { happened } = await govern(gateway, RULES.lan, { listEveryMs: 50 });
    gateway.ask('r1', nodeRow(1));
    await waitUntil(() => happened.includes('approved r1'));
    expect(gateway.idsOf('device.pair.approve')).toEqual(['r1']);
  });

  test('of a device on the block list is rejected, whatever the policy says', async () => {
    const gateway = await startGateway();
    const { happened, store } = await govern(gateway, RULES.lan);
    await store.blocks.add({ device: deviceNo(1).deviceId, reason: 'lost', since: 0 });
    gateway.ask('r1', nodeRow(1));
    await waitUntil(() => happened.includes('rejected r1'));
  });

  test('that a new policy approves is approved when it comes into force', async () => {
    const gateway = await startGateway();
    const { happened, swapped } = await govern(gateway, RULES.noWindows);
    gateway.ask('r1', nodeRow(1));
    await waitUntil(() => happened.includes('hold r1'));
    swapped.swap(policyOf(RULES.lan));
    await waitUntil(() => happened.includes('approved r1'));
  });
});

test('a decision of ours costs no list, that of another one does', async () => {
  const gateway = await startGateway();
  const { happened, store } = await govern(gateway, RULES.lan);
  const lists = () => gateway.asked.filter(({ method }) => method === 'device.pair.list').length;
  const before = lists();
  gateway.ask('r1', nodeRow(1));
  await waitUntil(() => happened.includes('approved r1'));
  // What comes after it on the same connection has been heard after it.
  gateway.ask('r2', operatorRow(2, { scopes: ['operator.admin'] }));
  await waitUntil(() => happened.includes('hold r2'));
  expect(lists()).toBe(before);
  gateway.pending.delete('r2');
  gateway.paired.set(deviceNo(2).deviceId, operatorRow(2));
  gateway.tell('device.pair.resolved', { requestId: 'r2', decision: 'approved' });
  await waitUntil(() => store.paired(deviceNo(2).deviceId));
  expect(lists()).toBe(before + 1);
});

test('a request that another decides before us is listed for what came of it', async () => {
  const gateway = await startGateway();
  const { happened, store } = await govern(gateway, RULES.lan);
  gateway.faults.set('device.pair.approve', [
    { code: 'INVALID_REQUEST', message: 'unknown requestId' },
  ]);
  gateway.paired.set(deviceNo(1).deviceId, nodeRow(1));
  gateway.ask('r1', nodeRow(1));
  gateway.tell('device.pair.resolved', { requestId: 'r1', decision: 'approved' });
  await waitUntil(() => store.paired(deviceNo(1).deviceId));
  expect(happened).toEqual(['approve r1']);
});

describe('what changes on the way', () => {
  test('a superseded request is gone, and the one in its place is decided for itself', async () => {
    const gateway = await startGateway();
    const { happened, store } = await govern(gateway, RULES.lan);
    gateway.ask('r1', operatorRow(1, { scopes: ['operator.admin'] }));
    await waitUntil(() => happened.includes('hold r1'));
    gateway.pending.delete('r1');
    gateway.tell('device.pair.resolved', { requestId: 'r1', decision: 'rejected' });
    gateway.ask('r2', operatorRow(1, { roles: ['operator', 'node'], scopes: ['operator.admin'] }));
    await waitUntil(() => happened.includes('hold r2'));
    expect(store.allPending().map(({ requestId }) => requestId)).toEqual(['r2']);
    expect(gateway.idsOf('device.pair.approve')).toEqual([]);
  });

  test('a request that is superseded between its event and our approval is not approved', async () => {
    const gateway = await startGateway();
    const { happened, codes } = await govern(gateway, RULES.lan);
    const row = operatorRow(1);
    gateway.pending.set('r2', {
      ...row,
      requestId: 'r2',
      scopes: ['operator.admin'],
      isRepair: false,
      ts: Date.now(),
    });
    gateway.tell('device.pair.requested', {
      ...row,
      requestId: 'r1',
      isRepair: false,
      ts: Date.now(),
    });
    await waitUntil(() => gateway.idsOf('device.pair.approve').length > 0);
    gateway.tell('device.pair.requested', gateway.pending.get('r2') ?? {});
    await waitUntil(() => happened.includes('hold r2'));
    expect(gateway.paired.size).toBe(0);
    expect(codes).toEqual([]);
  });

  test.each([
    ['its client mode', { clientMode: 'cli' }],
    ['its name', { displayName: 'another' }],
    ['its key', { publicKey: deviceNo(9).publicKey }],
    ['its scopes', { scopes: ['operator.admin'] }],
    ['its roles', { roles: ['node', 'operator'] }],
    ['its id', { deviceId: deviceNo(9).deviceId }],
  ])(
    'a device that was paired otherwise than decided is removed at once: %s',
    async (_, change) => {
      const gateway = await startGateway();
      gateway.grant = (row) => ({ ...row, ...change });
      const { codes, differences, happened } = await govern(gateway, RULES.lan);
      gateway.ask('r1', nodeRow(1));
      await waitUntil(() => codes.length > 0);
      expect(codes).toEqual(['REQUEST_CHANGED']);
      expect(differences.at(-1)).toBe('removed: true');
      expect(gateway.paired.size).toBe(0);
      expect(happened).not.toContain('approved r1');
    },
  );

  test('one that cannot be removed loses its tokens, and that is told', async () => {
    const gateway = await startGateway();
    gateway.grant = (row) => ({ ...row, scopes: ['operator.admin'] });
    gateway.faults.set('device.pair.remove', [
      { code: 'INVALID_REQUEST', message: 'unknown method' },
    ]);
    const { differences } = await govern(gateway, RULES.lan);
    gateway.ask('r1', nodeRow(1));
    await waitUntil(() => differences.includes('removed: false'));
    expect(gateway.asked).toContainEqual({
      method: 'device.token.revoke',
      params: { deviceId: deviceNo(1).deviceId, role: 'node' },
    });
  });

  test('a device whose data change under the same id is decided anew', async () => {
    const gateway = await startGateway();
    const { happened, agent } = await govern(gateway, RULES.lan);
    gateway.ask('r1', nodeRow(1, { clientMode: 'probe' }));
    await waitUntil(() => happened.includes('hold r1'));
    gateway.pending.set('r1', { ...gateway.pending.get('r1'), clientMode: 'node' });
    await agent.considerAll();
    await waitUntil(() => happened.includes('approved r1'));
  });

  test('a request that changed when it is read again is decided as it is now', async () => {
    const gateway = await startGateway();
    let clock = Date.now();
    const now = () => clock;
    const { happened, store, agent } = await govern(gateway, RULES.lan, { now });
    gateway.ask('r1', nodeRow(1, { clientMode: 'probe' }));
    await waitUntil(() => happened.includes('hold r1'));
    const [held] = store.allPending();
    gateway.pending.set('r1', { ...gateway.pending.get('r1'), displayName: 'changed' });
    clock += 80;
    if (held) await expect(store.approve(held)).rejects.toThrow(/no longer what was decided/);
    await agent.considerAll();
    expect(gateway.paired.size).toBe(0);
  });

  test('what was paired before is no difference, and an upgrade is decided by the newest list', async () => {
    const gateway = await startGateway();
    const { differences, happened, logged } = await govern(gateway, RULES.lan);
    gateway.paired.set(deviceNo(1).deviceId, {
      ...operatorRow(1, { scopes: [] }),
      tokens: [{ role: 'operator' }],
    });
    gateway.grant = (row) => ({ ...row, approvedAtMs: 5 });
    gateway.ask('r1', operatorRow(1, { isRepair: true }));
    await waitUntil(() => happened.includes('approved r1'));
    expect(logged[0]?.record).toMatchObject({ kind: 'scope-upgrade' });
    expect(differences).toEqual([]);
  });
});

describe('a gateway in trouble', () => {
  test('that is not able to answer is asked again', async () => {
    const gateway = await startGateway();
    gateway.faults.set('device.pair.approve', [UNAVAILABLE]);
    const { happened, codes } = await govern(gateway, RULES.lan);
    gateway.ask('r1', nodeRow(1));
    await waitUntil(() => happened.includes('approved r1'));
    expect(codes).toEqual(['GATEWAY_ERROR']);
    expect(gateway.idsOf('device.pair.approve')).toEqual(['r1', 'r1']);
  });

  test('that is not able to list is asked again for what waits for the list', async () => {
    const gateway = await startGateway();
    const { happened } = await govern(gateway, RULES.lan);
    gateway.paired.set(deviceNo(1).deviceId, operatorRow(1, { scopes: [] }));
    gateway.faults.set('device.pair.list', [UNAVAILABLE, UNAVAILABLE]);
    gateway.ask('r1', operatorRow(1, { isRepair: true }));
    await waitUntil(() => happened.includes('approved r1'), 10_000);
    expect(happened).toEqual(['approve r1', 'approved r1']);
  });

  test('that does not answer is given up after a while, and asked again with the next list', async () => {
    const gateway = await startGateway();
    gateway.faults.set('device.pair.approve', ['silence']);
    const { happened, codes, agent } = await govern(gateway, RULES.lan, { requestTimeoutMs: 200 });
    gateway.ask('r1', nodeRow(1));
    await waitUntil(() => codes.length > 0);
    expect(codes).toEqual(['GATEWAY_UNREACHABLE']);
    await agent.considerAll();
    await waitUntil(() => happened.includes('approved r1'));
  });

  test('that is gone and comes back is listed again, and nothing is approved twice', async () => {
    const gateway = await startGateway();
    const { happened, link } = await govern(gateway, RULES.lan);
    gateway.ask('r1', nodeRow(1));
    await waitUntil(() => happened.includes('approved r1'));
    const down: number[] = [];
    link.on('down', ({ code }) => down.push(code));
    await gateway.stop();
    await waitUntil(() => down.length > 0);
    gateway.ask('r2', nodeRow(2));
    await gateway.listen();
    await waitUntil(() => happened.includes('approved r2'));
    expect(gateway.idsOf('device.pair.approve')).toEqual(['r1', 'r2']);
  });

  test('whose answer is lost with the connection is asked what it has paired', async () => {
    const gateway = await startGateway();
    gateway.grant = (row) => ({ ...row, clientMode: 'cli' });
    gateway.faults.set('device.pair.approve', ['cut']);
    const { differences, codes } = await govern(gateway, RULES.lan);
    gateway.ask('r1', nodeRow(1));
    await waitUntil(() => differences.length > 0);
    expect(differences).toEqual(['its clientMode is "cli"', 'removed: true']);
    expect(codes).toEqual(['GATEWAY_UNREACHABLE']);
    expect(gateway.paired.size).toBe(0);
  });

  test('whose lost answer was as decided keeps what it has paired', async () => {
    const gateway = await startGateway();
    gateway.faults.set('device.pair.approve', ['cut']);
    const { differences, store } = await govern(gateway, RULES.lan);
    gateway.ask('r1', nodeRow(1));
    await waitUntil(() => store.paired(deviceNo(1).deviceId));
    expect(differences).toEqual([]);
    expect(gateway.idsOf('device.pair.approve')).toEqual(['r1']);
  });

  test('that gives us too little authority is asked nothing, and that is told once', async () => {
    const gateway = await startGateway();
    gateway.scopes = ['operator.pairing', 'operator.read'];
    const { codes, agent } = await govern(gateway, RULES.lan);
    gateway.ask('r1', nodeRow(1));
    await waitUntil(() => codes.length > 0);
    await agent.considerAll();
    expect(codes).toEqual(['GATEWAY_SCOPE']);
    expect(gateway.idsOf('device.pair.approve')).toEqual([]);
  });

  test('that refuses for want of a scope says which', async () => {
    const gateway = await startGateway();
    gateway.faults.set('device.pair.approve', [
      { code: 'FORBIDDEN', message: 'missing scope: operator.admin' },
    ]);
    const { codes } = await govern(gateway, RULES.lan);
    gateway.ask('r1', nodeRow(1));
    await waitUntil(() => codes.length > 0);
    expect(codes).toEqual(['GATEWAY_SCOPE']);
  });
});

test.each([
  [
    ['operator.read', 'operator.admin'],
    ['operator.read', 'operator.sessions.read'],
  ],
  [['operator.admin'], ['operator.read', 'operator.sessions.read']],
])(
  'a request for %j is held whole, and what would be approved is told',
  async (scopes, expected) => {
    const gateway = await startGateway();
    const { agent, happened } = await govern(gateway, RULES.lan);
    const grantable: unknown[] = [];
    agent.on('decided', (decided) => grantable.push(decided.grantable));
    gateway.ask('r1', operatorRow(1, { scopes }));
    await waitUntil(() => grantable.length > 0);
    expect(happened).toEqual(['hold r1']);
    expect(grantable).toEqual([expected]);
    expect(gateway.idsOf('device.pair.approve')).toEqual([]);
  },
);

test('in the shadow it decides and acts on nothing', async () => {
  const gateway = await startGateway();
  const { happened, logged } = await govern(gateway, RULES.lan + RULES.noWindows, { shadow: true });
  gateway.ask('r1', nodeRow(1));
  gateway.ask('r2', nodeRow(2, { platform: 'windows' }));
  await waitUntil(() => happened.length === 2);
  expect(happened).toEqual(['approve r1', 'deny r2']);
  expect(logged.map(({ answered }) => answered)).toEqual(['waiting', 'waiting']);
  expect(gateway.asked.map(({ method }) => method)).not.toContain('device.pair.approve');
  expect(gateway.pending.size).toBe(2);
});

test('a limit counts what is approved', async () => {
  const gateway = await startGateway();
  const { happened } = await govern(gateway, `${RULES.lan}\n    limit: { max: 1, per: 1h }`);
  gateway.ask('r1', nodeRow(1));
  gateway.ask('r2', nodeRow(2));
  await waitUntil(() => happened.includes('hold r2') && happened.includes('approved r1'));
  expect(gateway.paired.size).toBe(1);
});

describe('the commands of a node', () => {
  test.each([
    [['canvas.show', 'canvas.hide'], 'approved n1'],
    [['canvas.show', 'system.run'], 'hold n1'],
  ])('%j: %s', async (commands, outcome) => {
    const gateway = await startGateway();
    gateway.paired.set(deviceNo(1).deviceId, nodeRow(1));
    const { happened, logged } = await govern(gateway, RULES.canvas);
    gateway.askCommands('n1', deviceNo(1).deviceId, commands, {
      remoteIp: '192.168.1.20',
      requiredApproveScopes: ['operator.write'],
    });
    await waitUntil(() => happened.includes(outcome));
    expect(logged[0]?.record).toMatchObject({
      kind: 'node-commands',
      clientMode: 'node',
      commands,
    });
    expect(gateway.nodePaired.size).toBe(outcome === 'approved n1' ? 1 : 0);
  });
});

describe('a node that has not said yet what it can do', () => {
  const { deviceId } = deviceNo(1);

  /** The first request of a new node, which 2026.9.6 makes before the node has published anything. */
  async function governed(rules: string) {
    const gateway = await startGateway();
    gateway.paired.set(deviceId, nodeRow(1));
    const { happened, logged, service } = await govern(gateway, rules);
    const ask = (commands: readonly string[]) =>
      gateway.askCommands('n1', deviceId, commands, { remoteIp: '192.168.1.20' });
    ask([]);
    return { gateway, happened, logged, service, ask };
  }
  const commandsOf = (entry: { readonly record: unknown } | undefined) =>
    (entry?.record as { commands?: unknown } | undefined)?.commands;

  test('is given none where it asks for none, and that is what is written down', async () => {
    const { gateway, happened, logged } = await governed(RULES.canvas);
    await waitUntil(() => happened.includes('approved n1'));
    expect(gateway.nodePaired.get(deviceId)).toMatchObject({ commands: [] });
    expect(logged.map(commandsOf)).toEqual([[]]);
  });

  test('is decided on what it has said by then, and that is what is written down', async () => {
    const { gateway, happened, logged, ask } = await governed(RULES.canvas);
    ask(['canvas.show']);
    await waitUntil(() => happened.includes('approved n1'));
    expect(gateway.nodePaired.get(deviceId)).toMatchObject({ commands: ['canvas.show'] });
    expect(logged.map(commandsOf)).toEqual([['canvas.show']]);
  });

  test('is held for what it says in no event, and nothing was written of an approval', async () => {
    const { gateway, happened, logged } = await governed(RULES.canvas);
    gateway.nodePending.set('n1', { ...gateway.nodePending.get('n1'), commands: ['system.run'] });
    await waitUntil(() => happened.length > 0);
    expect(happened).toEqual(['hold n1']);
    expect(logged).toMatchObject([{ outcome: 'hold', record: { commands: ['system.run'] } }]);
    expect(gateway.idsOf('node.pair.approve')).toEqual([]);
  });

  test('by a rule that says nothing of commands may be let in without any', async () => {
    const { happened, logged } = await governed(RULES.nodes);
    await waitUntil(() => happened.includes('approved n1'));
    expect(logged).toMatchObject([{ decision: { rule: 'nodes' }, record: { commands: [] } }]);
  });
});

test('a request that is held again for something else is written down again', async () => {
  const gateway = await startGateway();
  const { happened, agent, logged } = await govern(gateway, RULES.lan);
  gateway.ask('r1', nodeRow(1, { clientMode: 'probe' }));
  await waitUntil(() => happened.includes('hold r1'));
  gateway.pending.set('r1', { ...gateway.pending.get('r1'), clientMode: 'ui' });
  await agent.considerAll();
  await agent.considerAll();
  expect(logged).toMatchObject([
    { outcome: 'hold', record: { clientMode: 'probe' } },
    { outcome: 'hold', record: { clientMode: 'ui' } },
  ]);
});

test('a device that was removed and asks again is decided by the newest list', async () => {
  const gateway = await startGateway();
  const { happened, store } = await govern(gateway, RULES.lan);
  gateway.ask('r1', nodeRow(1));
  await waitUntil(() => happened.includes('approved r1'));
  // Removing a device is in no event.
  gateway.paired.clear();
  gateway.ask('r2', nodeRow(1));
  await waitUntil(() => happened.includes('approved r2'));
  expect(happened).not.toContain('hold r2');
  expect(store.paired(deviceNo(1).deviceId)).toMatchObject({ roles: ['node'] });
});

describe('a request without an address', () => {
  const asked = operatorRow(1, { remoteIp: undefined });

  test('is not taken for loopback', async () => {
    const gateway = await startGateway();
    const { happened } = await govern(gateway, RULES.loopback);
    gateway.ask('r1', asked);
    await waitUntil(() => happened.length > 0);
    expect(happened).toEqual(['hold r1']);
  });

  test('is, on the word of the operator', async () => {
    const gateway = await startGateway();
    const { happened } = await govern(gateway, RULES.loopback, { missingAddress: 'loopback' });
    gateway.ask('r1', asked);
    await waitUntil(() => happened.includes('approved r1'));
  });

  /** The log of a gateway, and what it writes of a connect over loopback. */
  function gatewayLog() {
    const folder = mkdtempSync(join(tmpdir(), 'pair-policy-log-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const logFile = join(folder, 'gateway.jsonl');
    writeFileSync(logFile, '');
    const showLoopback = (requestId: string) => {
      const meta = {
        cause: 'pairing-required',
        requestId,
        remoteAddr: '127.0.0.1',
        host: '127.0.0.1:18789',
      };
      appendFileSync(logFile, `${JSON.stringify({ 1: meta, 2: 'closed before connect' })}\n`);
    };
    return { logFile, showLoopback };
  }

  test('is, where the log of the gateway shows it', async () => {
    const { logFile, showLoopback } = gatewayLog();
    const gateway = await startGateway();
    const { happened } = await govern(gateway, RULES.loopback, { logFile });
    gateway.ask('r1', asked);
    await waitUntil(() => happened.includes('hold r1'));
    showLoopback('r1');
    await waitUntil(() => happened.includes('approved r1'));
  });

  test('and is decided as it stands at the gateway when the log shows that', async () => {
    const { logFile, showLoopback } = gatewayLog();
    const gateway = await startGateway();
    const { happened } = await govern(gateway, RULES.loopback + RULES.noWindows, { logFile });
    gateway.ask('r1', asked);
    await waitUntil(() => happened.includes('hold r1'));
    // A client that asks again under the same id is in no event.
    gateway.pending.set('r1', { ...gateway.pending.get('r1'), platform: 'windows' });
    showLoopback('r1');
    await waitUntil(() => happened.includes('rejected r1'));
    expect(happened).toEqual(['hold r1', 'deny r1', 'rejected r1']);
  });
});

test('how an approved device gets in is told', async () => {
  const gateway = await startGateway();
  const { admissions, service } = await govern(gateway, RULES.lan);
  gateway.presence = [{ deviceId: deviceNo(1).deviceId, reason: 'connect' }];
  gateway.ask('r1', nodeRow(1));
  await waitUntil(() => admissions.length > 0);
  expect(admissions).toEqual(['at-once']);
  const looks = () => gateway.asked.filter(({ method }) => method === 'system-presence').length;
  const before = looks();
  gateway.ask('r2', nodeRow(2));
  await waitUntil(() => looks() > before);
  gateway.presence = [{ deviceId: deviceNo(2).deviceId, reason: 'connect' }];
  await waitUntil(() => admissions.length > 1);
  expect(admissions[1]).toBe('by-retry');
  expect(service.admissions.counts).toEqual({ 'at-once': 1, 'by-retry': 1, paused: 0 });
});
