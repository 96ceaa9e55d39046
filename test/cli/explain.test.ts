import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ExplainOutput, explainOutputSchema } from '../../src/cli/schemas/explain-output.js';
import { runCommand } from './run-command.js';

const POLICY = `version: 1
networks:
  office: [192.168.1.0/24, fd00:1234::/64]
devices:
  lost: [31dd7431ae24b1abbb0d36c1b0c596ba497ed2ff66eb614225a2a944e0c4c219]
rules:
  - id: own-machine
    action: approve
    when:
      from: [loopback, own-tailnet]
      role: operator
      scopes: { within: [operator.read, operator.write] }
  - id: office-nodes
    action: approve
    when: { from: "@office", role: node, clientMode: node, kind: new-device, scopes: { within: [] } }
    limit: { max: 10, per: 1h, by: remoteIp }
    expires: 2027-01-31T00:00:00Z
  - id: remote-admin
    reason: admin from afar needs a person
    action: hold
    when: { scopes: { any: [operator.admin] } }
    unless: { from: [loopback, own-tailnet] }
  - id: lost-laptop
    action: deny
    when: { device: "@lost" }
`;

const LOST = '31dd7431ae24b1abbb0d36c1b0c596ba497ed2ff66eb614225a2a944e0c4c219';
const DEVICE = '5e1fb9f2c0a44dd8a2f6f4f0c3a7b1e95e1fb9f2c0a44dd8a2f6f4f0c3a7b1e9';
const KEY = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const ID_OF_KEY = '66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925';

/** As a gateway makes them. */
const NODE = {
  requestId: '4e92877c-6afb',
  deviceId: DEVICE,
  displayName: 'lamp',
  clientId: 'node-host',
  clientMode: 'node',
  role: 'node',
  roles: ['node'],
  scopes: [],
  remoteIp: '192.168.1.20',
  isRepair: false,
  ts: 1796115600000,
};
const ADMIN = {
  ...NODE,
  requestId: '7987cf9d-edc7',
  deviceId: 'ab'.repeat(32),
  role: 'operator',
  roles: ['operator'],
  scopes: ['operator.admin'],
};

let folder: string;
let policy: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pair-policy-explain-'));
  policy = file('p.yaml', POLICY);
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const lines = (...records: unknown[]) => records.map((one) => `${JSON.stringify(one)}\n`).join('');
const explain = (...args: string[]) => runCommand(['explain', '--policy', policy, ...args]);

