import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { devices } from '../../src/cli/devices/devices.js';
import type { DevicesOptions } from '../../src/cli/devices/devices-options.js';
import { runCommand } from './run-command.js';
import { makeStateDir, NOW, pairedRow, pendingRow, type Stores, writeStore } from './state-dir.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function stateDir(stores: Stores): string {
  const folder = makeStateDir(stores);
  folders.push(folder);
  return folder;
}

/** A stream whose text can be waited for. */
class Screen extends Writable {
  text = '';
  readonly columns = 200;
  readonly isTTY: boolean;
  #wake: (() => void) | undefined;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    this.#wake?.();
    done();
  }

  /** Resolves when the text that came since the last call has this in it; takes that text. */
  async take(wanted: string): Promise<string> {
    while (!this.text.includes(wanted)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const { text } = this;
    this.text = '';
    return text;
  }
}

/** Watches until the test ends it. */
function watch(
  folder: string,
  options: Partial<DevicesOptions> = {},
  isTTY = false,
  now = () => NOW,
) {
  const stdout = new Screen(isTTY);
  let stop = () => {};
  const ended = devices(
    { format: 'human', watch: true, stateDir: folder, ...options },
    {
      stdin: Readable.from([]),
      stdout,
      stderr: new Screen(false),
      env: {},
      cwd: folder,
      now,
      onInterrupt: (interrupt) => {
        stop = interrupt;
        return () => {};
      },
    },
  );
  return { stdout, ended, stop: () => stop() };
}

const POLICY = (action: string) =>
  `version: 1\nrules:\n  - { id: r, action: ${action}, reason: why, when: { role: operator } }\n`;

describe('where there is no terminal', () => {
  test('each change is a line, by whoever made it', async () => {
    const folder = stateDir({ pending: pendingRow('aaaa1111', 1), paired: pairedRow(3) });
    const { stdout, ended, stop } = watch(folder);
    const first = await stdout.take('device 3');
    expect(first.split('\n').map((line) => line.slice(0, 9))).toEqual([
      '+ pending',
      '+ paired ',
      '',
    ]);
    writeStore(folder, 'devices/pending.json', {
      ...pendingRow('aaaa1111', 1),
      ...pendingRow('bbbb2222', 2),
    });
    expect(await stdout.take('\n')).toMatch(
      /^\+ pending {2}bbbb2222 {2}device 2 {2}operator, operator\.read {2}from 192\.168\.1\.20/,
    );
    const { code } = await runCommand(['reject', 'aaaa1111', '--yes', '--state-dir', folder]);
    expect(code).toBe(0);
    expect(await stdout.take('\n')).toMatch(/^- pending {2}aaaa1111 {2}device 1 /);
    writeStore(folder, 'devices/paired.json', pairedRow(3, { displayName: 'new name' }));
    expect(await stdout.take('\n')).toMatch(/^~ paired {2}\w{64} {2}new name/);
    stop();
    expect(await ended).toBe(0);
  });

  test('--json: a line of JSON', async () => {
    const folder = stateDir({ pending: pendingRow('aaaa1111', 1) });
    const { stdout, ended, stop } = watch(folder, { format: 'json', pending: true });
    const came = JSON.parse(await stdout.take('\n'));
    expect(came).toMatchObject({ change: 'came', device: { requestId: 'aaaa1111' } });
    writeStore(folder, 'devices/pending.json', {});
    const went = JSON.parse(await stdout.take('\n'));
    expect(went).toMatchObject({ change: 'went', device: { requestId: 'aaaa1111' } });
    stop();
    expect(await ended).toBe(0);
  });

  test('a request that expires goes, though nobody touches the file', async () => {
    const folder = stateDir({ pending: pendingRow('aaaa1111', 1, { ts: NOW - 299_900 }) });
    const begun = Date.now();
    const { stdout, ended, stop } = watch(folder, {}, false, () => NOW + Date.now() - begun);
    expect(await stdout.take('\n')).toMatch(/^\+ pending {2}aaaa1111/);
    expect(await stdout.take('\n')).toMatch(/^- pending {2}aaaa1111/);
    stop();
    expect(await ended).toBe(0);
  });

  test('a policy that is edited meanwhile judges the next time; one that is broken does not', async () => {
    const folder = stateDir({ pending: pendingRow('aaaa1111', 1) });
    const policy = join(folder, 'p.yaml');
    writeFileSync(policy, POLICY('hold'));
    const { stdout, ended, stop } = watch(folder, { policy: [policy] });
    expect(await stdout.take('\n')).toContain('hold: ');
    writeFileSync(policy, POLICY('wrong'));
    writeStore(folder, 'devices/pending.json', pendingRow('bbbb2222', 2));
    expect(await stdout.take('bbbb2222')).toContain('hold: ');
    writeFileSync(policy, POLICY('deny'));
    writeStore(folder, 'devices/pending.json', pendingRow('cccc3333', 4));
    expect(await stdout.take('cccc3333')).toContain('deny: ');
    stop();
    expect(await ended).toBe(0);
  });
});

test('a terminal is drawn anew', async () => {
  const folder = stateDir({ pending: pendingRow('aaaa1111', 1) });
  const { stdout, ended, stop } = watch(folder, {}, true);
  const first = await stdout.take('Ctrl-C');
  expect(first.startsWith('\u001b[H\u001b[2J\u001b[3J')).toBe(true);
  expect(first).toContain('aaaa1111');
  writeStore(folder, 'devices/pending.json', pendingRow('bbbb2222', 2));
  const second = await stdout.take('bbbb2222');
  expect(second.startsWith('\u001b[H')).toBe(true);
  expect(second).not.toContain('aaaa1111');
  stop();
  expect(await ended).toBe(0);
});

test('it ends where nobody reads any more', async () => {
  const folder = stateDir({ pending: pendingRow('aaaa1111', 1) });
  const { stdout, ended } = watch(folder);
  await stdout.take('aaaa1111');
  stdout.destroy();
  expect(await ended).toBe(0);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends the process with 0', async (signal) => {
  const folder = stateDir({ pending: pendingRow('aaaa1111', 1, { ts: Date.now() }) });
  const args = ['dist/cli/main.js', 'devices', '--watch', '--state-dir', folder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  await once(child.stdout, 'data');
  const ended = once(child, 'exit');
  child.kill(signal);
  expect(await ended).toEqual([0, null]);
});
