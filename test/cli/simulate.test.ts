import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SimulateOutput } from '../../src/cli/schemas/simulate-output.js';
import { simulateOutputSchema } from '../../src/cli/schemas/simulate-output.js';
import { type Finished, runCommand } from './run-command.js';

const SHIPPED = ['2026.1.30', '2026.2.19', '2026.9.6'].map(
  (release) => `recordings/openclaw-${release}.jsonl`,
);
const HOST = ['--own-address', '100.101.102.103', '--given', 'forwarded=false'];

const POLICY = `version: 1
rules:
  - id: nodes
    action: approve
    when: { from: 10.0.0.0/8, role: node, scopes: { within: [] } }
  - id: local
    action: approve
    when: { from: loopback, role: operator, scopes: { within: [] } }
  - id: lost
    action: deny
    when: { displayName: lost }
`;

const LOOSER = POLICY.replace('10.0.0.0/8', '[10.0.0.0/8, 192.168.0.0/16]').replace(
  'lost }',
  'gone }',
);

const NODE = {
  ts: 0,
  role: 'node',
  scopes: [],
  kind: 'new-device',
  displayName: 'n',
  isRepair: false,
};
const RECORDS = {
  near: { ...NODE, remoteIp: '10.0.0.7', expect: 'approve', outcome: 'approve' },
  far: { ...NODE, remoteIp: '192.168.0.7', outcome: 'approve' },
  lost: { ...NODE, remoteIp: '10.0.0.7', displayName: 'lost', outcome: 'hold' },
  local: { ...NODE, remoteIp: '127.0.0.1', role: 'operator' },
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pair-policy-'));
  write('policy.yaml', POLICY);
  write('looser.yaml', LOOSER);
  write('all.jsonl', linesOf('near', 'far', 'lost', 'local'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function linesOf(...names: (keyof typeof RECORDS)[]): string {
  return names.map((name) => `${JSON.stringify(RECORDS[name])}\n`).join('');
}

/** Runs `simulate` with the policy above on files of the folder. */
async function simulate(names: string, ...args: string[]): Promise<Finished> {
  const paths = names.split(' ').map((name) => (name === '-' ? name : join(folder, name)));
  return await runCommand(['simulate', ...paths, '--policy', join(folder, 'policy.yaml'), ...args]);
}

async function outputOf(names: string, ...args: string[]): Promise<SimulateOutput> {
  const { stdout } = await simulate(names, '--json', ...args);
  return simulateOutputSchema.parse(JSON.parse(stdout));
}

describe('the shipped recordings', () => {
  it('are decided as was written down for each line', async () => {
    const { code, stdout } = await runCommand([
      'simulate',
      ...SHIPPED,
      ...HOST,
      '--format',
      'jsonl',
    ]);
    const decided = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const expected = readFileSync('test/simulate/data/expected-decisions.jsonl', 'utf8');
    expect(
      decided.map(({ file, line, action, rule, cause, missing }) => ({
        file: basename(file),
        line,
        action,
        rule,
        cause,
        missing,
      })),
    ).toEqual(
      expected
        .trimEnd()
        .split('\n')
        .map((line) => {
          const { why: _why, ...decision } = JSON.parse(line);
          return decision;
        }),
    );
    expect(code).toBe(0);
  });

  it('meet their expectations', async () => {
    const { code, stdout } = await runCommand(['simulate', ...SHIPPED, ...HOST]);
    expect(stdout).toMatch(
      /\n54 connects: \d+ approve, \d+ hold, \d+ deny; 0 expectations failed; 0 bad lines\n$/,
    );
    expect(code).toBe(0);
  });

  it('show a newcomer what is unknown and how to fill it in', async () => {
    const { stdout } = await runCommand(['simulate', ...SHIPPED]);
    expect(stdout).toContain('--given forwarded=false');
    expect(stdout).toContain('--own-address IP');
  });
});

describe('simulate --format jsonl', () => {
  it('prints one object with seven keys for each record, in order', async () => {
    const { stdout } = await simulate('all.jsonl', '--format', 'jsonl');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const line of lines) {
      expect(Object.keys(line)).toEqual([
        'file',
        'line',
        'action',
        'rule',
        'cause',
        'reason',
        'missing',
      ]);
    }
    expect(
      lines.map(({ line, action, rule, cause, missing }) => [line, action, rule, cause, missing]),
    ).toEqual([
      [1, 'approve', 'nodes', 'rule', []],
      [2, 'hold', null, 'default', []],
      [3, 'deny', 'lost', 'rule', []],
      [4, 'hold', null, 'unknown-fact', ['forwarded']],
    ]);
    expect(lines[0].file).toBe(join(folder, 'all.jsonl'));
  });

  it('says with --against what it was', async () => {
    const { stdout } = await simulate(
      'all.jsonl',
      '--format',
      'jsonl',
      '--against',
      join(folder, 'looser.yaml'),
    );
    const was = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).was);
    expect(was).toEqual(['approve', 'approve', 'approve', 'hold']);
  });
});

