import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { replaceFile } from '../../src/cli/check/replace-file.js';
import { checkOutputSchema } from '../../src/cli/schemas/check-output.js';
import { PairPolicyError } from '../../src/model/index.js';
import { runCommand } from './run-command.js';

const CLEAN = `version: 1
rules:
  - { id: r, action: hold, when: { kind: key-change } }
tests:
  - { name: held, connect: { kind: key-change }, expect: hold }
`;
const NOTED = CLEAN.slice(0, CLEAN.indexOf('tests:'));
const DOUBTFUL = CLEAN.replace('version: 1\n', 'version: 1\nnetworks: { a: [10.0.0.0/8] }\n');
const WRONG = CLEAN.replace('key-change }', 'key-chang }').replace('when', 'where');

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pair-policy-check-'));
  file = join(folder, 'p.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Checks a policy of this text. */
async function check(text: string, ...options: string[]) {
  writeFileSync(file, text);
  return await runCommand(['check', file, ...options], { cwd: folder });
}

/** The severities and codes of the JSON output, which is as its schema says. */
function problemsOf(stdout: string): readonly string[] {
  const { problems } = checkOutputSchema.parse(JSON.parse(stdout));
  return problems.map(({ severity, code }) => `${severity} ${code}`);
}

describe('the exit code and `ok` say how bad it is', () => {
  test.each([
    ['nothing', CLEAN, [], 0, true],
    ['nothing, strictly', CLEAN, ['--strict'], 0, true],
    ['a note', NOTED, ['--strict'], 0, true],
    ['a warning', DOUBTFUL, [], 0, true],
    ['a warning, strictly', DOUBTFUL, ['--strict'], 1, false],
    ['an error', WRONG, [], 2, false],
    ['an error, strictly', WRONG, ['--strict'], 2, false],
  ])('%s', async (_what, text, options, code, ok) => {
    const found = await check(text, '--format', 'json', ...options);
    expect(found).toMatchObject({ code, stderr: '' });
    expect(JSON.parse(found.stdout)).toMatchObject({ ok });
  });
});

describe('--format json', () => {
  test('prints each problem with exactly these keys, and a hint that is a text', async () => {
    const { stdout } = await check(DOUBTFUL, '--json');
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      problems: [
        {
          code: 'UNUSED_NAME',
          severity: 'warning',
          file,
          line: 2,
          column: 13,
          message: 'no rule uses the network `a`',
          hint: 'use it as `"@a"`, or remove it',
        },
      ],
    });
  });

  test.each([
    ['no problems', CLEAN, []],
    ['a note', NOTED, ['note UNTESTED_RULE']],
    ['errors', WRONG, ['error MISSING_KEY', 'error UNKNOWN_KEY']],
    ['what cannot be parsed', 'version: [', ['error YAML_SYNTAX']],
    ['what is empty', '', ['error FILE_EMPTY']],
  ])('is as its schema says for %s', async (_what, text, expected) => {
    expect(problemsOf((await check(text, '--json')).stdout)).toEqual(expected);
  });

  test('is printed for paths that cannot be read, too', async () => {
    const missing = await runCommand(['check', join(folder, 'none.yaml'), '--json']);
    expect(missing).toMatchObject({ code: 2, stderr: '' });
    expect(problemsOf(missing.stdout)).toEqual(['error FILE_NOT_FOUND']);
    const empty = await runCommand(['check', folder, '--json']);
    expect(problemsOf(empty.stdout)).toEqual(['error NO_POLICY']);
  });

  test('tells lints of several files together, in the order of the files', async () => {
    writeFileSync(join(folder, 'a.yaml'), DOUBTFUL.replace('id: r', 'id: s').replace('held', 'a'));
    writeFileSync(join(folder, 'notes.txt'), '');
    await check(DOUBTFUL.replace('a: [', 'b: ['));
    const { stdout } = await runCommand(['check', folder, '--json']);
    expect(problemsOf(stdout)).toEqual([
      'warning UNUSED_NAME',
      'note FILE_IGNORED',
      'warning UNUSED_NAME',
    ]);
  });
});

describe('--format human', () => {
  test('shows the line with a caret, what to do, and a summary', async () => {
    const { stdout, stderr } = await check(DOUBTFUL);
    expect(stderr).toBe('');
    expect(stdout).toBe(
      [
        `${file}:2:13: warning: no rule uses the network \`a\` [UNUSED_NAME]`,
        '  2 | networks: { a: [10.0.0.0/8] }',
        '    |             ^',
        '    help: use it as `"@a"`, or remove it',
        '1 file: 1 warning',
        '',
      ].join('\n'),
    );
  });

  test.each([
    [CLEAN, '1 file: no problems\n'],
    [WRONG, '1 file: 2 errors\n'],
    [DOUBTFUL.slice(0, DOUBTFUL.indexOf('tests:')), '1 file: 1 warning, 1 note\n'],
  ])('sums up', async (text, last) => {
    expect((await check(text)).stdout.endsWith(last)).toBe(true);
  });
});

