/**
 * Replacing a file whole. `write-file-atomic` is not used: it takes one short write for all of them (a full disk would
 * put a torn file in place), syncs no folder, and leaves no moment to compare right before the rename.
 *
 * What the system answers from memory is called synchronously: on a loop that is busy with connects each wait for a
 * thread costs more than the call. The disk is waited for.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fchownSync,
  fstatSync,
  fsync as fsyncWithCallback,
  linkSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
  write as writeWithCallback,
} from 'node:fs';
import { chmod, mkdir, readdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type FilePrint, printOf } from './file-print.js';
import { writeFailed } from './store-errors.js';

/** A new text that lies beside its file, on the disk, ready to take its place. */
export interface Staged {
  readonly path: string;
  readonly temporary: string;
  readonly target: string;
  readonly inode: bigint;
}

/** Tells a temporary file of ours from one that a gateway is writing at this moment. */
const MARK = '.pair-policy.';
/** Small pieces are gathered until there is this much to write. */
const BLOCK_BYTES = 256 * 1024;
/** So much is copied to the system's memory without a pause. */
const AT_ONCE_BYTES = 1024 * 1024;

const fsync = promisify(fsyncWithCallback);
const write = promisify(writeWithCallback);

/** Writes a new text beside a file, down to the disk. */
export async function stageFile(path: string, pieces: Iterable<Buffer>): Promise<Staged> {
  if (!existsSync(dirname(path))) await makeFolder(dirname(path));
  const target = targetOf(path);
  const temporary = join(dirname(target), `${basename(target)}${MARK}${randomUUID()}.tmp`);
  const file = openSync(temporary, 'wx', 0o600);
  try {
    giveToOwner(file, target);
    await writeAll(file, pieces);
    await fsync(file);
    const { ino } = fstatSync(file, { bigint: true });
    return { path, temporary, target, inode: ino };
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  } finally {
    closeSync(file);
  }
}

/**
 * Puts a staged text in the place of its file, which was as `expected` a moment ago; false where somebody has made one
 * since there was none. What takes no lock could still slip in between: a gateway, within some microseconds.
 */
export function placeFile({ temporary, target }: Staged, expected: FilePrint | undefined): boolean {
  if (expected !== undefined) {
    renameSync(temporary, target);
    return true;
  }
  try {
    // Unlike a rename it never replaces what is there.
    linkSync(temporary, target);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    renameSync(temporary, target);
    return true;
  }
  unlinkSync(temporary);
  return true;
}

/** The print of a file that was just placed; undefined where another one is there already. */
export function printOfPlaced({ target, inode }: Staged): FilePrint | undefined {
  const print = printOf(target);
  return print?.split(':')[1] === String(inode) ? print : undefined;
}

/** Drops a staged text that is not wanted any more. */
export async function dropStaged({ temporary }: Staged): Promise<void> {
  await unlink(temporary).catch((error) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
}

/** Makes what was done in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = openSync(path, 'r');
  try {
    await fsync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Removes what processes of ours left that were killed in the middle; only to be called with the lock. */
export async function dropLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (name.includes(MARK) && name.endsWith('.tmp')) await dropStaged(stagedIn(folder, name));
  }
}

/** Makes a folder that only its owner sees; one that is there stays as it is. */
export async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made === undefined) return;
  await chmod(folder, 0o700);
  await syncFolder(dirname(folder));
}

/** The code of a system's error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

function stagedIn(folder: string, name: string): Staged {
  return { path: folder, temporary: join(folder, name), target: folder, inode: 0n };
}

/** A link stays a link: what it points to is replaced. */
function targetOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

/** Whoever the store belongs to must be able to read it, also where an administrator's command has changed it. */
function giveToOwner(file: number, target: string): void {
  const owner = statSync(target, { throwIfNoEntry: false }) ?? statSync(dirname(target));
  const own = fstatSync(file);
  if (own.uid === owner.uid && own.gid === owner.gid) return;
  try {
    fchownSync(file, owner.uid, owner.gid);
  } catch {
    // A group that this user is not in: the owner is what counts.
    if (own.uid === owner.uid) return;
    throw writeFailed(target, 'it belongs to another user, who could not read it any more');
  }
}

async function writeAll(file: number, pieces: Iterable<Buffer>): Promise<void> {
  let written = 0;
  for (const block of blocksOf(pieces)) {
    for (let at = 0; at < block.length; ) {
      const length = block.length - at;
      const isSmall = written + length <= AT_ONCE_BYTES;
      const count = isSmall
        ? writeSync(file, block, at, length)
        : (await write(file, block, at, length)).bytesWritten;
      at += count;
      written += count;
    }
  }
}

function* blocksOf(pieces: Iterable<Buffer>): Iterable<Buffer> {
  let block: Buffer[] = [];
  let size = 0;
  for (const piece of pieces) {
    // Large ones are not copied.
    if (piece.length >= BLOCK_BYTES && size > 0) {
      yield Buffer.concat(block);
      block = [];
      size = 0;
    }
    block.push(piece);
    size += piece.length;
    if (size < BLOCK_BYTES) continue;
    yield block.length === 1 ? piece : Buffer.concat(block);
    block = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(block);
}