async function explainJson(...args: string[]): Promise<ExplainOutput> {
  const { code, stdout, stderr } = await explain(...args, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return explainOutputSchema.parse(JSON.parse(stdout));
}

/** The facts that are known, with where they are from. */
function factsOf({ facts }: ExplainOutput): Record<string, readonly [unknown, string | null]> {
  const known = facts.filter(({ value }) => value !== null);
  return Object.fromEntries(known.map(({ fact, value, from }) => [fact, [value, from]]));
}

describe('the record is read', () => {
  test.each<[string, () => string[]]>([
    ['from a file', () => [file('r.json', JSON.stringify(NODE, null, 2))]],
    ['with a byte order mark', () => [file('r.json', `\uFEFF${JSON.stringify(NODE)}`)]],
    ['from a recording of one line', () => [file('r.jsonl', `\n${lines(NODE)}`)]],
    ['from a line', () => [`${file('r.jsonl', lines(ADMIN, NODE))}:2`]],
    ['from a line by --line', () => [file('r.jsonl', lines(ADMIN, NODE)), '--line', '2']],
    ['from a line beside a bad one', () => [`${file('r.jsonl', `{\n${lines(NODE)}`)}:2`]],
    [
      'from a line by its request',
      () => [file('r.jsonl', lines(ADMIN, NODE)), '--request', '4E92'],
    ],
    [
      'from a compressed recording',
      () => [file('r.gz', gzipSync(lines(ADMIN, NODE))), '--line', '2'],
    ],
    ['from a file that is called like a line', () => [file('r:3', JSON.stringify(NODE))]],
    [
      'from the only pending request',
      () => [file('l.json', JSON.stringify({ pending: [NODE], paired: [] }))],
    ],
    [
      'from several by the request',
      () => [file('l.json', JSON.stringify({ pending: [ADMIN, NODE] })), '--request', '4e'],
    ],
    [
      'from several by the device',
      () => [
        file('l.json', JSON.stringify({ pending: [ADMIN, NODE] })),
        '--device',
        DEVICE.slice(0, 8),
      ],
    ],
    [
      'from a list of records',
      () => [file('l.json', JSON.stringify([ADMIN, NODE])), '--device', DEVICE],
    ],
  ])('%s', async (_name, args) => {
    const { decision, facts } = await explainJson(...args());
    expect(decision).toMatchObject({ action: 'approve', rule: 'office-nodes' });
    expect(facts.find(({ fact }) => fact === 'requestId')?.value).toBe(NODE.requestId);
  });

  test.each([
    ['a record', JSON.stringify(NODE)],
    ['a recording', lines(NODE)],
    ['a list', JSON.stringify({ pending: [NODE] }, null, 2)],
  ])('from standard input: %s', async (_name, text) => {
    const args = ['explain', '-', '--policy', policy, '--json'];
    const { stdout } = await runCommand(args, { stdin: Readable.from([Buffer.from(text)]) });
    expect(JSON.parse(stdout)).toMatchObject({ decision: { rule: 'office-nodes' } });
  });

  test('and the place is told', async () => {
    const path = file('r.jsonl', lines(ADMIN, NODE));
    expect((await explainJson(`${path}:2`)).record).toEqual({ file: path, line: 2 });
    const flags = await explainJson('--remote-ip', '10.0.0.1');
    expect(flags.record).toEqual({ file: null, line: null });
  });
});

describe('what cannot be explained is bad input', () => {
  test.each<[string, () => string[], RegExp]>([
    ['nothing', () => [], /there is no connect to explain \[ARGUMENT\]/],
    ['no file', () => [join(folder, 'none')], /\[FILE_NOT_FOUND\]/],
    ['a folder', () => [folder], /this is a folder \[FILE_UNREADABLE\]/],
    ['no JSON', () => [file('r.json', 'x')], /\[RECORD_NOT_JSON\]/],
    [
      'JSON that breaks off',
      () => [file('r.json', '{\n  "a": 1,\n  "b"\n')],
      /r\.json:4:1: .*\[RECORD_NOT_JSON\]/,
    ],
    ['no object', () => [file('r.json', '7')], /\[RECORD_NOT_JSON\]/],
    ['an empty file', () => [file('r.json', '')], /there is no connect here \[ARGUMENT\]/],
    [
      'several lines',
      () => [file('r.jsonl', lines(NODE, ADMIN))],
      /more than one connect.*\n.*`--line`: the connects are in lines 1, 2/,
    ],
    ['many lines', () => [file('r.jsonl', lines(...Array(12).fill(NODE)))], /lines 1 to 12/],
    [
      'many lines with gaps',
      () => [file('r.jsonl', lines(...Array(9).fill(NODE)).replace('\n', '\n\n'))],
      /9 of the lines 1 to 10/,
    ],
    [
      'a line that is not there',
      () => [`${file('r.jsonl', lines(NODE, ADMIN))}:3`],
      /no connect here is in line 3 \[ARGUMENT\]/,
    ],
    [
      'a line that is bad',
      () => [`${file('r.jsonl', `${lines(NODE)}{\n`)}:2`],
      /r\.jsonl:2:2: .*\[RECORD_NOT_JSON\]/,
    ],
    [
      'a pair that does not fit',
      () => [file('r.json', JSON.stringify({ ...NODE, publicKey: KEY }))],
      /\[RECORD_DEVICE_MISMATCH\]/,
    ],
    [
      'several requests',
      () => [file('l.json', JSON.stringify({ pending: [NODE, ADMIN] }))],
      /`--request`: 4e92877c-6afb \(node, 192.168.1.20, lamp\), 7987cf9d/,
    ],
    [
      'very many requests',
      () => [file('l.json', JSON.stringify({ pending: Array(20).fill(NODE) }))],
      / and 12 more/,
    ],
    [
      'no request',
      () => [file('l.json', '{"pending":[],"paired":[{}]}')],
      /there is no connect here/,
    ],
    [
      'another request',
      () => [
        file('l.json', JSON.stringify({ pending: [NODE] })),
        '--request',
        'x',
        '--device',
        'y',
      ],
      /no connect here is of the request x and of the device y/,
    ],
    ['a line that is no number', () => ['r', '--line', '0'], /from 1/],
    [
      'an address that is none',
      () => ['--remote-ip', '10.1'],
      /--remote-ip:1:1: `10.1` cannot be used/,
    ],
    ['a device that is none', () => ['--device-id', 'x'], /64 hex digits/],
    ['a role that is none', () => ['--role', 'admin'], /`operator` or `node`/],
    ['neither true nor false', () => ['--forwarded', 'no'], /--forwarded.*\n.*`true` or `false`/],
    ['no time', () => ['--ts', 'noon'], /--ts/],
    ['a login of nobody', () => ['--auth-user', 'ann'], /--auth-method/],
    ['scopes and none', () => ['--scope', 'a', '--no-scopes'], /--no-scopes:1:1/],
    ['commands and none', () => ['--command', 'a', '--no-commands'], /--no-commands:1:1/],
    ['no own address', () => ['--own-address', 'x', '--no-scopes'], /--own-address/],
    ['no moment', () => ['--now', 'x', '--no-scopes'], /--now/],
    ['no fact', () => ['--given', 'x=1'], /--given/],
    [
      'a policy that is none',
      () => ['--no-scopes', '--policy', join(folder, 'none.yaml')],
      /FILE_NOT_FOUND/,
    ],
  ])('%s', async (_name, args, words) => {
    const { code, stdout, stderr } = await explain(...args());
    expect(stderr).toMatch(words);
    expect([code, stdout]).toEqual([2, '']);
  });
});

describe('every fact is told with where it is from', () => {
  test('from flags', async () => {
    const output = await explainJson(
      ...['--remote-ip', '192.168.1.7', '--role', 'node', '--role', 'operator'],
      ...['--scope', 'operator.read', '--scope', 'operator.talk', '--command', 'camera.snap'],
      ...['--client-id', 'a', '--client-mode', 'b', '--platform', 'c', '--device-family', 'd'],
      ...['--display-name', 'e', '--browser-origin', 'f', '--kind', 'new-device', '--gateway', 'g'],
      ...['--auth-method', 'tailscale', '--auth-user', 'h', '--public-key', KEY, '--ts', '7'],
      ...['--forwarded', 'true', '--own-address', '10.0.0.1', '--given', 'silent=true'],
    );
    expect(factsOf(output)).toEqual({
      ts: [7, '--ts'],
      deviceId: [ID_OF_KEY, 'publicKey'],
      publicKey: [KEY, '--public-key'],
      remoteIp: ['192.168.1.7', '--remote-ip'],
      forwarded: [true, '--forwarded'],
      clientId: ['a', '--client-id'],
      clientMode: ['b', '--client-mode'],
      platform: ['c', '--platform'],
      deviceFamily: ['d', '--device-family'],
      displayName: ['e', '--display-name'],
      browserOrigin: ['f', '--browser-origin'],
      roles: [['node', 'operator'], '--role'],
      scopes: [['operator.read', 'operator.talk'], '--scope'],
      commands: [['camera.snap'], '--command'],
      authMethod: ['tailscale', '--auth-method'],
      authUser: ['h', '--auth-user'],
      kind: ['new-device', '--kind'],
      gateway: ['g', '--gateway'],
      silent: [true, '--given'],
      now: [7, 'ts'],
      ownAddresses: [['10.0.0.1'], '--own-address'],
    });
  });

  test('from a decision log, and from flags that take the place of its word', async () => {
    const context = { now: 1796115600001, ownAddresses: ['192.168.1.1'], limits: {} };
    const path = file('r.json', JSON.stringify({ ...NODE, publicKey: undefined, context }));
    const facts = factsOf(await explainJson(path, '--role', 'operator', '--no-commands'));
    expect(facts).toMatchObject({
      now: [context.now, 'context.now'],
      ownAddresses: [['192.168.1.1'], 'context.ownAddresses'],
      roles: [['operator'], '--role'],
      commands: [[], '--command'],
      kind: ['new-device', 'implied'],
      remoteIp: ['192.168.1.20', 'record'],
    });
    const other = await explainJson(
      path,
      '--public-key',
      KEY,
      '--now',
      '5',
      '--own-address',
      'none',
    );
    expect(factsOf(other)).toMatchObject({
      deviceId: [ID_OF_KEY, 'publicKey'],
      now: [5, '--now'],
      ownAddresses: [[], '--own-address'],
    });
    const keyed = file('k.json', JSON.stringify({ ...NODE, deviceId: undefined, publicKey: KEY }));
    expect(factsOf(await explainJson(keyed, '--device-id', LOST))).toMatchObject({
      deviceId: [LOST, '--device-id'],
    });
  });

  test('and a limit that is spent by a decision log counts', async () => {
    const limits = {
      'office-nodes': {
        '192.168.1.20': Array.from({ length: 10 }, () => ({ at: NODE.ts - 1, ask: null })),
      },
    };
    const path = file('r.json', JSON.stringify({ ...NODE, context: { limits } }));
    const { decision, rules, nearMisses, smallestChange } = await explainJson(path);
    expect(decision).toMatchObject({ action: 'hold', cause: 'limit' });
    expect(rules[1]?.limit).toEqual({ text: '{ max: 10, per: 1h, by: remoteIp }', room: false });
    expect(nearMisses[0]?.unmet[0]?.text).toMatch(/it is spent/);
    expect(smallestChange?.change).toEqual({ now: NODE.ts - 1 + 3_600_000 });
    const odd = file('odd.json', JSON.stringify({ ...NODE, context: { limits: 7 } }));
    expect((await explainJson(odd)).decision).toMatchObject({ action: 'hold', cause: 'limit' });
  });
});

describe('the data tells all of the decision', () => {
  test('every rule in document order, with its conditions', async () => {
    const { rules } = await explainJson(file('r.json', JSON.stringify(ADMIN)));
    expect(rules.map(({ id, value }) => [id, value])).toEqual([
      ['own-machine', false],
      ['office-nodes', false],
      ['remote-admin', true],
      ['lost-laptop', false],
    ]);
    expect(rules[2]).toMatchObject({
      action: 'hold',
      takesPart: true,
      line: 18,
      conditions: [
        {
          part: 'when',
          key: 'scopes',
          wanted: { any: ['operator.admin'] },
          implied: false,
          value: true,
          reads: ['scopes'],
          facts: { scopes: ['operator.admin'] },
        },
        { part: 'unless', key: 'from', value: false, facts: { ownAddresses: null } },
      ],
    });
    expect(rules[1]?.conditions.at(-1)).toMatchObject({ key: 'commands', implied: true });
    expect(rules[1]?.expires).toEqual({ at: '2027-01-31T00:00:00.000Z', ahead: true });
  });

  test('the scopes: asked for, approved before, and those that would be granted', async () => {
    const own = { ...ADMIN, remoteIp: '127.0.0.1', scopes: ['operator.admin', 'operator.read'] };
    const paired = [{ ...ADMIN, scopes: ['a'], approvedScopes: ['operator.read', 7] }];
    const list = file('l.json', JSON.stringify({ pending: [own], paired }));
    const { scopes, decision } = await explainJson(list, '--forwarded', 'false');
    expect(decision.action).toBe('hold');
    expect(scopes).toEqual({
      asked: ['operator.admin', 'operator.read'],
      approved: ['operator.read'],
      granted: expect.arrayContaining(['operator.read', 'operator.write', 'operator.talk']),
    });
    expect(scopes.granted).not.toContain('operator.admin');
    const nobody = await explainJson('--remote-ip', '9.9.9.9');
    expect(nobody.scopes).toEqual({ asked: null, approved: null, granted: null });
  });

  test('the missing facts, those that decided first', async () => {
    const { missing, decision } = await explainJson(
      ...['--remote-ip', '127.0.0.1', '--role', 'operator', '--scope', 'operator.read'],
    );
    expect(decision.cause).toBe('unknown-fact');
    expect(missing.filter(({ decisive }) => decisive).map(({ fact }) => fact)).toEqual(
      decision.missing,
    );
    expect(missing).toContainEqual({
      fact: 'deviceId',
      decisive: false,
      rules: ['lost-laptop'],
      find: 'say --device-id; the record does not have it',
    });
  });

  test('the time and the address of a limit that cannot be told are missing', async () => {
    const timeless = { ...NODE, ts: undefined };
    const path = file('r.json', JSON.stringify(timeless));
    const unlimited = file('q.yaml', POLICY.replace(/ {4}expires.*\n/, ''));
    const { missing, rules } = JSON.parse(
      (await runCommand(['explain', path, '--policy', unlimited, '--json'])).stdout,
    );
    expect(missing).toMatchObject([{ fact: 'now', rules: ['office-nodes'] }]);
    expect(rules[1].limit.room).toBe('unknown');
    expect((await explainJson(path)).missing).toMatchObject([{ fact: 'now', decisive: true }]);
  });

  test('a fact that is too long stands in one place', async () => {
    const scopes = Array.from({ length: 500 }, (_, i) => `operator.x${i}`);
    const { facts, rules } = await explainJson(
      file('r.json', JSON.stringify({ ...ADMIN, scopes })),
    );
    expect(facts.find(({ fact }) => fact === 'scopes')?.value).toHaveLength(500);
    expect(rules[2]?.conditions[0]).toMatchObject({ reads: ['scopes'], facts: {} });
  });

  test('the suggested rule approves where it is added', async () => {
    const record = file('r.json', JSON.stringify({ ...NODE, remoteIp: '10.0.0.9' }));
    const { suggestion } = await explainJson(record);
    const added = file('added.yaml', suggestion.yaml ?? '');
    const { decision } = await explainJson(record, '--policy', added);
    expect(decision).toMatchObject({ action: 'approve', rule: suggestion.rule });
  });
});

describe('for a person', () => {
  test('the decision comes first, then all that it rests on', async () => {
    const { stdout } = await explain(file('r.json', JSON.stringify(ADMIN)));
    expect(stdout.split('\n')[0]).toBe(
      'hold by remote-admin (rule): the rule `remote-admin` holds: admin from afar needs a person',
    );
    expect(stdout).toContain('  remoteIp         192.168.1.20\n');
    expect(stdout).toContain('  kind             new-device  (implied)\n');
    expect(stdout).toMatch(/ {2}unknown {10}.*forwarded/);
    expect(stdout).toContain('  ✔ hold remote-admin\n      ✔ scopes: { any: [operator.admin] }');
    expect(stdout).toContain('      ✘ unless from: [loopback, own-tailnet]  — remoteIp is 192.');
    expect(stdout).toContain('commands: { within: [] } (implied)');
    expect(stdout).toContain('      ✔ expires: 2027-01-31T00:00:00.000Z\n');
    expect(stdout).toContain('    against it: remote-admin\n');
    expect(stdout).toContain('scopes: ask only for operator.read, operator.write (scopes is');
    expect(stdout).toMatch(/the smallest change that would be approved, by office-nodes:\n/);
    expect(stdout).toMatch(/no addition can approve it: the hold rule `remote-admin` is true/);
  });

  test('an approve has no near misses and needs no rule', async () => {
    const { stdout } = await explain(file('r.json', JSON.stringify(NODE)));
    expect(stdout).toMatch(/^approve by office-nodes/);
    expect(stdout).not.toMatch(/Near misses|To approve|undefined/);
  });

  test('the missing facts are told with how to find them, and the YAML is whole', async () => {
    const missing = await explain('--remote-ip', '127.0.0.1', '--role', 'operator', '--no-scopes');
    expect(missing.stdout).toMatch(/\n {2}forwarded \(.*own-machine\): say --forwarded false/);
    expect(missing.stdout).toMatch(/\n {6}deviceId: [0-9a-f]{64} {2}\(is unknown\)/);
    expect(missing.stdout).not.toMatch(/\n {6}publicKey: /);
    const { stdout } = await explain(
      file('r.json', JSON.stringify({ ...NODE, remoteIp: '9.9.9.9' })),
    );
    expect(stdout).toMatch(/\n\nversion: 1\nrules:\n {2}- id: node-9-9-9-9-5e1fb9f2\n/);
  });

  test('a paired device is told so', async () => {
    const paired = { ...NODE, kind: 'reconnect', deviceId: LOST };
    const { stdout } = await explain(file('r.json', JSON.stringify(paired)));
    expect(stdout).toMatch(/^deny by lost-laptop/);
    expect(stdout).toContain('approve own-machine  takes no part: the device is paired already');
    expect(stdout).toContain('(paired): 0 conditions away\n      against it: lost-laptop\n');
    expect(stdout).toContain('no change of the connect was found that would be approved');
  });

  test('every kind of condition is told in words', async () => {
    const odd = file(
      'odd.yaml',
      `version: 1
rules:
  - id: odd
    action: approve
    when:
      from: [fd00::/8, own-address]
      roles: { within: [node], none: [operator] }
      scopes: { within: [a], all: [a], any: [a, b], none: [c] }
      commands: any-commands
      device: ${DEVICE}
      authUser: ["*@example.org"]
      authMethod: tailscale
      forwarded: true
      time: { days: sat, between: "22:00-06:00" }
      logic: { "===": [{ var: platform }, "lin ux"] }
    unless: { platform: linux, gateway: "lab*" }
    limit: { max: 1, per: 45s }
    expires: 2020-01-01T00:00:00Z
`,
    );
    const args = [
      '--remote-ip',
      '10.0.0.1',
      '--role',
      'operator',
      '--no-scopes',
      '--ts',
      '1796115600000',
    ];
    const { stdout } = await runCommand(['explain', '--policy', odd, ...args]);
    for (const words of [
      'odd: 12 conditions away',
      'from: come from fd00::/8, own-address (',
      'roles: ask only for node, and ask for none of operator (',
      'scopes: ask only for a, and ask for all of a, and ask for one of a, b, and ask for none of c (',
      'commands: say what is asked for (commands is unknown)',
      `device: be a device of ${DEVICE} (deviceId is unknown)`,
      'authUser: be *@example.org (',
      'authMethod: be tailscale (',
      'forwarded: be true (',
      'time: fall in { days: sat, between: 22:00-06:00 } (now is 2026-12-01T09:00:00.000Z)',
      'logic: make this true: { "===": [{ var: platform }, "lin ux"] } (platform is unknown)',
      'unless: not all of this may hold: platform: linux; gateway: lab*',
      'expires: come before 2020-01-01T00:00:00.000Z (now is',
    ]) {
      expect(stdout).toContain(words);
    }
  });

  test('what a client says cannot draw on the terminal, nor be as long as it likes', async () => {
    const hostile = {
      ...NODE,
      displayName: `\u001b[31m\u202e${'x'.repeat(5_000)}`,
      clientMode: 'a\nb',
    };
    const { stdout } = await explain(file('r.json', JSON.stringify(hostile)));
    for (const raw of ['\u001b', '\u202e', 'a\nb']) expect(stdout).not.toContain(raw);
    expect(stdout).toContain('\\u001b[31m\\u202exxx');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(500);
  });

  test('colours are for terminals', async () => {
    const path = file('r.json', JSON.stringify(NODE));
    const { stdout } = await runCommand(['explain', path, '--policy', policy], {
      env: { FORCE_COLOR: '1' },
    });
    expect(stdout).toContain('\u001b[32m');
  });
});

describe('what can be read only once', () => {
  const endless = () => Readable.from(endlessly('x'.repeat(1024 * 1024)));
  function* endlessly(piece: string) {
    for (;;) yield Buffer.from(piece);
  }

  test('is not read without end', async () => {
    const args = ['explain', '-', '--policy', policy];
    const { code, stderr } = await runCommand(args, { stdin: endless() });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^-:1:1: more than 16 MiB .*\[ARGUMENT\]\n {4}help: .*--line 12/);
  });

  test.skipIf(process.platform === 'win32')('is the same with a device', async () => {
    const { code, stderr } = await explain('/dev/zero');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^\/dev\/zero:1:1: more than 16 MiB .*\[ARGUMENT\]/);
  });

  test.skipIf(process.platform === 'win32')('is a recording in a pipe', () => {
    const pipe = join(folder, 'pipe');
    const content = file('content', `${lines(NODE, ADMIN)}bad\n`);
    const main = `'${process.execPath}' dist/cli/main.js explain '${pipe}' --policy '${policy}'`;
    const shell = (args: string) =>
      spawnSync('bash', ['-c', `cat '${content}' > '${pipe}' & ${main} ${args}; wait`], {
        encoding: 'utf8',
      });
    spawnSync('mkfifo', [pipe]);
    expect(shell('--line 2').stdout).toMatch(/^hold by remote-admin/);
    expect(shell('--line 3').stderr).toContain(`${pipe}:3:1: `);
    expect(shell('').stderr).toContain('the connects are in lines 1, 2');
  });
});

describe('the exit code', () => {
  test.each([
    ['approve', 0],
    ['hold', 1],
    ['deny', 1],
  ])('with --expect %s is %i for an approve', async (action, expected) => {
    const path = file('r.jsonl', lines(NODE));
    const { code, stdout, stderr } = await explain(path, '--expect', action);
    expect(code).toBe(expected);
    expect(stdout).toMatch(/^approve/);
    if (code === 1) expect(stderr).toMatch(/r\.jsonl:1:1: .*\[EXPECTATION_FAILED\]/);
  });

  test('is that of the process', () => {
    const args = [
      'dist/cli/main.js',
      'explain',
      '-',
      '--policy',
      policy,
      '--expect',
      'hold',
      '--json',
    ];
    const done = spawnSync('node', args, { input: JSON.stringify(NODE), encoding: 'utf8' });
    expect(done.status).toBe(1);
    expect(explainOutputSchema.parse(JSON.parse(done.stdout)).decision.action).toBe('approve');
  });

  test('is 0 for help, which has examples', async () => {
    const { code, stdout } = await runCommand(['explain', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Facts of the connect:[\s\S]*Examples:/);
  });
});
