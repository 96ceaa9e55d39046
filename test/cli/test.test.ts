import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testOutputSchema } from '../../src/cli/schemas/test-output.js';
import { runCommand } from './run-command.js';

const RULES = `version: 1
rules:
  - id: lost
    action: deny
    when: { gateway: a }
`;
const NEVER_SEEN = '{ name: other, connect: { gateway: b }, expect: hold }';
const PASSING = `tests:
  - { name: denied, connect: { gateway: a }, expect: deny }
  - ${NEVER_SEEN}
  - { name: open, connect: {}, expect: { action: hold, rule: null } }
`;
const FAILING = `tests:
  - { name: "wrong & <odd>", connect: { gateway: a }, expect: approve }
  - ${NEVER_SEEN}
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pair-policy-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function policyOf(text: string, tests?: string): string {
  const file = join(folder, 'p.yaml');
  writeFileSync(file, text);
  if (tests !== undefined) writeFileSync(join(folder, 'p.test.yaml'), `version: 1\n${tests}`);
  return file;
}

const runTest = (...args: string[]) => runCommand(['test', ...args]);

describe('the exit code and the last line say how it went', () => {
  test.each([
    ['all pass', PASSING, [], 0, '3 tests: 3 passed, 0 failed; coverage 100 %'],
    ['one fails', FAILING, [], 1, '2 tests: 1 passed, 1 failed; coverage 75 %'],
    ['there is none', '', [], 1, '0 tests: 0 passed, 0 failed; coverage 0 %'],
    [
      'there is one, and coverage is as asked for',
      `tests: [${NEVER_SEEN}]`,
      ['--min-coverage', '25%'],
      0,
      '1 test: 1 passed, 0 failed; coverage 25 %',
    ],
    [
      'coverage is too low',
      `tests: [${NEVER_SEEN}]`,
      ['--min-coverage', '25.1'],
      1,
      '1 test: 1 passed, 0 failed; coverage 25 %',
    ],
  ])('%s', async (_what, tests, options, code, summary) => {
    const finished = await runTest(policyOf(`${RULES}${tests}\n`), ...options);
    expect(finished.stdout.trimEnd().split('\n').at(-1)).toBe(summary);
    expect([finished.code, finished.stderr]).toEqual([code, '']);
  });

  test('tests beside the policy are run, for the file and for the folder', async () => {
    const file = policyOf(RULES, PASSING);
    for (const path of [file, folder]) {
      const { code, stdout } = await runTest(path);
      expect([code, stdout]).toEqual([0, '3 tests: 3 passed, 0 failed; coverage 100 %\n']);
    }
  });

  test.each(['101', 'all', '-1', ''])('--min-coverage %j is bad input', async (percent) => {
    const finished = await runTest(policyOf(RULES), '--min-coverage', percent);
    expect([finished.code, finished.stdout]).toEqual([2, '']);
    expect(finished.stderr).toContain('from 0 to 100');
  });

  test.each(['human', 'json', 'junit', 'github'])(
    'a policy that does not load is bad input, as %s',
    async (format) => {
      const finished = await runTest(policyOf('version: 2\n'), '--format', format);
      expect([finished.code, finished.stdout]).toEqual([2, '']);
      expect(finished.stderr).toMatch(/^.*p[.]yaml:1:10: .* \[WRONG_WORD\]/);
    },
  );
});

describe('for a person', () => {
  test('a failing test comes with its place, the line and the reason', async () => {
    const file = policyOf(RULES + FAILING);
    const { stdout } = await runTest(file);
    expect(stdout.split('\n')).toEqual([
      `${file}:7:13: \`wrong & <odd>\` expected approve, but it was deny by \`lost\` (rule) [TEST_FAILED]`,
      '  7 |   - { name: "wrong & <odd>", connect: { gateway: a }, expect: approve }',
      `    |             ${'^'.repeat(15)}`,
      '    help: the rule `lost` denies',
      '',
      '2 tests: 1 passed, 1 failed; coverage 75 %',
      '',
    ]);
  });

  test('no test at all is told with what to do', async () => {
    const { stdout } = await runTest(policyOf(RULES));
    expect(stdout).toContain('[NO_TESTS]');
    expect(stdout).toContain('help: write `tests:` into the policy, or a `*.test.yaml` beside it');
  });

  test('--coverage lists the rules, and what no test has seen with its place', async () => {
    const file = policyOf(`${RULES}tests: [${NEVER_SEEN}]\n`);
    const { stdout } = await runTest(file, '--coverage');
    expect(stdout).toMatch(
      /^Coverage\n +rule +action +decided +true +false +unknown\n +lost +deny +0 +0 +1 +0\n/,
    );
    expect(stdout).toContain(`\nNo test has seen\n  ${file}:3:9: \`lost\` decide\n`);
    expect(stdout).toContain(`  ${file}:5:13: \`gateway\` in \`when\` of \`lost\` unknown\n`);
  });

  test('coverage that is too low names what to test first', async () => {
    const text = `${RULES.replace('gateway: a', 'gateway: a, clientId: b')}tests: [${NEVER_SEEN}]\n`;
    const { stdout } = await runTest(policyOf(text), '--min-coverage', '90');
    expect(stdout).toContain('coverage is 28.5 %, less than 90 % [COVERAGE_LOW]');
    expect(stdout).toContain(
      'help: no test has seen: `lost` decide; `gateway` in `when` of `lost` true; ' +
        '`gateway` in `when` of `lost` unknown; and 2 more, see --coverage',
    );
  });

  test('a fact that is written wrong is a warning, not a failure', async () => {
    const tests = 'tests: [{ name: t, connect: { remoteIp: 10.0.0.300 }, expect: hold }]\n';
    const { code, stdout } = await runTest(policyOf(RULES + tests));
    expect(code).toBe(0);
    expect(stdout).toContain('warning: `remoteIp` is unknown to this test');
  });
});

