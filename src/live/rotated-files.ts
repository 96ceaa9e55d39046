/** The full files beside one that is written to: `decisions-000001.jsonl`, `-000002` and so on beside `decisions.jsonl`. */
import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { withLock } from './with-lock.js';

const DIGITS = 6;

/** Makes the folder of a file where it is not there yet; one that is keeps its mode. */
export async function makeFolder(file: string, mode: number): Promise<void> {
  const made = await mkdir(dirname(file), { recursive: true, mode });
  // A umask must not take from what was asked for.
  if (made !== undefined) await chmod(dirname(file), mode);
}

/**
 * Gives the file the next number, so that another can be begun. Names in order of text are in order of time. Where
 * another process of ours has done so already, what is there now is another file, and stays.
 */
export async function setAside(file: string, ino: bigint): Promise<void> {
  await withLock(file, async () => {
    const there = await stat(file, { bigint: true }).catch(() => undefined);
    if (there?.ino !== ino) return;
    const last = (await rotatedFiles(file)).at(-1)?.number ?? 0;
    await rename(file, numbered(file, last + 1));
  });
}

/** Removes the oldest of the full files. */
export async function pruneRotated(file: string, keep: number): Promise<void> {
  const files = await rotatedFiles(file);
  for (const { path } of files.slice(0, Math.max(0, files.length - keep))) {
    await rm(path, { force: true });
  }
}

/** The full files beside a file, the oldest first. */
export async function rotatedFiles(
  file: string,
): Promise<readonly { readonly path: string; readonly number: number }[]> {
  const folder = dirname(file);
  const [stem, extension] = split(file);
  const found: { path: string; number: number }[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(`${stem}-`) || !name.endsWith(extension)) continue;
    const digits = name.slice(stem.length + 1, name.length - extension.length);
    if (!/^\d{6,15}$/.test(digits)) continue;
    found.push({ path: join(folder, name), number: Number(digits) });
  }
  return found.sort((a, b) => a.number - b.number);
}

function numbered(file: string, number: number): string {
  const [stem, extension] = split(file);
  return join(dirname(file), `${stem}-${String(number).padStart(DIGITS, '0')}${extension}`);
}

function split(file: string): readonly [stem: string, extension: string] {
  const name = basename(file);
  const dot = name.lastIndexOf('.');
  return dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
}