describe('simulate --format json', () => {
  it('prints what the schema says', async () => {
    const output = await outputOf('all.jsonl', '--against', join(folder, 'looser.yaml'));
    expect(output).toMatchObject({
      ok: true,
      failed: [],
      connects: 4,
      actions: { approve: 1, hold: 2, deny: 1 },
      expectations: { met: 1, failedCount: 0, failed: [] },
      outcomes: { compared: 3, changed: 2, newlyDenied: 1, newlyHeld: 1 },
      changes: {
        against: join(folder, 'looser.yaml'),
        changed: 2,
        newlyApproved: 0,
        newlyDenied: 1,
        newlyHeld: 1,
      },
      unmatched: { connects: 1, groups: [{ network: '192.168.0.0/24', connects: 1 }] },
      unknown: { connects: 1, facts: [{ fact: 'forwarded', connects: 1 }] },
      bad: [],
      badCount: 0,
    });
    expect(output.rules.map(({ id }) => id)).toEqual(['nodes', 'local', 'lost', '(paired)']);
    expect(output.revision).not.toBe(output.changes?.revision);
  });

  it('has no changes without --against', async () => {
    expect((await outputOf('all.jsonl')).changes).toBeNull();
  });
});

describe('what a replay is told', () => {
  const actionOf = async (name: keyof typeof RECORDS, ...args: string[]) => {
    write('one.jsonl', linesOf(name));
    const { stdout } = await simulate('one.jsonl', '--format', 'jsonl', ...args);
    return (JSON.parse(stdout) as { action: string }).action;
  };

  it('fills in facts', async () => {
    expect(await actionOf('local', '--given', 'forwarded=false')).toBe('approve');
    expect(await actionOf('local', '--given', 'forwarded=true')).toBe('hold');
  });

  it('can be the time and the own addresses', async () => {
    write(
      'host.yaml',
      `version: 1
rules:
  - id: own
    action: approve
    when: { from: own-address, role: node, scopes: { within: [] } }
    expires: 2026-01-01T00:00:00Z
`,
    );
    const own = ['--policy', join(folder, 'host.yaml'), '--given', 'forwarded=false'];
    const decide = async (...args: string[]) => {
      const { stdout } = await runCommand([
        'simulate',
        join(folder, 'near.jsonl'),
        ...own,
        ...args,
        '--format',
        'jsonl',
      ]);
      const { action, missing } = JSON.parse(stdout);
      return [action, ...missing];
    };
    write('near.jsonl', linesOf('near'));
    expect(await decide()).toEqual(['hold', 'ownAddresses']);
    expect(await decide('--own-address', 'none')).toEqual(['hold']);
    expect(await decide('--own-address', '10.0.0.1', '--own-address', '10.0.0.7')).toEqual([
      'approve',
    ]);
    expect(await decide('--own-address', '10.0.0.7', '--now', '2026-06-01T00:00:00+02:00')).toEqual(
      ['hold'],
    );
    expect(await decide('--own-address', '10.0.0.7', '--now', '1767225599999')).toEqual([
      'approve',
    ]);
  });
});

