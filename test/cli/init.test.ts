import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renderPolicy } from '../../src/cli/init/init-draft.js';
import { draftOfRecordings } from '../../src/cli/init/init-recording.js';
import { initOutputSchema } from '../../src/cli/schemas/init-output.js';
import { buildPolicy, loadPolicy } from '../../src/engine/index.js';
import { runCommand } from './run-command.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pair-policy-init-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const init = (...args: string[]) => runCommand(['init', ...args], { cwd: folder });
const textOf = (name = 'pairing.yaml') => readFileSync(join(folder, 'policies', name), 'utf8');
const KEY = 'khZoNaObxXj273xRT_lSfCzbtBw6w3XAFgPhdSLQ3Zo';

/** Whatever was written must be checked without a warning and pass its own tests at full coverage. */
async function expectSound(): Promise<void> {
  const path = join(folder, 'policies');
  const checked = await runCommand(['check', path, '--json']);
  const { problems } = JSON.parse(checked.stdout) as { problems: { severity: string }[] };
  expect(problems.filter(({ severity }) => severity !== 'note')).toEqual([]);
  const tested = await runCommand(['test', path, '--min-coverage', '100']);
  expect([tested.stdout, tested.code]).toEqual([expect.stringMatching(/coverage 100 %\n$/), 0]);
}

async function ruleIds(): Promise<readonly string[]> {
  const { document } = await loadPolicy(join(folder, 'policies'));
  return document.rules.map(({ id }) => id);
}

