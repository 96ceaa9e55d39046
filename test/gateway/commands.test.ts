/** The commands beside a gateway, as a person runs them. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../cli/run-command.js';
import { deviceNo } from '../stores/asks.js';
import type { FakeGateway } from './fake-gateway.js';
import { nodeRow, operatorRow, startGateway } from './governed.js';
import { startCommand } from './running-command.js';
import { waitUntil } from './wait-until.js';

const office = { remoteIp: '192.168.77.50' };

/** A folder of ours, and what every command line says. */
function login(gateway: FakeGateway) {
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-serve-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'the-secret-token');
  const args = ['--gateway', gateway.url, '--token-file', tokenFile, '--state-dir', folder];
  return { folder, args };
}

const eventsOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('serve', () => {
  const serve = (args: readonly string[], ...more: string[]) =>
    startCommand(['serve', ...args, '--policy', 'policies', '--own-address', 'none', ...more]);

  test('approves, holds, tells, and writes it down', async () => {
    const gateway = await startGateway();
    const { folder, args } = login(gateway);
    const told = join(folder, 'told');
    const more = [
      '--json',
      '--on-hold',
      `cat >> '${told}'`,
      '--status-port',
      '0',
      '--name',
      'home',
    ];
    const running = serve(args, ...more);
    await waitUntil(() => gateway.asked.length > 0);
    gateway.presence = [{ deviceId: deviceNo(1).deviceId, reason: 'connect' }];
    gateway.ask('r1', nodeRow(1, office));
    gateway.ask('r2', operatorRow(2, { ...office, scopes: ['operator.admin'] }));
    await waitUntil(() => running.stdout().includes('"event":"admission"'));
    await waitUntil(() => existsSync(told) && readFileSync(told, 'utf8').endsWith('\n'));
    expect(await running.end()).toBe(0);
    expect(running.stderr()).toBe('');
    const stdout = running.stdout();
    expect(stdout).not.toContain('the-secret-token');
    const events = eventsOf(stdout);
    expect(events.map(({ event }) => event)).toEqual(
      expect.arrayContaining([
        'policy',
        'status',
        'connected',
        'notice',
        'decided',
        'approved',
        'admission',
      ]),
    );
    expect(events).toContainEqual(
      expect.objectContaining({
        event: 'decided',
        requestId: 'r2',
        action: 'hold',
        rule: 'remote-admin',
      }),
    );
    expect(JSON.parse(readFileSync(told, 'utf8'))).toMatchObject({
      requestId: 'r2',
      record: { gateway: 'home' },
    });
    const log = eventsOf(readFileSync(join(folder, 'pair-policy', 'decisions.jsonl'), 'utf8'));
    expect(log.map(({ outcome }) => outcome).sort()).toEqual(['approve', 'hold']);
  });

  test('says for people what happens, also what was paired otherwise than decided', async () => {
    const gateway = await startGateway();
    gateway.version = '2026.2.19';
    gateway.grant = (row) => ({ ...row, scopes: ['operator.admin'] });
    const { args } = login(gateway);
    const running = serve(args);
    await waitUntil(() => gateway.asked.some(({ method }) => method === 'device.pair.list'));
    gateway.ask('r1', nodeRow(1, office));
    await waitUntil(() => gateway.asked.some(({ method }) => method === 'device.pair.remove'));
    await waitUntil(() => running.stdout().includes('paired otherwise than decided'));
    await waitUntil(() => running.stderr().includes('REQUEST_CHANGED'));
    await gateway.stop();
    await waitUntil(() => running.stdout().includes('the gateway is gone'));
    await running.end();
    const stdout = running.stdout();
    expect(stdout).toMatch(/connected to a gateway 2026\.2\.19/);
    expect(stdout).toMatch(/CVE-2026-35656/);
    expect(stdout).toMatch(
      /was paired otherwise than decided \(it has the scope operator\.admin\): it was removed again/,
    );
  });

  test('in the shadow says what it would do', async () => {
    const gateway = await startGateway();
    const { args } = login(gateway);
    gateway.ask('r1', nodeRow(1, office));
    const running = serve(args, '--shadow');
    await waitUntil(() => /would approve r1 .* by office-nodes/.test(running.stdout()));
    // Once a later one is decided, the first was passed over.
    gateway.ask('r2', nodeRow(2, office));
    await waitUntil(() => running.stdout().includes('would approve r2'));
    await running.end();
    expect(gateway.idsOf('device.pair.approve')).toEqual([]);
    expect(gateway.paired.size).toBe(0);
  });

  test('says at the start which rules can never be true there', async () => {
    const gateway = await startGateway();
    const { folder, args } = login(gateway);
    const policy = join(folder, 'policy.yaml');
    writeFileSync(
      policy,
      'version: 1\nrules:\n  - { id: staff, action: hold, when: { authUser: "*@example.com" } }\n',
    );
    const running = startCommand(['serve', ...args, '--policy', policy, '--own-address', 'none']);
    await waitUntil(() => running.stdout().includes('never be true'));
    await running.end();
    expect(running.stdout()).toMatch(/`staff` can never be true.*`authUser`.*never approved/);
    expect(running.stdout()).toMatch(/past the policy, autoApproveLocal/);
  });

  test('ends when it is interrupted before there is a gateway', async () => {
    const gateway = await startGateway();
    const { args } = login(gateway);
    await gateway.stop();
    const running = serve(args);
    await waitUntil(() => running.stdout().includes('no connection'));
    expect(await running.end()).toBe(0);
    expect(running.stdout().match(/no connection/g)).toHaveLength(1);
  });

  test.each([
    [['--status-port', '70000'], 2],
    [['--own-address', 'nonsense'], 2],
    [['--policy', '/nowhere'], 2],
  ])('%j is refused', async (more, code) => {
    const gateway = await startGateway();
    const finished = await runCommand(['serve', ...login(gateway).args, ...more]);
    expect(finished.code).toBe(code);
  });
});