describe('the exit code of simulate', () => {
  const strictly = linesOf('near').replace('approve', 'deny');
  const cases: [string, string, string[], number, string[]][] = [
    ['is 0 where nothing was asked', 'all.jsonl', [], 0, []],
    ['is 1 where an expectation failed', 'strict.jsonl', [], 1, ['unexpected']],
    ['is 1 on what was unexpected', 'strict.jsonl', ['--fail-on', 'unexpected'], 1, ['unexpected']],
    ['is 1 on unmatched connects', 'all.jsonl', ['--fail-on', 'unmatched'], 1, ['unmatched']],
    ['is 0 where all is matched', 'near.jsonl', ['--fail-on', 'unmatched,unexpected'], 0, []],
    ['is 1 on another outcome', 'all.jsonl', ['--fail-on', 'changed'], 1, ['changed']],
    ['is 1 on newly denied', 'all.jsonl', ['--fail-on', 'newly-denied'], 1, ['newly-denied']],
    ['is 0 where none is newly approved', 'all.jsonl', ['--fail-on', 'newly-approved'], 0, []],
    [
      'is 1 on several checks',
      'all.jsonl',
      ['--fail-on', 'changed, newly-denied', '--fail-on', 'unmatched'],
      1,
      ['newly-denied', 'changed', 'unmatched'],
    ],
    [
      'is 0 where nothing changed',
      'all.jsonl',
      ['--fail-on', 'changed', '--against', 'policy.yaml'],
      0,
      [],
    ],
    [
      'is 1 where something changed',
      'all.jsonl',
      ['--fail-on', 'changed', '--against', 'looser.yaml'],
      1,
      ['changed'],
    ],
  ];
  it.each(cases)('%s', async (_name, names, args, code, failed) => {
    write('strict.jsonl', strictly);
    write('near.jsonl', linesOf('near'));
    const located = args.map((arg) => (arg.endsWith('.yaml') ? join(folder, arg) : arg));
    const finished = await simulate(names, '--json', ...located);
    const output = JSON.parse(finished.stdout) as SimulateOutput;
    expect(finished.code).toBe(code);
    expect(output.ok).toBe(code === 0);
    expect(output.failed.map(({ check }) => check)).toEqual(failed);
    expect((await simulate(names, '--format', 'jsonl', ...located)).code).toBe(code);
  });

  it('is 1 where the edit approves what was not approved', async () => {
    const { code, stdout } = await runCommand([
      'simulate',
      join(folder, 'all.jsonl'),
      '--policy',
      join(folder, 'looser.yaml'),
      '--against',
      join(folder, 'policy.yaml'),
      '--fail-on',
      'newly-approved',
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain('failed: 2 connects newly-approved\n');
    expect(stdout).toContain('(2 newly approved, 0 newly denied, 0 newly held)');
  });

  const refused: [string, string[], string][] = [
    ['a fact that does not exist', ['--given', 'forwardet=false'], 'did you mean `forwarded`?'],
    ['a time that is none', ['--now', '2026-01-01'], 'is no point in time'],
    ['an address that is none', ['--own-address', '1.2.3'], '`1.2.3` is no IP address'],
    [
      'none beside an address',
      ['--own-address', 'none', '--own-address', '::1'],
      '`none` beside an address',
    ],
    [
      'a check that does not exist',
      ['--fail-on', 'newly-aproved'],
      'did you mean `newly-approved`?',
    ],
    ['a policy that does not exist', ['--against', 'nowhere.yaml'], 'nowhere.yaml:1:1'],
    ['a comparison with nothing', ['--fail-on', 'changed'], 'there is nothing to compare with'],
  ];
  it.each(refused)('is 2 for %s', async (_name, args, message) => {
    write('local.jsonl', linesOf('local'));
    const { code, stderr } = await simulate('local.jsonl', ...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('is 2 for all wrong arguments at once', async () => {
    const { code, stderr } = await simulate('- -', '--now', 'x', '--given', 'x', '--fail-on', 'x');
    expect(stderr.match(/\[ARGUMENT\]/g)).toHaveLength(4);
    expect(code).toBe(2);
  });

  it('is 2 for a folder, with what to name instead', async () => {
    const { code, stderr, stdout } = await runCommand(['simulate', 'recordings/']);
    expect(stderr).toContain('recordings/:1:1: this is a folder [FILE_UNREADABLE]');
    expect(stderr).toContain('`recordings/*.jsonl`');
    expect([code, stdout]).toEqual([2, '']);
  });

  it('is 2 where there is no recording', async () => {
    expect((await runCommand(['simulate'])).code).toBe(2);
  });

  it.each(['', '\n\n', 'x\n', '[]'])('is 2 for a recording without a record: %j', async (text) => {
    write('none.jsonl', text);
    const { code, stderr, stdout } = await simulate('none.jsonl', '--json');
    expect(code).toBe(2);
    expect(stderr).toContain('[NO_RECORDS]');
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, connects: 0 });
  });
});

describe('a bad line', () => {
  const text = `{"a":\n${linesOf('near')}{"expect":"aprove"}\n{"ts`;

  it('is told with file and line, and counted', async () => {
    const path = write('bad.jsonl', text);
    const { code, stderr, stdout } = await simulate('bad.jsonl');
    expect(stderr).toContain(`${path}:1:6: warning: this JSON has no end [RECORD_NOT_JSON]`);
    expect(stderr).toContain(
      `${path}:3:1: warning: \`expect\` is \`aprove\`, and is passed over [RECORD_EXPECT]`,
    );
    expect(stderr).toContain(
      `${path}:4:5: warning: the last line has no end: it was cut off [RECORD_TORN]`,
    );
    expect(stdout).toMatch(/2 connects: .*; 3 bad lines\n$/);
    expect(code).toBe(0);
  });

  it('is bad input with --strict', async () => {
    write('bad.jsonl', text);
    const { code, stderr, stdout } = await simulate('bad.jsonl', '--strict', '--json');
    expect(code).toBe(2);
    expect(stderr).not.toContain('warning');
    const { ok, bad, badCount } = simulateOutputSchema.parse(JSON.parse(stdout));
    expect(bad.map(({ line, severity }) => [line, severity])).toEqual([
      [1, 'error'],
      [3, 'error'],
      [4, 'error'],
    ]);
    expect([ok, badCount]).toEqual([false, 3]);
  });

  it('is told only so often', async () => {
    write('bad.jsonl', `${'x\n'.repeat(1200)}${linesOf('near')}`);
    const { stderr } = await simulate('bad.jsonl');
    expect(stderr.match(/RECORD_NOT_JSON/g)).toHaveLength(20);
    expect(stderr).toContain('… and 1180 more bad lines\n');
  });
});

describe('a recording', () => {
  it('may be gzip, and one of several', async () => {
    write('near.jsonl.gz', gzipSync(linesOf('near')));
    const { stdout } = await simulate('near.jsonl.gz all.jsonl', '--format', 'jsonl');
    const places = stdout
      .trimEnd()
      .split('\n')
      .map((line) => {
        const decided = JSON.parse(line);
        return `${basename(decided.file)}:${decided.line}`;
      });
    expect(places).toEqual([
      'near.jsonl.gz:1',
      'all.jsonl:1',
      'all.jsonl:2',
      'all.jsonl:3',
      'all.jsonl:4',
    ]);
  });

  it('may be standard input', async () => {
    const stdin = Readable.from([gzipSync(linesOf('near'))]);
    const args = ['simulate', '-', '--policy', join(folder, 'policy.yaml'), '--format', 'jsonl'];
    const { stdout } = await runCommand(args, { stdin });
    expect(JSON.parse(stdout)).toMatchObject({ file: '-', line: 1, action: 'approve' });
  });
});

describe('simulate for people and CI', () => {
  const hostile = {
    ...RECORDS.near,
    remoteIp: '192.168.0.1',
    displayName: '\u001b[2J|<b>@all</b>\n::error::x',
    expect: 'approve',
  };
  const args = ['--fail-on', 'changed,unmatched', '--strict', '--against'];

  // The names of files take room in the tables: they must be the same everywhere.
  const root = process.cwd();
  beforeAll(() => process.chdir(folder));
  afterAll(() => process.chdir(root));

  const render = async (format: string) => {
    const text = `${linesOf('near', 'far', 'lost', 'local')}${JSON.stringify(hostile)}\n`;
    write('mixed.jsonl', text);
    const policy = ['--policy', 'policy.yaml', '--format', format];
    const { stdout } = await runCommand([
      'simulate',
      'mixed.jsonl',
      ...policy,
      ...args,
      'looser.yaml',
    ]);
    return stdout;
  };

  it('prints tables for a person', async () => {
    expect(await render('human')).toMatchSnapshot();
  });

  it('prints Markdown', async () => {
    expect(await render('markdown')).toMatchSnapshot();
  });

  it('prints JUnit', async () => {
    expect(await render('junit')).toMatchSnapshot();
  });

  it('prints annotations for GitHub', async () => {
    const text = await render('github');
    expect(text).toContain('mixed.jsonl');
    expect(text).not.toMatch(/^::error::x/m);
    expect(text).toMatch(/5 connects: .*\n$/);
  });

  it('warns where nothing was to fail', async () => {
    const mild = async (format: string) =>
      (await simulate('all.jsonl', '--format', format, '--against', join(folder, 'looser.yaml')))
        .stdout;
    const github = await mild('github');
    expect(github.match(/^::\w+/gm)).toEqual(['::warning', '::warning', '::notice']);
    expect(github).not.toContain('failed:');
    expect(await mild('junit')).toContain('tests="2" failures="0"');
    expect(await mild('markdown')).not.toContain('failed:');
  });

  it('has only the replay where nothing was expected', async () => {
    write('far.jsonl', linesOf('far'));
    const { stdout } = await simulate('far.jsonl', '--format', 'junit');
    expect(stdout).toContain('tests="1" failures="0"');
  });

  it('says that nothing changed', async () => {
    const { stdout } = await simulate('all.jsonl', '--against', join(folder, 'policy.yaml'));
    expect(stdout).toContain(
      ': 0 of 4 connects (0 newly approved, 0 newly denied, 0 newly held)\n\n',
    );
    const markdown = await simulate(
      'all.jsonl',
      '--format',
      'markdown',
      '--against',
      join(folder, 'policy.yaml'),
    );
    expect(markdown.stdout).toContain(': 0 of 4 connects ');
  });

  it('says what is by another rule, and how much is left out', async () => {
    const renamed = write('renamed.yaml', POLICY.replace('id: nodes', 'id: knots'));
    write(
      'many.jsonl',
      `${JSON.stringify({ ...RECORDS.near, expect: 'deny', deviceId: 'a'.repeat(64), displayName: '' })}\n`.repeat(
        30,
      ),
    );
    const { stdout } = await simulate('many.jsonl', '--against', renamed);
    expect(stdout).toContain('The same action by another rule\n');
    expect(stdout).toMatch(/approve +knots +nodes +30\n/);
    expect(stdout).toContain('aaaaaaaa at 10.0.0.7');
    expect(stdout).toContain('  … and 10 more\n');
    expect((await simulate('many.jsonl', '--format', 'markdown')).stdout).toContain(
      '\n… and 10 more\n',
    );
  });

  it.each(['human', 'markdown', 'junit', 'github'])(
    'draws nothing with what a client says: %s',
    async (format) => {
      expect(await render(format)).not.toContain('\u001b');
    },
  );

  it.each(['markdown', 'junit'])('has no markup of what a client says: %s', async (format) => {
    expect(await render(format)).not.toMatch(/<b>|[^\\]\|<b|@all/);
  });
});

describe('--against git:REF', () => {
  let repository: string;
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-C', repository, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args],
      {
        encoding: 'utf8',
        stdio: 'pipe',
      },
    );
  const put = (path: string, text: string) => writeFileSync(join(repository, path), text);

  beforeAll(() => {
    repository = mkdtempSync(join(tmpdir(), 'pair-policy-git-'));
    git('init', '--quiet');
    execFileSync('mkdir', [join(repository, 'rules')]);
    put('rules/a.yaml', POLICY);
    put(
      'rules/b.yaml',
      'version: 1\nrules:\n  - { id: far, action: deny, when: { from: 192.168.0.0/16 } }\n',
    );
    put('rules/.hidden.yaml', 'nonsense: [');
    put('rules/a.test.yaml', 'nonsense: [');
    put('rules/notes.txt', 'nonsense: [');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'first');
    git('tag', 'first');
    rmSync(join(repository, 'rules/b.yaml'));
    rmSync(join(repository, 'rules/a.test.yaml'));
    put('rules/a.yaml', LOOSER);
  });

  afterAll(() => {
    rmSync(repository, { recursive: true });
  });

  const compare = async (policy: string, against: string, env: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await runCommand(
      [
        'simulate',
        join(folder, 'all.jsonl'),
        '--policy',
        join(repository, policy),
        '--against',
        against,
        '--json',
      ],
      { env: { PATH: process.env['PATH'], ...env } },
    );
    return {
      code,
      stderr,
      changes: code === 2 ? null : (JSON.parse(stdout) as SimulateOutput).changes,
    };
  };

  it('compares with the files of a folder as of then, deleted ones included', async () => {
    const { changes } = await compare('rules', 'git:first');
    expect(changes).toMatchObject({ against: 'git:first', changed: 2, newlyApproved: 2 });
    expect(changes?.connects.map(({ line, wasRule }) => [line, wasRule])).toEqual([
      [2, 'far'],
      [3, 'lost'],
    ]);
  });

  it('compares with a file as of then', async () => {
    const { changes } = await compare('rules/a.yaml', 'git:HEAD');
    expect(changes?.connects.map(({ line, wasRule }) => [line, wasRule])).toEqual([
      [2, null],
      [3, 'lost'],
    ]);
  });

  it('is the repository of the policy, also in a hook of git', async () => {
    const { changes } = await compare('rules', 'git:HEAD', {
      GIT_DIR: '.git',
      GIT_INDEX_FILE: '.git/index',
    });
    expect(changes).toMatchObject({ changed: 2 });
  });

  const refused: [string, string, string, string][] = [
    ['a commit that does not exist', 'rules', 'git:nowhere', 'nowhere:'],
    ['no commit at all', 'rules', 'git:', '`` is no name of a commit'],
    [
      'an option in place of a commit',
      'rules',
      'git:--output=x',
      '`--output=x` is no name of a commit',
    ],
    [
      'a path in place of a commit',
      'rules',
      'git:HEAD:rules',
      '`HEAD:rules` is no name of a commit',
    ],
    ['a file that was not there', 'rules/new.yaml', 'git:HEAD', 'new.yaml'],
    ['a folder that was not there', 'new', 'git:HEAD', 'there is no policy here at that commit'],
    ['a link', 'linked', 'git:linked', 'this is a symbolic link'],
    ['a `.yml`', 'linked', 'git:yml', 'policies are `*.yaml`'],
    ['a `.YAML`', 'linked', 'git:yml', 'z.YAML'],
    ['a policy that is wrong', 'rules/a.yaml', 'git:wrong', 'wrong:'],
  ];
  it.each(refused)('is 2 for %s', async (_name, policy, against, message) => {
    prepareRefused();
    const { code, stderr } = await compare(policy, against);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(2);
  });

  let isPrepared = false;
  function prepareRefused(): void {
    if (isPrepared) return;
    isPrepared = true;
    git('stash', '--quiet');
    put('rules/a.yaml', 'version: 2\n');
    git('commit', '--quiet', '--all', '--message', 'wrong');
    git('tag', 'wrong');
    execFileSync('mkdir', [join(repository, 'linked')]);
    execFileSync('ln', ['-s', '../rules/b.yaml', join(repository, 'linked/l.yaml')]);
    git('add', '--all');
    git('commit', '--quiet', '--message', 'linked');
    git('tag', 'linked');
    put('linked/y.yml', POLICY);
    put('linked/z.YAML', POLICY);
    git('add', '--all');
    git('commit', '--quiet', '--message', 'yml');
    git('tag', 'yml');
    git('reset', '--quiet', '--hard', 'first');
    git('stash', 'pop', '--quiet');
    for (const path of ['new', 'linked']) execFileSync('mkdir', [join(repository, path)]);
    for (const path of ['rules/new.yaml', 'new/n.yaml', 'linked/l.yaml']) put(path, 'version: 1\n');
  }

  it('is 2 where git is missing', async () => {
    const { code, stderr } = await compare('rules', 'git:HEAD', { PATH: folder });
    expect(stderr).toContain('git was not found [GIT]');
    expect(code).toBe(2);
  });

  it('is 2 outside a repository', async () => {
    const { code, stderr } = await runCommand(
      [
        'simulate',
        join(folder, 'all.jsonl'),
        '--policy',
        join(folder, 'policy.yaml'),
        '--against',
        'git:HEAD',
      ],
      { env: { PATH: process.env['PATH'], GIT_CEILING_DIRECTORIES: tmpdir() } },
    );
    expect(stderr).toContain('[GIT]');
    expect(code).toBe(2);
  });
});

describe('the command itself', () => {
  const main = (args: string[], input?: string | Buffer) =>
    spawnSync(process.execPath, ['dist/cli/main.js', 'simulate', ...args], {
      encoding: 'utf8',
      input,
    });

  it('reads what is piped into it, and exits with its code', () => {
    const args = ['-', '--policy', join(folder, 'policy.yaml'), '--format', 'jsonl'];
    const { status, stdout, stderr } = main(args, gzipSync(linesOf('near', 'far')));
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toHaveLength(3);
    expect(status).toBe(0);
    expect(main(args, linesOf('near').replace('approve', 'deny')).status).toBe(1);
    expect(main(args, 'x').status).toBe(2);
  });

  it('tells its exit codes and examples in its help', () => {
    const { stdout, status } = main(['--help']);
    expect(stdout).toContain('Exit codes:');
    expect(stdout).toContain('--against git:origin/main --fail-on newly-approved');
    expect(status).toBe(0);
  });
});