describe('for machines', () => {
  test.each([
    ['passing', RULES + PASSING, [], true],
    ['failing', RULES + FAILING, ['--min-coverage', '99'], false],
    ['without tests', RULES, [], false],
  ])('--format json is as its schema says: %s', async (_what, text, options, ok) => {
    const { stdout } = await runTest(policyOf(text), '--json', ...options);
    const output = testOutputSchema.parse(JSON.parse(stdout));
    expect(output.ok).toBe(ok);
    expect(output.tests).toHaveLength(output.total);
    expect(output.passed + output.failed).toBe(output.total);
  });

  test('--format json has each test, each problem and the coverage', async () => {
    const file = policyOf(RULES + FAILING);
    const { stdout } = await runTest(file, '--format', 'json', '--min-coverage', '80');
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      total: 2,
      passed: 1,
      failed: 1,
      tests: [
        {
          name: 'wrong & <odd>',
          file,
          line: 7,
          ok: false,
          expect: { action: 'approve' },
          decision: { action: 'deny', rule: 'lost', cause: 'rule' },
        },
        { name: 'other', ok: true },
      ],
      problems: [{ code: 'TEST_FAILED' }, { code: 'COVERAGE_LOW', file, line: 1 }],
      coverage: {
        percent: 75,
        seen: 3,
        possible: 4,
        rules: [{ id: 'lost', action: 'deny', line: 3, decided: 1, true: 1, false: 1, unknown: 0 }],
        missing: [{ rule: 'lost', part: 'when', condition: 'gateway', value: 'unknown', line: 5 }],
      },
    });
  });

  test('--format junit has a suite for each file, and one for the whole', async () => {
    const file = policyOf(
      RULES + FAILING,
      'tests: [{ name: beside, connect: {}, expect: hold }]\n',
    );
    const { stdout } = await runTest(file, '--format', 'junit', '--min-coverage', '100');
    expect(stdout).toContain('<testsuites tests="3" failures="1" ');
    expect(stdout).toContain(`<testsuite name="${file}" tests="2" failures="1" `);
    expect(stdout).toContain('name="wrong &amp; &lt;odd&gt;"');
    expect(stdout).toContain('p.test.yaml');
  });

  test('--format junit fails where there is no test', async () => {
    const low = await runTest(policyOf(RULES), '--format', 'junit');
    expect(low.stdout).toContain('<testsuite name="all tests" tests="1" failures="1" ');
    expect(low.stdout).toContain('<testcase name="NO_TESTS"');
  });

  test('--format github annotates the line of the test that failed', async () => {
    const file = policyOf(RULES + FAILING);
    const { code, stdout } = await runTest(file, '--format', 'github');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^::error .*file=.*p[.]yaml,line=7,/);
  });
});

describe('the real command line', () => {
  const cli = ['dist/cli/main.js', 'test'];

  test('passes the tests of the shipped policy at full coverage', () => {
    const args = [...cli, 'policies', '--min-coverage', '100'];
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toMatch(
      /\d+ tests: \d+ passed, 0 failed; coverage 100 %\n$/,
    );
  });

  test('fails with 1 where a test fails', () => {
    const { status } = spawnSync(process.execPath, [...cli, policyOf(RULES + FAILING)]);
    expect(status).toBe(1);
  });
});
