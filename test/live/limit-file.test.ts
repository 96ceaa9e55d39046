import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { buildPolicy } from '../../src/engine/index.js';
import { type LimitFile, openLimitFile } from '../../src/live/index.js';
import type { LimitCharge, Problem } from '../../src/model/index.js';
import { decideLive, freshFolder } from './log-entries.js';
import { canMount, fillDisk, smallDisk } from './small-disk.js';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 30, 12);
const hourly = (max: number) => ({ max, perMs: HOUR, by: 'rule' as const });
const forEver = (max: number) => ({ max, perMs: undefined, by: 'rule' as const });

const charge = (ask: string | null, more: Partial<LimitCharge> = {}): LimitCharge => ({
  rule: 'r',
  key: '',
  at: NOW,
  ask,
  ...more,
});

/** Asks one after the other until there is no room; how many had. */
async function spend(limits: LimitFile, max: number, names: readonly string[]): Promise<number> {
  const done = await Promise.allSettled(
    names.map((name) => limits.charge(charge(name), hourly(max))),
  );
  for (const one of done) {
    if (one.status === 'rejected')
      expect(one.reason).toMatchObject({ problems: [{ code: 'LIMIT_SPENT' }] });
  }
  return done.filter(({ status }) => status === 'fulfilled').length;
}

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${prefix}${at}`);

describe('a file of limits', () => {
  it('counts at once, and is on disk when it resolves', async () => {
    const file = join(freshFolder(), 'new', 'limits.json');
    const limits = await openLimitFile(file);
    const charged = limits.charge(charge('a'), hourly(3));
    expect(limits.approvals('r', '')).toEqual([{ at: NOW, ask: 'a' }]);
    await charged;
    const beside = await openLimitFile(file);
    expect(beside.approvals('r', '')).toEqual([{ at: NOW, ask: 'a' }]);
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    expect((statSync(join(file, '..')).mode & 0o777).toString(8)).toBe('700');
    expect(readdirSync(join(file, '..'))).toEqual(['limits.json']);
  });

  it('lets no more than `max` through, however many ask at once, and over restarts', async () => {
    const file = join(freshFolder(), 'limits.json');
    let passed = 0;
    for (const run of ['a', 'b', 'c', 'd']) {
      const limits = await openLimitFile(file);
      passed += await spend(limits, run === 'a' ? 3 : 10, names(run, 8));
      await limits.close();
    }
    expect(passed).toBe(10);
  });

  it('a retry of the same ask takes no further room', async () => {
    const file = join(freshFolder(), 'limits.json');
    for (let run = 0; run < 3; run += 1) {
      const limits = await openLimitFile(file);
      await Promise.all(
        [1, 2].map((at) => limits.charge(charge('a', { at: NOW + run + at }), hourly(1))),
      );
      await limits.close();
    }
    expect((await openLimitFile(file)).approvals('r', '')).toEqual([{ at: NOW + 4, ask: 'a' }]);
  });

  it('an ask that is not to be told counts each time', async () => {
    const limits = await openLimitFile(join(freshFolder(), 'limits.json'));
    const long = 'x'.repeat(5000);
    await limits.charge(charge(null), forEver(4));
    await limits.charge(charge(null), forEver(4));
    await limits.charge(charge(long), forEver(4));
    await limits.charge(charge(long), forEver(4));
    await expect(limits.charge(charge(long), forEver(4))).rejects.toThrow('LIMIT_SPENT');
  });

  it('keeps values apart, whatever they are', async () => {
    const file = join(freshFolder(), 'limits.json');
    const limits = await openLimitFile(file);
    const keys = ['__proto__', 'constructor', '', 'a\u2028b', '\ud800'];
    for (const key of keys) await limits.charge(charge('a', { key, rule: '__proto__' }), hourly(1));
    const again = await openLimitFile(file);
    for (const key of keys) {
      expect(again.approvals('__proto__', key)).toHaveLength(1);
      await expect(
        again.charge(charge('b', { key, rule: '__proto__' }), hourly(1)),
      ).rejects.toThrow();
    }
  });

  it('gives room back after the window, and drops what has expired a day later', async () => {
    const file = join(freshFolder(), 'limits.json');
    const limits = await openLimitFile(file);
    await limits.charge(charge('a', { key: 'old' }), hourly(1));
    await limits.charge(charge('x', { rule: 'ever' }), forEver(1));
    await limits.charge(charge('b', { key: 'old', at: NOW + HOUR }), hourly(1));
    await limits.charge(charge('c', { key: 'new', at: NOW + 30 * HOUR }), hourly(1));
    const again = await openLimitFile(file);
    expect(again.approvals('r', 'old')).toEqual([]);
    expect(again.approvals('r', 'new')).toHaveLength(1);
    expect(again.approvals('ever', '')).toHaveLength(1);
  });

  it('a clock that is set back gives no room', async () => {
    const file = join(freshFolder(), 'limits.json');
    const limits = await openLimitFile(file);
    await limits.charge(charge('a', { at: NOW + 5 * HOUR }), hourly(1));
    await limits.close();
    const again = await openLimitFile(file);
    await expect(again.charge(charge('b'), hourly(1))).rejects.toThrow('LIMIT_SPENT');
    // Nor does one that went ahead for a while and was set right.
    await again.charge(charge('a', { key: 'k' }), hourly(1));
    await again.charge(charge('z', { key: 'else', at: NOW + 20 * HOUR }), hourly(1));
    await expect(again.charge(charge('b', { key: 'k', at: NOW + 1 }), hourly(1))).rejects.toThrow(
      'LIMIT_SPENT',
    );
  });

  it('two in one process, on one file, lose no charge and give no room twice', async () => {
    const file = join(freshFolder(), 'limits.json');
    const both = [await openLimitFile(file), await openLimitFile(file)];
    const passed = await Promise.all(
      both.map((limits, at) => spend(limits, 25, names(`${at}-`, 20))),
    );
    expect((passed[0] ?? 0) + (passed[1] ?? 0)).toBe(25);
    expect((await openLimitFile(file)).approvals('r', '')).toHaveLength(25);
  });

  it('what a killed process left beside it is removed, and nothing younger', async () => {
    const folder = freshFolder();
    const [old, young, other] = [
      '.limits.json.aa.tmp',
      '.limits.json.bb.tmp',
      '.else.tmp',
    ] as const;
    for (const name of [old, young, other]) writeFileSync(join(folder, name), '');
    utimesSync(join(folder, old), 1, 1);
    await openLimitFile(join(folder, 'limits.json'));
    expect(readdirSync(folder).sort()).toEqual([other, young].sort());
  });
});

const POLICY = buildPolicy([
  {
    path: 'p.yaml',
    kind: 'policy',
    text: 'version: 1\nrules: [{ id: r, action: approve, when: { from: private, role: node, scopes: { within: [] } }, limit: { max: 1, per: 1h } }]\n',
  },
]);

describe('a file that cannot be used', () => {
  const good = '{"version":1,"rules":[]}';
  it.each([
    ['no JSON', '{'],
    ['empty', ''],
    ['cut off', good.slice(0, -3)],
    ['another version', '{"version":2,"rules":[]}'],
    ['an object that is none of ours', '{}'],
    [
      'a time that is none',
      '{"version":1,"rules":[{"rule":"r","perMs":1,"by":[{"key":"","approvals":[{"at":"x","ask":null}]}]}]}',
    ],
    [
      'a value that stands twice',
      '{"version":1,"rules":[{"rule":"r","perMs":1,"by":[{"key":"","approvals":[]},{"key":"","approvals":[]}]}]}',
    ],
    [
      'a rule that stands twice',
      '{"version":1,"rules":[{"rule":"r","perMs":1,"by":[]},{"rule":"r","perMs":1,"by":[]}]}',
    ],
  ])('%s: nothing can be told, so it holds; the file is left alone', async (_, text) => {
    const file = join(freshFolder(), 'limits.json');
    writeFileSync(file, text);
    const told: Problem[] = [];
    const limits = await openLimitFile(file, { onProblem: (problem) => told.push(problem) });
    expect(told).toMatchObject([{ code: 'LIMITS_UNREADABLE', file }]);
    expect(limits.problem).toEqual(told[0]);
    const record = { remoteIp: '10.0.0.1', role: 'node', scopes: [], kind: 'new-device' };
    const { decision, context } = decideLive(
      POLICY,
      record,
      { now: NOW, ownAddresses: [] },
      limits,
    );
    expect(decision).toMatchObject({ action: 'hold', cause: 'limit', rule: 'r' });
    expect(context.limits).toBeNull();
    await expect(limits.charge(charge('a'), hourly(9))).rejects.toThrow('LIMITS_UNREADABLE');
    await limits.close();
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(told).toHaveLength(1);
  });

  it('is used again when somebody has put it right', async () => {
    const file = join(freshFolder(), 'limits.json');
    writeFileSync(file, '{');
    const limits = await openLimitFile(file);
    expect(limits.approvals('r', '')).toBeUndefined();
    writeFileSync(file, good);
    await vi.waitFor(() => expect(limits.approvals('r', '')).toEqual([]), 10_000);
    await limits.charge(charge('a'), hourly(1));
    expect(limits.problem).toBeUndefined();
  });

  it('that is broken while it is in use is left alone, too', async () => {
    const file = join(freshFolder(), 'limits.json');
    const limits = await openLimitFile(file);
    await limits.charge(charge('a'), hourly(9));
    writeFileSync(file, 'mine');
    await expect(limits.charge(charge('b'), hourly(9))).rejects.toThrow('LIMITS_UNREADABLE');
    expect(limits.approvals('r', '')).toBeUndefined();
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it('that vanishes while it is in use gives no room back', async () => {
    const file = join(freshFolder(), 'limits.json');
    const limits = await openLimitFile(file);
    await limits.charge(charge('a'), hourly(2));
    rmSync(file);
    await limits.charge(charge('b'), hourly(2));
    await limits.close();
    expect((await openLimitFile(file)).approvals('r', '')).toHaveLength(2);
  });

  it('in a folder that cannot be made: the approval is not to be acted on, its room is free again', async () => {
    const folder = join(freshFolder(), 'state');
    const told: Problem[] = [];
    const limits = await openLimitFile(join(folder, 'limits.json'), {
      onProblem: (one) => told.push(one),
    });
    writeFileSync(folder, '');
    const failing = limits.charge(charge('a'), hourly(1));
    await expect(failing).rejects.toThrow();
    await expect(limits.charge(charge('b'), hourly(1))).rejects.toThrow();
    expect(limits.problem).toBeDefined();
    expect(told).toHaveLength(1);
    rmSync(folder);
    mkdirSync(folder);
    await vi.waitFor(() => expect(limits.approvals('r', '')).toEqual([]), 10_000);
    await limits.charge(charge('c'), hourly(1));
    expect(limits.problem).toBeUndefined();
  });

  it.skipIf(!canMount)('on a full disk: what was kept stays whole', async () => {
    const disk = smallDisk(64 * 1024);
    const file = join(disk, 'limits.json');
    const limits = await openLimitFile(file);
    await limits.charge(charge('a'), hourly(2));
    const before = readFileSync(file, 'utf8');
    const filler = fillDisk(disk);
    await expect(limits.charge(charge('b'), hourly(2))).rejects.toThrow('ENOSPC');
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(limits.problem?.code).toBe('WRITE_FAILED');
    rmSync(filler);
    await limits.charge(charge('c'), hourly(2));
    await expect(limits.charge(charge('d'), hourly(2))).rejects.toThrow('LIMIT_SPENT');
    expect(readdirSync(disk)).toEqual(['limits.json']);
  });
});

describe('other processes', () => {
  const program = join(import.meta.dirname, 'charge-until-spent.ts');
  const start = (file: string, prefix: string, max: number) =>
    spawn(process.execPath, ['--import', 'tsx', program, file, prefix, String(max)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });

  it('two on one file give each room once', { timeout: 60_000 }, async () => {
    const file = join(freshFolder(), 'limits.json');
    const outputs = await Promise.all(
      ['a', 'b'].map(async (prefix) => {
        const child = start(file, prefix, 60);
        let text = '';
        child.stdout.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        expect(await once(child, 'close')).toEqual([0, null]);
        return text
          .trim()
          .split('\n')
          .filter((line) => line !== '');
      }),
    );
    const answered = outputs.flat();
    expect(new Set(answered).size).toBe(60);
    const kept = (await openLimitFile(file)).approvals('r', '')?.map(({ ask }) => ask);
    expect(kept?.sort()).toEqual(answered.sort());
  });

  it('one that is killed has kept all that it answered, and blocks nobody for long', {
    timeout: 60_000,
  }, async () => {
    const file = join(freshFolder(), 'limits.json');
    const child = start(file, 'a', 100_000);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await vi.waitFor(() => expect(text.split('\n').length).toBeGreaterThan(20), 20_000);
    child.kill('SIGKILL');
    await once(child, 'close');
    const answered = text.split('\n').slice(0, -1);
    const limits = await openLimitFile(file);
    const kept = new Set(limits.approvals('r', '')?.map(({ ask }) => ask));
    expect(answered.filter((name) => !kept.has(name))).toEqual([]);
    // Also where it was killed while it held the lock.
    await limits.charge(charge('after'), forEver(1_000_000));
  });
});