describe('flags say which rules are written', () => {
  const holds = ['remote-admin', 'remote-upgrade'];
  test.each([
    ['none', [], ['own-machine', ...holds]],
    ['nothing but holds', ['--no-loopback'], holds],
    ['the tailnet alone', ['--no-loopback', '--tailnet'], ['own-machine', ...holds]],
    ['both', ['--loopback', '--tailnet', '--yes'], ['own-machine', ...holds]],
    [
      'an office',
      ['--office', '192.168.1.0/24', 'fd00:1::/64'],
      ['own-machine', 'office-nodes', ...holds],
    ],
    [
      'an office of one address',
      ['--no-loopback', '--office', '203.0.113.9'],
      ['office-nodes', ...holds],
    ],
    [
      'an office of IPv6 alone',
      ['--no-loopback', '--office', 'fd00:1::/64', '2001:db8::/126', 'fd00:1:2:3:4:5:6:0/112'],
      ['office-nodes', ...holds],
    ],
    ['a block list to fill', ['--block-list'], ['blocked-devices', 'own-machine', ...holds]],
    [
      'a block list',
      ['--block-list', KEY, 'AB'.repeat(32)],
      ['blocked-devices', 'own-machine', ...holds],
    ],
    [
      'everything',
      ['--tailnet', '--office', '10.1.0.0/16', '--block-list', '12'.repeat(32)],
      ['blocked-devices', 'own-machine', 'office-nodes', ...holds],
    ],
  ])('%s', async (_what, flags, ids) => {
    const finished = await init(...flags);
    expect([finished.code, finished.stderr]).toEqual([0, '']);
    expect(await ruleIds()).toEqual(ids);
    await expectSound();
  });

  test.each([
    [['--office', '192.168.1.1/24'], 'did you mean `192.168.1.0/24`?'],
    [['--office', 'here'], 'is neither an address nor a CIDR'],
    [['--office', '0.0.0.0/0'], 'covers every address'],
    [['--office', '0.0.0.0/1', '128.0.0.0/1'], 'covers every address'],
    [['--block-list', 'mine'], 'is no device'],
    [['--own-address', '10.0.0.1'], 'add `--from-recording FILE`'],
    [['--given', 'forwarded=false'], 'add `--from-recording FILE`'],
    [['--from-recording', 'x', '--tailnet'], 'cannot be used with'],
    [['--from-recording', 'missing.jsonl'], '[FILE_NOT_FOUND]'],
  ])('%j is bad input, and nothing is written', async (flags, message) => {
    const { code, stdout, stderr } = await init(...flags);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('what was written is said, and what to do next', async () => {
  const { stdout } = await init('--dir', 'rules/');
  expect(stdout.split('\n').slice(0, 3)).toEqual([
    'wrote rules/pairing.yaml: 3 rules',
    expect.stringMatching(/^wrote rules\/pairing.test.yaml: \d+ tests, coverage 100 %$/),
    expect.stringContaining('`pair-policy test rules/`'),
  ]);
});

test('--json says it for machines', async () => {
  const { stdout } = await init('--json', '--office', '10.0.0.0/8');
  const output = initOutputSchema.parse(JSON.parse(stdout));
  expect(output.files).toEqual(['policies/pairing.yaml', 'policies/pairing.test.yaml']);
  expect(output.rules[1]).toEqual({ id: 'office-nodes', action: 'approve' });
  expect([output.coverage, output.recorded]).toEqual([100, undefined]);
});

describe('editors find the schema', () => {
  test('of the package that runs', async () => {
    await init();
    const line = textOf().split('\n')[0] ?? '';
    const path = line.replace('# yaml-language-server: $schema=', '');
    expect(readFileSync(join(folder, 'policies', path), 'utf8')).toContain('pair-policy policy');
  });

  test('of the package that is installed above the folder', async () => {
    mkdirSync(join(folder, 'node_modules/pair-policy/schemas'), { recursive: true });
    await init();
    const schemas = '../node_modules/pair-policy/schemas';
    expect(textOf()).toContain(`$schema=${schemas}/policy.schema.json\n`);
    expect(textOf('pairing.test.yaml')).toContain(`$schema=${schemas}/policy-tests.schema.json\n`);
  });
});

describe('nothing is ever overwritten', () => {
  test.each(['pairing.yaml', 'pairing.test.yaml'])('where there is a %s', async (name) => {
    const policies = join(folder, 'policies');
    mkdirSync(policies);
    writeFileSync(join(policies, name), 'mine');
    const { code, stderr } = await init();
    expect(code).toBe(2);
    expect(stderr).toContain(`policies/${name}:1:1: this file is there already`);
    expect(stderr).toContain('[FILE_EXISTS]');
    expect(readdirSync(policies)).toEqual([name]);
    expect(textOf(name)).toBe('mine');
  });

  test('nor is a link to nowhere followed', async () => {
    mkdirSync(join(folder, 'policies'));
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'policies/pairing.yaml'));
    expect((await init()).stderr).toContain('[FILE_EXISTS]');
    expect(readdirSync(folder)).toEqual(['policies']);
  });

  test('a folder that cannot be made is told', async () => {
    writeFileSync(join(folder, 'file'), 'version: 1\n');
    const { code, stderr } = await init('--dir', 'file/policies');
    expect(code).toBe(2);
    expect(stderr).toContain('file/policies/pairing.yaml:1:1: it could not be written: ENOTDIR');
  });

  test('policies that would no longer load beside it are told, and nothing is written', async () => {
    mkdirSync(join(folder, 'policies'));
    const other =
      'version: 1\nrules: [{ id: own-machine, action: hold, when: { kind: reconnect } }]\n';
    writeFileSync(join(folder, 'policies/other.yaml'), other);
    const { code, stderr } = await init();
    expect(code).toBe(2);
    expect(stderr).toContain('[DUPLICATE_ID]');
    expect(readdirSync(join(folder, 'policies'))).toEqual(['other.yaml']);
  });

  test('other policies stay as they are', async () => {
    mkdirSync(join(folder, 'policies'));
    const other = 'version: 1\nrules: [{ id: other, action: hold, when: { kind: reconnect } }]\n';
    writeFileSync(join(folder, 'policies/other.yaml'), other);
    expect((await init()).code).toBe(0);
    expect(await ruleIds()).toContain('own-machine');
    expect(textOf('other.yaml')).toBe(other);
  });
});

describe('a person at a terminal is asked', () => {
  /** Answers each question when it is asked. */
  async function answer(answers: readonly (string | undefined)[], ...args: string[]) {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    for (const line of answers) {
      if (line === undefined) stdin.end();
      else stdin.write(`${line}\n`);
    }
    return runCommand(['init', ...args], { cwd: folder, stdin });
  }

  test.each([
    ['takes what is proposed', ['', '', '', ''], ['blocked-devices', 'own-machine']],
    ['says no to all', ['n', 'no', '', 'N'], []],
    [
      'says yes to all',
      ['y', 'YES', '10.0.0.0/8, fd00::/64', 'y'],
      ['blocked-devices', 'own-machine', 'office-nodes'],
    ],
    ['is asked again', ['what', 'n', 'n', '10.0.0.1/8', '10.0.0.0/8', 'n'], ['office-nodes']],
  ])('and %s', async (_what, answers, ids) => {
    const finished = await answer(answers);
    expect(finished.code).toBe(0);
    expect(await ruleIds()).toEqual([...ids, 'remote-admin', 'remote-upgrade']);
    expect(finished.stderr).toContain("Let in operators on this gateway's own host? [Y/n]");
    expect(finished.stdout).toMatch(/^wrote /);
    await expectSound();
  });

  test('a wrong network is told with what to write', async () => {
    const { stderr } = await answer(['', '', '10.0.0.1/8', '', '']);
    expect(stderr).toContain('`10.0.0.1/8` has host bits set: did you mean `10.0.0.0/8`?');
  });

  test('who goes away leaves nothing behind', async () => {
    const { code, stderr } = await answer(['y', undefined]);
    expect(code).toBe(2);
    expect(stderr).toContain('nothing was written');
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([['--yes'], ['--tailnet'], ['--no-loopback']])('but not with %s', async (flag) => {
    const { code, stderr } = await answer([], flag);
    expect([code, stderr]).toEqual([0, '']);
  });
});

const DEVICES = { a: 'a1'.repeat(32), b: 'b2'.repeat(32), c: 'c3'.repeat(32) };
const NODE = {
  deviceId: DEVICES.a,
  remoteIp: '192.168.1.7',
  forwarded: false,
  role: 'node',
  clientMode: 'node',
  kind: 'new-device',
  scopes: [] as string[],
  outcome: 'approve',
};
const OPERATOR = {
  ...NODE,
  role: 'operator',
  clientMode: 'cli',
  scopes: ['operator.read', 'operator.write'],
};

type Connect = Readonly<Record<string, unknown>>;

function recordingOf(connects: readonly Connect[]): string {
  const file = join(folder, 'recording.jsonl');
  writeFileSync(file, connects.map((connect) => `${JSON.stringify(connect)}\n`).join(''));
  return file;
}

const initFrom = (connects: readonly Connect[], ...args: string[]) =>
  init('--from-recording', recordingOf(connects), ...args);

/** The conditions of each rule that was written, but those that every rule has. */
async function writtenRules(): Promise<readonly Connect[]> {
  const { document } = await loadPolicy(join(folder, 'policies'));
  return document.rules.map(({ when }) =>
    Object.fromEntries(when.filter((one) => !one.implied).map((one) => [one.key, one.written])),
  );
}

describe('from a recording come the narrowest rules that approve what was approved', () => {
  const scopes = { within: [] };
  const node = { role: 'node', clientMode: 'node', kind: 'new-device', scopes };

  test('one device is named', async () => {
    const finished = await initFrom([NODE, NODE]);
    expect([finished.code, finished.stderr]).toEqual([0, '']);
    expect(finished.stdout).toContain('2 of 2 approved connects covered');
    expect(await writtenRules()).toEqual([{ ...node, device: DEVICES.a, from: '192.168.1.7/32' }]);
    await expectSound();
  });

  test('several devices that are alike are told by their addresses', async () => {
    await initFrom([NODE, { ...NODE, deviceId: DEVICES.b, remoteIp: 'fd00::7' }]);
    expect(await writtenRules()).toEqual([{ ...node, from: ['192.168.1.7/32', 'fd00::7/128'] }]);
    await expectSound();
  });

  test.each<[string, Connect, Connect]>([
    ['loopback', { remoteIp: '127.0.0.1' }, { from: 'loopback' }],
    ['an own tailnet address', { remoteIp: '100.101.102.103' }, { from: 'own-tailnet' }],
    ['another own address', { remoteIp: '192.168.1.2' }, { from: 'own-address' }],
    ['a device of which no address is known', { remoteIp: null }, {}],
  ])('%s', async (_what, fields, expected) => {
    const own = ['--own-address', '192.168.1.2', '100.101.102.103'];
    await initFrom([{ ...NODE, ...fields }], ...own);
    expect(await writtenRules()).toEqual([{ ...node, device: DEVICES.a, ...expected }]);
    await expectSound();
  });

  test.each<[string, Connect, Connect]>([
    [
      'both roles',
      { role: undefined, roles: ['operator', 'node'] },
      { role: undefined, roles: { within: ['node', 'operator'], all: ['node', 'operator'] } },
    ],
    ['no client mode', { clientMode: null }, { clientMode: undefined }],
    ['no kind', { kind: null, commands: [] }, { kind: undefined }],
    ['a device that is not known', { deviceId: null }, { device: undefined }],
    [
      'commands',
      { kind: 'node-commands', commands: ['system.run', 'camera.snap'] },
      { kind: 'node-commands', commands: { within: ['camera.snap', 'system.run'] } },
    ],
    ['an odd client mode', { clientMode: 'a "b"\u202e: #' }, { clientMode: 'a "b"\u202e: #' }],
    ['a word of YAML', { clientMode: 'no' }, { clientMode: 'no' }],
    ['a number', { clientMode: '1e3' }, { clientMode: '1e3' }],
  ])('%s', async (what, fields, expected) => {
    await initFrom([{ ...NODE, ...fields }]);
    const rule = { ...node, device: DEVICES.a, from: '192.168.1.7/32', ...expected };
    expect(await writtenRules()).toEqual([JSON.parse(JSON.stringify(rule))]);
    const tested = await runCommand(['test', join(folder, 'policies'), '--min-coverage', '100']);
    expect(tested.code, what).toBe(0);
  });

  test('`expect` counts where there is no outcome, and what says nothing is passed over', async () => {
    await initFrom([
      { ...NODE, outcome: undefined, expect: 'approve' },
      { ...OPERATOR, outcome: 'hold', expect: 'approve' },
      { ...OPERATOR, outcome: undefined },
    ]);
    expect(await ruleIds()).toEqual(['node-new-device']);
  });

  test('rules that are alike get ids of their own', async () => {
    await initFrom([
      NODE,
      { ...NODE, scopes: ['operator.read'] },
      { ...NODE, scopes: ['operator.admin'] },
    ]);
    expect(await ruleIds()).toEqual(['node-new-device', 'node-new-device-2', 'node-new-device-3']);
    expect(textOf()).toContain('# This gives full control, or the right to pair others');
    await expectSound();
  });

  test('a rule that approves less is named before one that approves as much and more', async () => {
    const read = ['operator.read', 'operator.sessions.read'];
    await initFrom([
      { ...OPERATOR, scopes: ['operator.write'] },
      { ...OPERATOR, scopes: read },
    ]);
    expect((await writtenRules()).map((rule) => rule['scopes'])).toEqual([
      { within: read },
      { within: ['operator.write'] },
    ]);
    await expectSound();
  });

  test('standard input is a recording, too', async () => {
    const stdin = new PassThrough();
    stdin.end(`${JSON.stringify(NODE)}\n`);
    const { code } = await runCommand(['init', '--from-recording', '-'], { cwd: folder, stdin });
    expect(code).toBe(0);
  });
});

describe('nothing is approved that a person had not approved', () => {
  const held = (connect: Connect, changes: Connect) => ({
    ...connect,
    outcome: 'hold',
    ...changes,
  });

  test('devices are named where another one was held', async () => {
    const other = { ...OPERATOR, deviceId: DEVICES.b };
    await initFrom([OPERATOR, other, held(OPERATOR, { deviceId: DEVICES.c })]);
    const all = ['operator.read', 'operator.write'];
    expect(await writtenRules()).toMatchObject([
      { device: [DEVICES.a, DEVICES.b], scopes: { within: all, all } },
    ]);
    await expectSound();
  });

  test('all of the scopes are demanded where less was denied', async () => {
    await initFrom([OPERATOR, held(OPERATOR, { scopes: ['operator.read'], outcome: 'deny' })]);
    const all = ['operator.read', 'operator.write'];
    expect(await writtenRules()).toMatchObject([{ scopes: { within: all, all } }]);
    await expectSound();
  });

  test('what was both approved and held is left out, and said', async () => {
    const finished = await initFrom([NODE, OPERATOR, OPERATOR, held(OPERATOR, {})], '--json');
    expect(await ruleIds()).toEqual(['node-new-device']);
    const { recorded } = initOutputSchema.parse(JSON.parse(finished.stdout));
    expect(recorded).toMatchObject({ approved: 3, covered: 1, bad: 0 });
    expect(recorded?.leftOut).toEqual([
      {
        reason: expect.stringContaining('recording.jsonl:4, which a person had not approved'),
        connects: 2,
        file: join(folder, 'recording.jsonl'),
        line: 2,
      },
    ]);
    expect(finished.stderr).toContain('not covered: 2 connects, the first at');
    expect(textOf()).toContain('# Not covered: 2 connects, the first at');
  });

  test('a paired device that was refused is said to stay paired', async () => {
    const { stderr } = await initFrom([NODE, held(NODE, { kind: 'reconnect' })]);
    expect(stderr).toContain('only a deny rule would stop it');
  });

  test('a paired device that was let in needs no rule', async () => {
    const finished = await initFrom([NODE, { ...OPERATOR, kind: 'reconnect' }]);
    expect(finished.stdout).toContain('2 of 2 approved connects covered');
    expect(await ruleIds()).toEqual(['node-new-device']);
  });

  const labels = fc.array(fc.constantFrom('approve', 'hold', undefined), {
    minLength: 54,
    maxLength: 54,
  });
  test('whatever of the real recordings a person had approved', async () => {
    const names = ['2026.1.30', '2026.2.19', '2026.9.6'];
    const lines = names.flatMap((name) =>
      readFileSync(`recordings/openclaw-${name}.jsonl`, 'utf8').trimEnd().split('\n'),
    );
    const records = lines.map((line) => JSON.parse(line) as Connect);
    const ownAddresses = ['127.0.0.1', '192.168.77.1', '100.101.102.103'];
    await fc.assert(
      fc.asyncProperty(labels, async (outcomes) => {
        const connects = records.map((record, i) => ({
          ...record,
          forwarded: false,
          expect: undefined,
          outcome: outcomes[i],
        }));
        const file = recordingOf(connects);
        const made = await draftOfRecordings([file], new PassThrough(), { ownAddresses });
        const policy = made.draft.rules.length > 0 && {
          path: 'p.yaml',
          text: renderPolicy(made.draft, 's'),
          kind: 'policy' as const,
        };
        if (!policy) return;
        const loaded = buildPolicy([policy]);
        const approved = connects.filter(
          (connect) => loaded.decide(connect, { ownAddresses }).action === 'approve',
        );
        expect(approved.filter(({ outcome }) => outcome === 'hold')).toEqual([]);
        expect(approved.filter(({ outcome }) => outcome === 'approve')).toHaveLength(made.covered);
      }),
      { numRuns: 25 },
    );
  });
});

describe('what no rule can cover is counted with the reason', () => {
  test.each<[string, Connect, string]>([
    ['no role', { role: null }, 'not known: `role`, which an approve rule must bound'],
    ['no scopes', { scopes: null }, 'not known: `scopes`'],
    ['no commands', { kind: null }, 'not known: `commands`'],
    ['no address and no device', { remoteIp: null, deviceId: null }, '`remoteIp`, `deviceId`'],
    ['loopback by a proxy', { remoteIp: '127.0.0.1', forwarded: true }, 'through a proxy'],
    ['loopback', { remoteIp: '::1', forwarded: null }, '`--given forwarded=false` says'],
    ['a wildcard scope', { scopes: ['*'] }, 'that no rule should list'],
    ['a wildcard command', { kind: 'node-commands', commands: ['*'] }, 'no rule should list'],
    ['a long client mode', { clientMode: 'x'.repeat(300) }, 'no rule should list'],
  ])('%s', async (_what, fields, reason) => {
    const { code, stderr } = await initFrom([OPERATOR, { ...NODE, ...fields }]);
    expect(code).toBe(0);
    expect(stderr).toContain('recording.jsonl:2: ');
    expect(stderr).toContain(reason);
    expect(await ruleIds()).toEqual(['operator-cli-new-device']);
  });

  test('--given fills in what is unknown', async () => {
    const local = { ...NODE, remoteIp: '127.0.0.1', forwarded: undefined };
    const { code, stderr } = await initFrom([local], '--given', 'forwarded=false');
    expect([code, stderr]).toEqual([0, '']);
  });

  test.each<[string, readonly Connect[], string]>([
    ['nothing was approved', [{ ...NODE, outcome: 'hold' }], 'no connect here was approved'],
    ['nothing can be covered', [{ ...NODE, role: null }], 'no rule can be made'],
  ])('where %s, nothing is written', async (_what, connects, message) => {
    const { code, stderr } = await initFrom(connects);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(readdirSync(folder)).toEqual(['recording.jsonl']);
  });

  test('bad lines are told, the first of them one by one', async () => {
    const file = recordingOf([NODE]);
    writeFileSync(file, `${readFileSync(file, 'utf8')}${'bad\n'.repeat(12)}`);
    const { code, stderr } = await init('--from-recording', file);
    expect(code).toBe(0);
    expect(stderr.match(/\[RECORD_NOT_JSON\]/g)).toHaveLength(10);
    expect(stderr).toContain('and 2 more bad lines\n');
  });
});

test('the real command line writes a policy that it then passes', () => {
  const cli = (...args: string[]) => {
    const main = join(process.cwd(), 'dist/cli/main.js');
    return spawnSync(process.execPath, [main, ...args], { cwd: folder, encoding: 'utf8' });
  };
  expect(cli('init', '--tailnet', '--block-list').status).toBe(0);
  expect(cli('check').status).toBe(0);
  expect(cli('test', '--min-coverage', '100').status).toBe(0);
  expect(cli('init').status).toBe(2);
});
