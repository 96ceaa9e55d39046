/** A recording that is written as connects come: appended to, rotated, and whole after a crash. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { openRecordingFile, type RecordingFile } from '../../src/live/index.js';
import { type ConnectRecord, PairPolicyError, type Problem } from '../../src/model/index.js';
import { readRecording } from '../../src/simulate/index.js';
import { freshFolder } from './log-entries.js';
import { canMount, fillDisk, smallDisk } from './small-disk.js';

const connect = (requestId: string): ConnectRecord => ({ requestId, role: 'node', scopes: [] });

function writeAll(file: RecordingFile, ids: readonly string[]): void {
  for (const id of ids) file.write({ record: connect(id), outcome: 'hold' });
}

/** The request ids in all files of a folder, in the order in which they were written. */
function idsIn(folder: string): readonly unknown[] {
  return filesOf(folder).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { requestId: unknown }).requestId),
  );
}

/** The full ones by their numbers, then the one that is written to. */
function filesOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort((a, b) => Number(a === 'c.jsonl') - Number(b === 'c.jsonl') || (a < b ? -1 : 1));
}

const numbered = (count: number) => Array.from({ length: count }, (_, at) => `r${at}`);

describe('a recording', () => {
  it('has a line for each connect, with what it was decided with and what became of it', async () => {
    const path = join(freshFolder(), 'new', 'c.jsonl');
    const file = await openRecordingFile(path);
    file.write({
      record: connect('r1'),
      context: { now: 5, ownAddresses: [] },
      outcome: 'approve',
    });
    file.write({ record: { ...connect('r2'), remoteIp: null } as unknown as ConnectRecord });
    await file.close();
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { ...connect('r1'), context: { now: 5, ownAddresses: [] }, outcome: 'approve' },
      { ...connect('r2'), remoteIp: null },
    ]);
    expect([file.written, file.dropped, file.problem]).toEqual([2, 0, undefined]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is what the simulator reads', async () => {
    const path = join(freshFolder(), 'c.jsonl');
    const file = await openRecordingFile(path);
    writeAll(file, ['r1', 'r2']);
    await file.close();
    const outcomes: unknown[] = [];
    for await (const batch of readRecording(path, Readable.from([]))) {
      outcomes.push(...batch.flatMap(({ connect: read }) => (read ? [read.outcome] : [])));
    }
    expect(outcomes).toEqual(['hold', 'hold']);
  });

  it.each([
    ['whole lines', '{"requestId":"old"}\n', ['{"requestId":"old"}']],
    ['a line that a crash cut off', '{"requestId":"ol', ['{"requestId":"ol']],
  ])('that has %s already is appended to', async (_, before, kept) => {
    const path = join(freshFolder(), 'c.jsonl');
    writeFileSync(path, before);
    const file = await openRecordingFile(path);
    writeAll(file, ['new']);
    await file.close();
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.slice(0, -1)).toEqual(kept);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ requestId: 'new' });
  });

  it('is set aside when it is full, and loses no line', async () => {
    const folder = freshFolder();
    const file = await openRecordingFile(join(folder, 'c.jsonl'), { maxBytes: 500 });
    for (const id of numbered(60)) {
      writeAll(file, [id]);
      await vi.waitFor(() => expect(file.written).toBe(Number(id.slice(1)) + 1));
    }
    await file.close();
    expect(filesOf(folder).length).toBeGreaterThan(3);
    expect(filesOf(folder).every((name) => statSync(join(folder, name)).size <= 500)).toBe(true);
    expect(idsIn(folder)).toEqual(numbered(60));
  });

  it('keeps so many full files, the latest', async () => {
    const folder = freshFolder();
    const file = await openRecordingFile(join(folder, 'c.jsonl'), { maxBytes: 200, keep: 2 });
    for (const id of numbered(40)) {
      writeAll(file, [id]);
      await vi.waitFor(() => expect(file.written).toBe(Number(id.slice(1)) + 1));
    }
    await file.close();
    expect(filesOf(folder)).toHaveLength(3);
    expect(idsIn(folder).at(-1)).toBe('r39');
  });

  it('that cannot be begun says why', async () => {
    const blocking = join(freshFolder(), 'file');
    writeFileSync(blocking, '');
    const error = await openRecordingFile(join(blocking, 'c.jsonl')).catch((reason) => reason);
    expect(error).toBeInstanceOf(PairPolicyError);
    expect(error.problems).toMatchObject([
      { code: 'WRITE_FAILED', file: join(blocking, 'c.jsonl') },
    ]);
  });

  it.runIf(canMount)('on a full disk tells it once, and loses only what it counts', async () => {
    const disk = smallDisk(64 * 1024);
    const told: Problem[] = [];
    const file = await openRecordingFile(join(disk, 'c.jsonl'), {
      onProblem: (problem) => told.push(problem),
    });
    fillDisk(disk);
    writeAll(file, ['r1', 'r2']);
    await vi.waitFor(() => expect(told).toHaveLength(1));
    await file.close();
    expect(told[0]).toMatchObject({ code: 'WRITE_FAILED' });
    expect(file.problem).toMatchObject({ code: 'WRITE_FAILED' });
    expect(file.written + file.dropped).toBe(2);
  });

  it('that is closed takes nothing more, and says so', async () => {
    const told: Problem[] = [];
    const file = await openRecordingFile(join(freshFolder(), 'c.jsonl'), {
      onProblem: (problem) => told.push(problem),
    });
    await file.close();
    writeAll(file, ['late']);
    expect(file.dropped).toBe(1);
    expect(told).toHaveLength(1);
  });
});
