import { execFile } from 'node:child_process';
import { mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { temporaryFolder, watchPath, writeTorn } from './watched-folder.js';

const run = promisify(execFile);
const WAIT = { timeout: 5000, interval: 5 };

/** Puts a text in place by rename. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.tmp`, text);
  await rename(`${path}.tmp`, path);
}

/** A file that was written long ago. */
async function oldFile(path: string, text: string): Promise<string> {
  await writeFile(path, text);
  await utimes(path, 1000, 1000);
  return path;
}

describe('a file that is replaced is settled at once', () => {
  it('by rename, before it could have been quiet', async () => {
    const path = await oldFile(join(await temporaryFolder(), 'a'), 'one');
    const { told } = await watchPath(path, { quietMs: 60_000 });
    await replace(path, 'two');
    await vi.waitFor(() => expect(told.at(-1)?.text).toBe('two'), WAIT);
  });

  it('by sed -i', async () => {
    const path = await oldFile(join(await temporaryFolder(), 'a'), 'one');
    const { told } = await watchPath(path, { quietMs: 60_000 });
    await run('sed', ['-i', 's/one/two/', path]);
    await vi.waitFor(() => expect(told.at(-1)?.text).toBe('two'), WAIT);
  });

  it('by the link of a ConfigMap, again and again', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'policy.yaml');
    const publish = async (version: string) => {
      await mkdir(join(folder, `..${version}`));
      await oldFile(join(folder, `..${version}`, 'policy.yaml'), version);
      await symlink(`..${version}`, join(folder, '..data_tmp'));
      await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    await publish('v1');
    await symlink(join('..data', 'policy.yaml'), path);
    const { told } = await watchPath(path, { quietMs: 60_000 });
    for (const version of ['v2', 'v3', 'v4']) {
      await publish(version);
      await vi.waitFor(() => expect(told.at(-1)?.text).toBe(version), WAIT);
    }
  });

  it('with the folder that holds it', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'now'));
    const path = await oldFile(join(folder, 'now', 'a'), 'one');
    const { told } = await watchPath(path, { quietMs: 60_000 });
    await mkdir(join(folder, 'next'));
    await oldFile(join(folder, 'next', 'a'), 'two');
    await rename(join(folder, 'now'), join(folder, 'before'));
    await rename(join(folder, 'next'), join(folder, 'now'));
    await vi.waitFor(() => expect(told.at(-1)?.text).toBe('two'), WAIT);
  });
});

describe('a file that is written in place is settled when it is quiet', () => {
  it.each([0, 1, 3, 10, 25, 45, 60, 100])('in two halves, %i ms apart', async (pause) => {
    const path = await oldFile(join(await temporaryFolder(), 'a'), 'one');
    const { told } = await watchPath(path);
    await writeTorn(path, 'first half, second half', pause);
    await vi.waitFor(() => expect(told).not.toHaveLength(0), WAIT);
    expect(told.map(({ text }) => text)).toEqual(['first half, second half']);
  });

  it('also where it was deleted and is made again', async () => {
    const path = await oldFile(join(await temporaryFolder(), 'a'), 'one');
    const { told } = await watchPath(path);
    await rm(path);
    await writeTorn(path, 'first half, second half', 80);
    await vi.waitFor(() => expect(told).not.toHaveLength(0), WAIT);
    expect(told.map(({ text }) => text)).toEqual(['first half, second half']);
  });
});
