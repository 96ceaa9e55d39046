import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulate } from '../../src/cli/simulate/simulate.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pair-policy-'));
  writeFileSync(join(folder, 'p.yaml'), 'version: 1\n');
  const line = JSON.stringify({
    role: 'node',
    displayName: 'x'.repeat(400),
    remoteIp: '10.0.0.7',
    expect: 'deny',
  });
  writeFileSync(join(folder, 'r.jsonl'), `${line}\n`.repeat(2000));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Screen {
  readonly columns?: number;
  readonly isTTY?: boolean;
}

class Stream extends Writable {
  text = '';
  readonly columns: number | undefined;
  readonly isTTY: boolean;

  constructor({ columns, isTTY = false }: Screen) {
    super();
    this.columns = columns;
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Runs a replay on a terminal whose clock goes on by `tick` ms whenever it is read. */
async function replay(
  stdout: Screen,
  stderr: Screen,
  tick = 0,
  env: Record<string, string> = {},
  format: 'human' | 'jsonl' = 'human',
) {
  let now = 0;
  const streams = { stdout: new Stream(stdout), stderr: new Stream(stderr) };
  const options = { format, policy: [join(folder, 'p.yaml')] };
  await simulate([join(folder, 'r.jsonl')], options, {
    stdin: Readable.from([]),
    stdout: streams.stdout as Stream & { columns: number },
    stderr: streams.stderr,
    env,
    cwd: folder,
    now: () => {
      now += tick;
      return now;
    },
  });
  return { stdout: streams.stdout.text, stderr: streams.stderr.text };
}

describe('simulate on a terminal', () => {
  it.each([20, 40, 60, 80, 200])('keeps its tables within %i columns', async (columns) => {
    const { stdout } = await replay({ columns }, {});
    const rows = stdout.split('\n').filter((line) => line.startsWith('  '));
    expect(rows.length).toBeGreaterThan(5);
    // Seven columns of the least width have no room in less.
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(Math.max(columns, 42));
  });

  it('has colours only on a terminal', async () => {
    expect((await replay({}, {})).stdout).not.toContain('\u001b[');
    expect((await replay({ isTTY: true }, {})).stdout).toContain('\u001b[33mhold\u001b[39m');
    expect((await replay({ isTTY: true }, {}, 0, { NO_COLOR: '1' })).stdout).not.toContain(
      '\u001b[',
    );
  });
});

describe('the progress of a long replay', () => {
  it('is rewritten in one line of a terminal, and gone at the end', async () => {
    const { stderr } = await replay({}, { isTTY: true }, 100);
    const [nothing, told, ...others] = stderr.split('\r\u001b[K');
    expect(nothing).toBe('');
    expect(told).toMatch(/^\d+ connects replayed, reading .*r\.jsonl$/);
    expect(others.at(-1)).toBe('');
  });

  it('is told also where the report goes to the same terminal', async () => {
    const { stderr } = await replay({ isTTY: true }, { isTTY: true }, 100);
    expect(stderr).toContain('connects replayed');
  });

  it('is not mixed with lines that go to the same terminal', async () => {
    const { stderr } = await replay({ isTTY: true }, { isTTY: true }, 100, {}, 'jsonl');
    expect(stderr).toBe('');
  });

  it('is a line now and then in a log', async () => {
    const { stderr } = await replay({}, {}, 6000);
    expect(stderr).toMatch(/^\d+ connects replayed, reading .*r\.jsonl\n/);
    expect(stderr).not.toContain('\r');
  });

  it('is not told of a short one', async () => {
    expect((await replay({}, { isTTY: true })).stderr).toBe('');
  });
});
