/** A file that is replaced: whoever reads sees the old text or the new one, also after the power went. */
import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Writes aside, syncs, renames over the file, syncs the folder. `isStillOurs` is asked last before the rename. Rejects
 * with the error of the file system; then the file is as it was, unless only the folder could not be synced.
 */
export async function writeDurably(
  path: string,
  text: string,
  mode: number,
  isStillOurs: () => boolean,
): Promise<void> {
  const folder = dirname(path);
  const aside = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  const file = await open(aside, 'wx', mode);
  try {
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (!isStillOurs()) throw new Error('the lock was lost');
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Not every file system syncs a folder.
    if (!['EINVAL', 'ENOTSUP', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
  } finally {
    await handle.close();
  }
}

const LEFT_MS = 60_000;

/** Removes what a process that was killed while it wrote has left beside the file. Never rejects. */
export async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(`.${basename(path)}.`) || !name.endsWith('.tmp')) continue;
    const leftover = join(folder, name);
    const found = await stat(leftover).catch(() => undefined);
    // A younger one may be written just now.
    if (found && found.mtimeMs < Date.now() - LEFT_MS) await rm(leftover, { force: true });
  }
}