describe('record', () => {
  test('writes down each connect with what became of it, whoever decided', async () => {
    const gateway = await startGateway();
    const { folder, args } = login(gateway);
    const file = join(folder, 'connects.jsonl');
    gateway.ask('r0', nodeRow(3, office));
    const running = startCommand(['record', ...args, '-o', file, '--max-size', '1']);
    await waitUntil(() => gateway.asked.some(({ method }) => method === 'node.pair.list'));
    for (const [id, number] of [
      ['r1', 1],
      ['r2', 2],
    ] as const)
      gateway.ask(id, nodeRow(number, office));
    gateway.tell('device.pair.resolved', {
      requestId: 'r1',
      deviceId: deviceNo(1).deviceId,
      decision: 'approved',
    });
    gateway.tell('device.pair.resolved', {
      requestId: 'r2',
      deviceId: deviceNo(2).deviceId,
      decision: 'rejected',
    });
    gateway.pending.delete('r1');
    gateway.pending.delete('r2');
    await waitUntil(() => running.stdout().includes('deny r2'));
    expect(await running.end()).toBe(0);
    expect(running.stderr()).toContain('2 connects recorded; 1 request still waited');
    expect(running.stdout()).toContain('approve r1');
    const lines = eventsOf(readFileSync(file, 'utf8'));
    expect(lines).toMatchObject([
      { requestId: 'r1', kind: 'new-device', outcome: 'approve' },
      { requestId: 'r2', outcome: 'deny' },
    ]);
    expect((await runCommand(['simulate', file, '--policy', 'policies'])).code).toBe(0);
  });

  test('ends when it is interrupted before there is a gateway', async () => {
    const gateway = await startGateway();
    const { folder, args } = login(gateway);
    await gateway.stop();
    const running = startCommand(['record', ...args, '-o', join(folder, 'x.jsonl')]);
    await waitUntil(() => running.stderr().includes('no connection'));
    expect(await running.end()).toBe(0);
  });
});

