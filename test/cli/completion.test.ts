import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from './run-command.js';

/** What is offered for the last word, without descriptions, and whether files come into question. */
async function complete(...words: string[]) {
  const { code, stdout } = await runCommand(['complete', '--', ...words]);
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  return { offered: lines.slice(0, -1).map((line) => line.split('\t')[0]), end: lines.at(-1) };
}

describe('what a word can be', () => {
  const onDevices = [
    'devices',
    'approve',
    'reject',
    'revoke',
    'block',
    'unblock',
    'prune',
    'audit',
  ];
  const commands = [
    'check',
    'test',
    'explain',
    'simulate',
    'init',
    'serve',
    'record',
    ...onDevices,
    'doctor',
  ].concat(['completion', 'help']);
  test.each([
    ['a command', [''], commands],
    ['a command that is begun', ['si'], ['simulate']],
    ['a shell', ['completion', ''], ['bash', 'zsh', 'fish']],
    ['a flag', ['test', '--cov'], ['--coverage']],
    ['flags', ['test', '--'], ['--format', '--json', '--coverage', '--min-coverage', '--help']],
    ['a format', ['test', '--format', ''], ['human', 'json', 'junit', 'github']],
    ['a format that is begun', ['check', 'policies', '--format', 's'], ['sarif']],
    ['a format behind =', ['check', '--format=h'], ['human']],
    ['a role to take back', ['revoke', '31dd', '--role', ''], ['operator', 'node']],
    ['what to fail on', ['simulate', 'r.jsonl', '--fail-on', 'newly-d'], ['newly-denied']],
  ])('%s', async (_what, words, offered) => {
    expect(await complete(...words)).toEqual({ offered, end: ':4' });
  });

  test.each([
    ['the paths of check', ['check', 'pol']],
    ['the recordings of simulate', ['simulate', '']],
    ['the policy of simulate', ['simulate', 'r.jsonl', '--policy', '']],
    ['the state folder of devices', ['devices', '--state-dir', '']],
    ['the folder of init', ['init', '--dir', './']],
  ])('files for %s', async (_what, words) => {
    expect(await complete(...words)).toEqual({ offered: [], end: ':0' });
  });

  test('a flag that does not exist is no file', async () => {
    expect(await complete('test', '--zzz')).toEqual({ offered: [], end: ':4' });
  });

  test('each comes with a description', async () => {
    const { stdout } = await runCommand(['complete', '--', 'te']);
    expect(stdout).toBe("test\tRun the policy's own tests, and tell what they cover.\n:4\n");
  });
});

describe('a script for each shell', () => {
  test.each([
    ['bash', 'complete -o bashdefault -o default -F _pair_policy pair-policy'],
    ['zsh', '#compdef pair-policy'],
    ['fish', 'complete -c pair-policy -e'],
  ])('%s', async (shell, line) => {
    const { code, stdout, stderr } = await runCommand(['completion', shell]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')).toContain(line);
    expect(stdout).toContain(' complete -- ');
  });

  test('no other shell', async () => {
    const { code, stdout } = await runCommand(['completion', 'tcsh']);
    expect([code, stdout]).toEqual([2, '']);
  });

  test('the help says how to use it, and does not show what only the scripts call', async () => {
    const { stdout } = await runCommand(['completion', '--help']);
    expect(stdout).toContain('eval "$(pair-policy completion bash)"');
    expect((await runCommand(['--help'])).stdout).not.toMatch(/^ +complete /m);
  });
});

describe('bash really completes', () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pair-policy-completion-'));
    const command = join(folder, 'pair-policy');
    const main = join(process.cwd(), 'dist/cli/main.js');
    writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
    chmodSync(command, 0o755);
    writeFileSync(join(folder, 'script'), (await runCommand(['completion', 'bash'])).stdout);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Does as bash does when the tab key is pressed behind these words; twice, as an rc file is read again. */
  function press(words: readonly string[]): readonly string[] {
    const script = `
      set -eu
      . ./script
      . ./script
      COMP_WORDS=("$@")
      COMP_CWORD=$(($# - 1))
      _pair_policy "$1" "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"
      printf '%s\\n' \${COMPREPLY[@]+"\${COMPREPLY[@]}"}`;
    const options = { cwd: folder, encoding: 'utf8' } as const;
    const args = ['--norc', '-c', script, 'bash', './pair-policy', ...words];
    return execFileSync('bash', args, options).trimEnd().split('\n');
  }

  test.each([
    [['comp'], ['completion']],
    [
      ['test', '--format', 'j'],
      ['json', 'junit'],
    ],
    [['test', '--format', '=', 'g'], ['github']],
    [
      ['check', '--format', '='],
      ['human', 'json', 'github', 'sarif'],
    ],
    [['check', 'pol'], ['']],
  ])('%j', (words, reply) => {
    expect(press(words)).toEqual(reply);
  });
});
