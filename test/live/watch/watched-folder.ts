/** A temporary folder with a watch of it, and what the watch told. */
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  type FileWatch,
  type FileWatchOptions,
  type Settled,
  watchFiles,
} from '../../../src/live/index.js';

/** A folder that goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'pair-policy-live-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** What was told, in order, with what the reader read then. */
export interface Told extends Settled {
  readonly text: string | undefined;
}

export interface Watched {
  readonly told: Told[];
  readonly watch: FileWatch;
}

/** Watches a file, reading it at each call as a user of the watch does. */
export async function watchPath(
  path: string,
  options: Partial<FileWatchOptions> = {},
): Promise<Watched> {
  const told: Told[] = [];
  const watch = watchFiles({ paths: () => [path], ...options }, async (settled) => {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    told.push({ ...settled, text });
  });
  onTestFinished(() => watch.close());
  await watch.ready;
  await watch.quiet();
  told.length = 0;
  return { told, watch };
}

/** Writes in place, in two halves. */
export async function writeTorn(path: string, text: string, pauseMs: number): Promise<void> {
  const middle = Math.floor(text.length / 2);
  await writeFile(path, text.slice(0, middle));
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  await writeFile(path, text.slice(middle), { flag: 'a' });
}