describe('the commands on devices', () => {
  test('list, approve, reject, revoke and block on a gateway', async () => {
    const gateway = await startGateway();
    const { args } = login(gateway);
    const run = async (...words: string[]) => {
      const finished = await runCommand([...words, ...args], { now: Date.now });
      expect(finished.stderr + finished.code).toMatch(/0$/);
      return finished.stdout;
    };
    gateway.ask('r1', nodeRow(1));
    gateway.ask('r2', nodeRow(2));
    expect(JSON.parse(await run('devices', '--json')).devices).toHaveLength(2);
    await run('approve', 'r1', '--yes');
    await run('reject', 'r2', '--yes');
    expect([...gateway.paired.keys()]).toEqual([deviceNo(1).deviceId]);
    expect(gateway.pending.size).toBe(0);
    gateway.nodePaired.set(deviceNo(1).deviceId, { nodeId: deviceNo(1).deviceId, commands: ['x'] });
    await run('revoke', deviceNo(1).deviceId, '--yes');
    expect([gateway.paired.size, gateway.nodePaired.size]).toEqual([0, 0]);
  });

  test('doctor explains what never reaches the policy', async () => {
    const gateway = await startGateway();
    gateway.config = {
      resolved: {
        gateway: {
          trustedProxies: ['127.0.0.1'],
          nodes: { pairing: { autoApproveCidrs: ['10.0.0.0/8'] } },
        },
      },
    };
    gateway.version = '2026.4.20';
    gateway.scopes = ['operator.pairing'];
    const { args } = login(gateway);
    const { code, stdout } = await runCommand([
      'doctor',
      ...args,
      '--policy',
      'policies',
      '--json',
    ]);
    const { problems } = JSON.parse(stdout) as {
      problems: { code: string; severity: string; message: string }[];
    };
    expect(code).toBe(1);
    const found = problems
      .filter(({ code }) => code.startsWith('GATEWAY'))
      .map(({ code, severity }) => `${severity} ${code}`);
    expect([...found].sort()).toEqual([
      'note GATEWAY_BYPASS',
      'warning GATEWAY_ADDRESSES',
      'warning GATEWAY_BYPASS',
      'warning GATEWAY_SCOPE',
    ]);
    // Without an address, no rule of the policy that asks for one can be true.
    expect(problems).toContainEqual(
      expect.objectContaining({
        code: 'NEVER_TRUE',
        message: expect.stringContaining('`office-nodes` can never be true'),
      }),
    );
  });

  test.each([
    [{}, ['autoApproveLocal', 'sshVerify']],
    [{ nodes: { pairing: { autoApproveLocal: false, sshVerify: false } } }, []],
    [
      { nodes: { pairing: { autoApproveCidrs: ['10.0.0.0/8'] } }, trustedProxies: ['10.0.0.1'] },
      ['autoApproveCidrs', 'autoApproveLocal', 'sshVerify', 'trustedProxies'],
    ],
  ])('doctor explains the settings %j', async (settings, expected) => {
    const gateway = await startGateway();
    gateway.config = { resolved: { gateway: settings } };
    const { stdout } = await runCommand(['doctor', ...login(gateway).args, '--json']);
    const { problems } = JSON.parse(stdout) as { problems: { message: string; hint: string }[] };
    const names = ['autoApproveCidrs', 'autoApproveLocal', 'sshVerify', 'trustedProxies'];
    const named = names.filter((name) => problems.some(({ message }) => message.includes(name)));
    expect(named).toEqual(expected);
    expect(problems.every(({ hint }) => hint !== '')).toBe(true);
  });

  test('doctor supposes the worst of a gateway that tells nothing, and warns of an old one', async () => {
    const gateway = await startGateway();
    gateway.config = undefined;
    gateway.version = '2026.2.19';
    const { args } = login(gateway);
    const { stdout } = await runCommand(['doctor', ...args]);
    for (const word of ['GATEWAY_SETTINGS', 'GATEWAY_WEAKNESS', 'silent requests'])
      expect(stdout).toContain(word);
  });

  test('a gateway that is not there is an exit code of its own', async () => {
    const gateway = await startGateway();
    const { args } = login(gateway);
    await gateway.stop();
    expect((await runCommand(['devices', ...args])).code).toBe(3);
  });
});