describe('--format github', () => {
  test('is one workflow command for each problem', async () => {
    expect((await check(CLEAN, '--format', 'github')).stdout).toBe('');
    expect((await check(DOUBTFUL, '--format', 'github')).stdout).toBe(
      `::warning file=${file},line=2,col=13,title=UNUSED_NAME::no rule uses the network \`a\`%0Ause it as \`"@a"\`, or remove it\n`,
    );
    expect((await check(NOTED, '--format', 'github')).stdout).toMatch(/^::notice /);
    expect((await check(WRONG, '--format', 'github')).stdout).toMatch(/^::error .*\n::error .*\n$/);
  });

  test('escapes what would end a property or a line', async () => {
    const odd = join(folder, 'a%:,b');
    mkdirSync(odd);
    writeFileSync(join(odd, 'p.yaml'), DOUBTFUL.replace('a: [', '"100%\\r\\n": ['));
    const { stdout } = await runCommand(['check', odd, '--format', 'github']);
    expect(stdout).toContain('a%25%3A%2Cb/p.yaml,line=2');
    expect(stdout).toContain('`100%25\\u000d\\u000a` cannot be a name%0A');
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('--format sarif', () => {
  interface Log {
    readonly version: string;
    readonly runs: readonly {
      readonly tool: {
        readonly driver: {
          readonly name: string;
          readonly rules: readonly { id: string; help: { text: string } }[];
        };
      };
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly message: { readonly text: string };
        readonly locations: readonly unknown[];
      }[];
    }[];
  }
  const sarif = async (text: string): Promise<Log['runs'][number]> => {
    const log = JSON.parse((await check(text, '--format', 'sarif')).stdout) as Log;
    expect(log.version).toBe('2.1.0');
    const [run, ...others] = log.runs;
    expect(others).toEqual([]);
    if (!run) throw new Error('no run');
    return run;
  };

  test('has a run without results where there are no problems', async () => {
    const { tool, results } = await sarif(CLEAN);
    expect(tool.driver).toMatchObject({ name: 'pair-policy', rules: [] });
    expect(results).toEqual([]);
  });

  test('has the rule of each result, with help', async () => {
    const { tool, results } = await sarif(DOUBTFUL.slice(0, DOUBTFUL.indexOf('tests:')));
    expect(results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['UNUSED_NAME', 'warning'],
      ['UNTESTED_RULE', 'note'],
    ]);
    for (const { ruleId, ruleIndex } of results) {
      const rule = tool.driver.rules[ruleIndex];
      expect(rule?.id).toBe(ruleId);
      expect(rule?.help.text).toMatch(/[.]$/);
    }
    expect((await sarif(WRONG)).tool.driver.rules[0]?.help.text).toMatch(/^A key .*[.]$/);
  });

  test('places results by relative URI and region', async () => {
    const { results } = await sarif(DOUBTFUL);
    expect(results[0]?.locations).toEqual([
      {
        physicalLocation: {
          artifactLocation: { uri: 'p.yaml' },
          region: { startLine: 2, startColumn: 13, endLine: 2, endColumn: 14 },
        },
      },
    ]);
    const empty = await sarif('');
    expect(empty.results[0]?.locations).toMatchObject([
      { physicalLocation: { region: { startLine: 1, startColumn: 1 } } },
    ]);
  });

  test('writes names as URIs', async () => {
    const odd = join(folder, 'a b#ü');
    mkdirSync(odd);
    writeFileSync(join(odd, 'p.yaml'), NOTED);
    const from = async (cwd: string, path: string) => {
      const { stdout } = await runCommand(['check', path, '--format', 'sarif'], { cwd });
      return /"uri": "(.*)"/.exec(stdout)?.[1];
    };
    expect(await from(folder, odd)).toBe('a%20b%23%C3%BC/p.yaml');
    expect(await from(odd, odd)).toBe('p.yaml');
    expect(await from(join(odd, 'deeper'), odd)).toBe('../p.yaml');
    expect(await from(join(folder, 'none'), join(folder, 'none'))).toBe('.');
  });

  test('is the same each time', async () => {
    const first = await check(WRONG, '--format', 'sarif');
    expect(await check(WRONG, '--format', 'sarif')).toEqual(first);
  });
});

describe('--fix', () => {
  const UNTIDY = CLEAN.replace('when: {', 'When: {').replace('kind: k', 'Kind: k');

  test('rewrites the file, tells what on stderr, and checks what is there then', async () => {
    const found = await check(UNTIDY, '--fix', '--json');
    expect(found.code).toBe(0);
    expect(JSON.parse(found.stdout)).toEqual({ ok: true, problems: [] });
    expect(found.stderr).toBe(
      `${file}:3:28: fixed: \`When\` is now \`when\`\n${file}:3:36: fixed: \`Kind\` is now \`kind\`\n`,
    );
    expect(readFileSync(file, 'utf8')).toBe(CLEAN);
    expect(readdirSync(folder)).toEqual(['p.yaml']);
    expect(await check(CLEAN, '--fix')).toMatchObject({ code: 0, stderr: '' });
  });

  test('writes nothing without being asked', async () => {
    await check(UNTIDY);
    expect(readFileSync(file, 'utf8')).toBe(UNTIDY);
  });

  test('keeps the mode, a link, a byte order mark and the line ends', async () => {
    const crlf = (text: string) => `\ufeff${text.replaceAll('\n', '\r\n')}`;
    const link = join(folder, 'linked.yaml');
    writeFileSync(file, crlf(UNTIDY));
    chmodSync(file, 0o640);
    symlinkSync('p.yaml', link);
    expect(await runCommand(['check', link, '--fix'])).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toBe(crlf(CLEAN));
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  test('leaves a file in which an error would come to light, and says so', async () => {
    const text = 'version: 1\nRules:\n  - { id: r, action: hold, when: { from: "@nowhere" } }\n';
    const found = await check(text, '--fix', '--json');
    expect(found.code).toBe(2);
    expect(found.stderr).toContain(`${file}: not fixed: `);
    expect(problemsOf(found.stdout)).toEqual(['error UNKNOWN_KEY']);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('fixes test files beside the policy', async () => {
    const beside = join(folder, 'p.test.yaml');
    writeFileSync(beside, 'version: 1\nTests: [{ name: x, connect: {}, expect: hold }]\n');
    const found = await check(NOTED, '--fix', '--strict');
    expect(found).toMatchObject({
      code: 0,
      stderr: `${beside}:2:1: fixed: \`Tests\` is now \`tests\`\n`,
    });
  });
});

describe('a file is replaced whole or not at all', () => {
  const failure = async (path: string, before: string) => {
    const error = await replaceFile(path, before, 'new').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PairPolicyError);
    return (error as PairPolicyError).problems[0];
  };

  test('not if it has changed meanwhile', async () => {
    writeFileSync(file, 'other');
    expect(await failure(file, 'old')).toMatchObject({ code: 'WRITE_FAILED', file });
    expect(readFileSync(file, 'utf8')).toBe('other');
    writeFileSync(file, Buffer.from([0xff]));
    expect((await failure(file, 'old'))?.message).toContain('it has changed');
  });

  test('not if it is gone', async () => {
    expect((await failure(file, 'old'))?.message).toContain('ENOENT');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('not if there is something in its way, which stays', async () => {
    writeFileSync(file, 'old');
    const aside = join(folder, `.p.yaml.${process.pid}.tmp`);
    writeFileSync(aside, 'mine');
    expect((await failure(file, 'old'))?.message).toContain('EEXIST');
    expect(readFileSync(aside, 'utf8')).toBe('mine');
    expect(readFileSync(file, 'utf8')).toBe('old');
  });
});

describe('the real command', () => {
  const main = new URL('../../dist/cli/main.js', import.meta.url).pathname;
  const runReal = (...args: string[]) =>
    spawnSync(process.execPath, [main, 'check', ...args], { cwd: folder, encoding: 'utf8' });

  test('checks `policies` unless told otherwise', () => {
    mkdirSync(join(folder, 'policies'));
    writeFileSync(join(folder, 'policies/p.yaml'), DOUBTFUL);
    const { status, stdout } = runReal('--format', 'sarif', '--strict');
    expect(status).toBe(1);
    expect(stdout).toContain('"uri": "policies/p.yaml"');
  });

  test('fixes a file', () => {
    writeFileSync(file, CLEAN.replace('rules', 'RULES'));
    const { status, stderr } = runReal('p.yaml', '--fix');
    expect([status, stderr]).toEqual([0, 'p.yaml:2:1: fixed: `RULES` is now `rules`\n']);
    expect(readFileSync(file, 'utf8')).toBe(CLEAN);
  });

  test('says in its help what it fixes', () => {
    const { status, stdout } = runReal('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('--fix rewrites');
    expect(stdout).toContain('$ pair-policy check policies --strict --format github');
  });
});
