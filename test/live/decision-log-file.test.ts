import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  type DecisionLogFile,
  type DecisionLogOptions,
  openDecisionLog,
} from '../../src/live/index.js';
import { PairPolicyError, type Problem } from '../../src/model/index.js';
import { freshFolder, heldEntry, loggedLines } from './log-entries.js';
import { canMount, fillDisk, smallDisk } from './small-disk.js';

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** The numbers that the lines were given, in order. */
const numbersIn = (folder: string) => loggedLines(folder).map(({ displayName }) => displayName);

function writeNumbers(log: DecisionLogFile, from: number, to: number): string[] {
  const numbers = Array.from({ length: to - from }, (_, at) => String(from + at));
  for (const displayName of numbers) log.decided(heldEntry({ displayName }));
  return numbers;
}

/** A log that tells its problems into a list, and tries again soon. */
async function openTelling(file: string, options: DecisionLogOptions = {}) {
  const told: Problem[] = [];
  const log = await openDecisionLog(file, {
    retryMs: 20,
    onProblem: (problem) => told.push(problem),
    ...options,
  });
  return { log, told };
}

describe('a decision log', () => {
  it.each([
    ['owner', '600', '700'],
    ['group', '640', '750'],
    ['everyone', '644', '755'],
    [undefined, '600', '700'],
  ] as const)(
    'readable by %s has mode %s in a folder of mode %s',
    async (readableBy, mode, folderMode) => {
      const before = process.umask(0o077);
      try {
        const file = join(freshFolder(), 'new', 'logs', 'decisions.jsonl');
        const log = await openDecisionLog(file, readableBy && { readableBy });
        log.decided(heldEntry({}));
        await log.close();
        expect([modeOf(file), modeOf(join(file, '..'))]).toEqual([mode, folderMode]);
      } finally {
        process.umask(before);
      }
    },
  );

  it('takes from others what a file that was there gave them, and leaves the folder as it is', async () => {
    const folder = freshFolder();
    chmodSync(folder, 0o755);
    const file = join(folder, 'decisions.jsonl');
    writeFileSync(file, '', { mode: 0o644 });
    await (await openDecisionLog(file)).close();
    expect([modeOf(file), modeOf(folder)]).toEqual(['600', '755']);
  });

  it('begins a new file at its size, keeps some, and the names are in order of time', async () => {
    const folder = freshFolder();
    const { log, told } = await openTelling(join(folder, 'decisions.jsonl'), {
      maxBytes: 2000,
      keep: 3,
    });
    let numbers: string[] = [];
    for (let at = 0; at < 120; at += 10) {
      numbers = [...numbers, ...writeNumbers(log, at, at + 10)];
      await log.flush();
    }
    await log.close();
    const names = readdirSync(folder).sort();
    expect(names).toHaveLength(4);
    expect(names[0]).toMatch(/^decisions-0000\d\d\.jsonl$/);
    expect(names[3]).toBe('decisions.jsonl');
    for (const name of names) {
      expect(modeOf(join(folder, name))).toBe('600');
      expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(3500);
    }
    const kept = numbersIn(folder);
    expect(kept).toEqual(numbers.slice(-kept.length));
    expect([log.dropped, log.written, told]).toEqual([0, 120, []]);
  });

  it('goes on in the same file and with the next number after a restart', async () => {
    const folder = freshFolder();
    const file = join(folder, 'decisions.jsonl');
    for (let run = 0; run < 4; run += 1) {
      const { log } = await openTelling(file, { maxBytes: 900 });
      writeNumbers(log, run * 2, run * 2 + 2);
      await log.close();
    }
    expect(readdirSync(folder).length).toBeGreaterThan(1);
    expect(numbersIn(folder)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
  });

  it('ends a line that a crash cut off before it goes on', async () => {
    const folder = freshFolder();
    const file = join(folder, 'decisions.jsonl');
    writeFileSync(file, '{"displayName":"cut o');
    const { log } = await openTelling(file);
    writeNumbers(log, 0, 2);
    await log.close();
    const [torn, ...rest] = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(torn).toBe('{"displayName":"cut o');
    expect(rest.map((line) => JSON.parse(line) as object)).toMatchObject([
      { displayName: '0' },
      { displayName: '1' },
    ]);
  });

  it('is rejected where its folder cannot be made, and says why', async () => {
    const blocked = join(freshFolder(), 'file');
    writeFileSync(blocked, '');
    const opening = openDecisionLog(join(blocked, 'decisions.jsonl'));
    await expect(opening).rejects.toBeInstanceOf(PairPolicyError);
    await expect(opening).rejects.toMatchObject({ problems: [{ code: 'WRITE_FAILED' }] });
  });

  it('writes anew when its file, or its whole folder, is taken away', async () => {
    const parent = freshFolder();
    const folder = join(parent, 'logs');
    const { log, told } = await openTelling(join(folder, 'decisions.jsonl'));
    writeNumbers(log, 0, 1);
    await log.flush();
    renameSync(join(folder, 'decisions.jsonl'), join(parent, 'taken.jsonl'));
    writeNumbers(log, 1, 2);
    await log.flush();
    expect(numbersIn(folder)).toEqual(['1']);
    rmSync(folder, { recursive: true });
    writeNumbers(log, 2, 3);
    await log.flush();
    expect(numbersIn(folder)).toEqual(['2']);
    // A file where the folder was: nothing can be written, until it is gone.
    rmSync(folder, { recursive: true });
    writeFileSync(folder, '');
    writeNumbers(log, 3, 5);
    await log.flush();
    expect(log.problem).toMatchObject({ code: 'WRITE_FAILED' });
    rmSync(folder);
    await vi.waitFor(() => expect(log.problem).toBeUndefined(), 10_000);
    expect(numbersIn(folder)).toEqual(['3', '4']);
    expect(told).toHaveLength(1);
    await log.close();
    expect(log.dropped).toBe(0);
  });

  it('a listener that throws does not stop it', async () => {
    const folder = join(freshFolder(), 'logs');
    const log = await openDecisionLog(join(folder, 'decisions.jsonl'), {
      retryMs: 20,
      onProblem: () => {
        throw new Error('of its own');
      },
    });
    rmSync(folder, { recursive: true });
    writeFileSync(folder, '');
    writeNumbers(log, 0, 1);
    await log.flush();
    expect(log.problem).toBeDefined();
    rmSync(folder);
    await vi.waitFor(() => expect(log.written).toBe(1), 10_000);
    await log.close();
  });

  it('counts what comes after it was closed', async () => {
    const { log, told } = await openTelling(join(freshFolder(), 'decisions.jsonl'));
    await log.close();
    writeNumbers(log, 0, 3);
    expect([log.dropped, told.length]).toEqual([3, 1]);
    await log.close();
  });

  it('two logs on one file lose nothing, though both rotate', async () => {
    const folder = freshFolder();
    const file = join(folder, 'decisions.jsonl');
    const options = { maxBytes: 4000, keep: 1000 };
    const logs = [await openTelling(file, options), await openTelling(file, options)];
    const all: string[] = [];
    for (let at = 0; at < 300; at += 10) {
      for (const [which, { log }] of logs.entries()) {
        all.push(...writeNumbers(log, at * 2 + which * 10, at * 2 + which * 10 + 10));
      }
      if (at % 50 === 0) await Promise.all(logs.map(({ log }) => log.flush()));
    }
    await Promise.all(logs.map(({ log }) => log.close()));
    expect(
      numbersIn(folder)
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual(all.map(Number));
  });
});

describe('a disk that takes nothing', () => {
  it.skipIf(process.platform !== 'linux')(
    'is told once, what waits is bounded, the rest is counted',
    async () => {
      const { log, told } = await openTelling('/dev/full', { maxBufferBytes: 4000, retryMs: 5 });
      writeNumbers(log, 0, 100);
      await log.flush();
      expect(log.problem).toMatchObject({
        code: 'WRITE_FAILED',
        message: expect.stringContaining('ENOSPC'),
      });
      // The first that was told may be that lines are lost.
      const kinds = told.map(({ message }) => message);
      expect(new Set(kinds).size).toBe(kinds.length);
      expect(log.dropped).toBeGreaterThan(50);
      await log.close();
      expect([log.written, log.dropped]).toEqual([0, 100]);
    },
  );

  it.skipIf(!canMount)('loses nothing that was kept, once there is room again', async () => {
    const disk = smallDisk(256 * 1024);
    const { log, told } = await openTelling(join(disk, 'decisions.jsonl'));
    const filler = fillDisk(disk);
    const first = writeNumbers(log, 0, 500);
    await log.flush();
    expect(told).toMatchObject([{ code: 'WRITE_FAILED', hint: expect.stringContaining('full') }]);
    rmSync(filler);
    await vi.waitFor(() => expect(log.problem).toBeUndefined(), 10_000);
    const more = writeNumbers(log, 500, 510);
    await log.close();
    expect(log.dropped).toBe(0);
    // Also the line that the full disk took a half of is whole.
    expect(numbersIn(disk)).toEqual([...first, ...more]);
  });

  it.skipIf(!canMount)('rotates on, once there is room again', async () => {
    const disk = smallDisk(64 * 1024);
    const { log } = await openTelling(join(disk, 'decisions.jsonl'), { maxBytes: 8000, keep: 2 });
    const filler = fillDisk(disk);
    writeNumbers(log, 0, 60);
    await log.flush();
    expect(log.problem).toBeDefined();
    rmSync(filler);
    await vi.waitFor(() => expect(log.problem).toBeUndefined(), 10_000);
    for (let at = 60; at < 300; at += 10) {
      writeNumbers(log, at, at + 10);
      await log.flush();
    }
    await log.close();
    expect(readdirSync(disk).filter((name) => name.startsWith('decisions-'))).toHaveLength(2);
    expect(numbersIn(disk).at(-1)).toBe('299');
  });
});

it('a process that is killed leaves whole lines, and at most the last one torn', async () => {
  const folder = freshFolder();
  const program = join(import.meta.dirname, 'log-without-end.ts');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', program, join(folder, 'decisions.jsonl')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const texts = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  const lines = texts.join('').split('\n');
  lines.pop();
  expect(lines.length).toBeGreaterThan(100);
  const numbers = lines.map((line) =>
    Number((JSON.parse(line) as { displayName: string }).displayName),
  );
  expect(numbers).toEqual(numbers.map((_, at) => at));
  // And a log that goes on after it is still read to its end.
  const log = await openDecisionLog(join(folder, 'decisions.jsonl'));
  log.decided(heldEntry({ displayName: 'after' }));
  await log.close();
  expect(
    readFileSync(join(folder, 'decisions.jsonl'), 'utf8').trimEnd().split('\n').at(-1),
  ).toContain('"after"');
});
