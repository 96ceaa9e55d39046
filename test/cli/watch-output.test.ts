import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { write } from '../../src/cli/terminal.js';
import { watchOutput } from '../../src/cli/watch-output.js';

/** A stream on which each write fails so. */
class Broken extends Writable {
  readonly failure: Error;

  constructor(failure: Error) {
    super({ autoDestroy: false });
    this.failure = failure;
  }

  override _write(_chunk: Buffer, _encoding: string, done: (error: Error) => void): void {
    done(this.failure);
  }
}

const errorOf = (code: string) => Object.assign(new Error('it failed'), { code });

/** What is told on stderr, and how often the output was lost, when a write to stdout fails and fails again. */
async function failTwice(failure: Error) {
  let told = '';
  let lost = 0;
  const stdout = new Broken(failure);
  const stderr = new Writable({
    write(chunk, _encoding, done) {
      told += String(chunk);
      done();
    },
  });
  watchOutput({ stdout, stderr }, () => {
    lost += 1;
  });
  await write(stdout, 'one');
  await new Promise(setImmediate);
  await write(stdout, 'two');
  // As the process's own stdout does, which opens anew after each.
  stdout.emit('error', failure);
  return { told, lost };
}

describe('what cannot be written', () => {
  it('is nothing to tell where the reader went away', async () => {
    expect(await failTwice(errorOf('EPIPE'))).toEqual({ told: '', lost: 0 });
  });

  it.each([
    [errorOf('ENOSPC'), 'ENOSPC'],
    [new Error('odd\u001b'), 'odd\\u001b'],
  ])('is told once otherwise', async (failure, why) => {
    const { told, lost } = await failTwice(failure);
    expect(told).toBe(
      `stdout:1:1: the output could not be written: ${why} [WRITE_FAILED]\n` +
        '    help: make room on the device, or write to another\n',
    );
    expect(lost).toBe(1);
  });

  it('is not waited for on a stream that is closed', async () => {
    const stdout = new Broken(errorOf('ENOSPC'));
    stdout.destroy();
    await write(stdout, 'x'.repeat(100_000));
    expect(stdout.destroyed).toBe(true);
  });
});

describe.skipIf(process.platform === 'win32')('the real command', () => {
  const main = new URL('../../dist/cli/main.js', import.meta.url).pathname;
  const hasFull = existsSync('/dev/full');
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pair-policy-output-'));
    writeFileSync(join(folder, 'good.yaml'), 'version: 1\n');
    // More than a pipe holds.
    const rules = Array.from({ length: 900 }, (_none, i) => `  - { id: r${i}, action: odd }\n`);
    writeFileSync(join(folder, 'bad.yaml'), `version: 1\nrules:\n${rules.join('')}`);
    writeFileSync(join(folder, 'r.jsonl'), `${'{"role":"node","expect":"deny"}\n'.repeat(20_000)}`);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const shell = (line: string) =>
    spawnSync(
      'bash',
      ['-c', `set -o pipefail; pair_policy() { '${process.execPath}' '${main}' "$@"; }; ${line}`],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );

  it.each([
    ['check bad.yaml', 2],
    ['check good.yaml', 0],
    ['simulate r.jsonl --policy good.yaml --format jsonl', 1],
  ])('keeps its exit code where the reader goes away: %s', (args, code) => {
    const { status, stderr } = shell(`pair_policy ${args} | head -c 1`);
    expect([status, stderr]).toEqual([code, '']);
  });

  it
    .runIf(hasFull)
    .each([
      'check good.yaml',
      'check bad.yaml',
      'simulate r.jsonl --policy good.yaml --format jsonl',
      '--help',
    ])('exits 2 with one problem where the device is full: %s', (args) => {
    const { status, stderr } = shell(`pair_policy ${args} > /dev/full`);
    expect(stderr).toMatch(/^stdout:1:1: .*ENOSPC \[WRITE_FAILED\]\n {4}help: .*\n$/);
    expect(status).toBe(2);
  });

  it.runIf(hasFull).each([
    ['explain --role node --policy good.yaml --expect approve', 1],
    ['explain --role node --policy none.yaml', 2],
    ['check good.yaml --format', 2],
    ['check good.yaml > /dev/full', 2],
  ])('keeps its exit code where complaints cannot be written: %s', (args, code) => {
    expect(shell(`pair_policy ${args} 2> /dev/full`).status).toBe(code);
  });
});
