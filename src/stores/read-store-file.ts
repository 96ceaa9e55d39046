/** Reading a file whole, as it was at one moment. */
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { PairPolicyError, type Problem, startOf } from '../model/index.js';
import { type FilePrint, printOf, printOfStats } from './file-print.js';
import { unreadable } from './store-errors.js';

export interface FileText {
  readonly bytes: Buffer;
  readonly print: FilePrint;
  /** Whether it was written so lately that its writer may not have ended. */
  readonly isFresh: boolean;
}

/** Far above 100,000 devices; all of it is held in memory. */
const MAX_FILE_BYTES = 512n * 1024n * 1024n;
const TRIES = 50;
/** How long a file may be away before that counts. */
const GONE_MS = 1000;
const LOOK_MS = 20;
/** A writer in place that pauses for longer has ended. */
const QUIET_MS = 300;

/** Reads a file; undefined where there is none. Throws a `PairPolicyError` where it cannot be read. */
export async function readStoreFile(path: string): Promise<FileText | undefined> {
  try {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const text = await readOnce(path);
      if (text !== 'changing') return text;
      await delay(LOOK_MS);
    }
  } catch (error) {
    if (error instanceof PairPolicyError) throw error;
    throw new PairPolicyError([systemProblem(path, error)]);
  }
  throw new PairPolicyError([unreadable(startOf(path), 'it is written to without end')]);
}

/** Waits for a file that is away to come back; the answer is whether it did. */
export async function comesBack(path: string): Promise<boolean> {
  const end = performance.now() + GONE_MS;
  while (performance.now() < end) {
    if (printOf(path) !== undefined) return true;
    await delay(LOOK_MS);
  }
  return printOf(path) !== undefined;
}

/** The problem that the system has with a file. */
function systemProblem(path: string, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return unreadable(startOf(path), `it cannot be read: ${code}`);
}

async function readOnce(path: string): Promise<FileText | undefined | 'changing'> {
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return undefined;
  try {
    const before = await handle.stat({ bigint: true });
    if (!before.isFile()) {
      throw new PairPolicyError([unreadable(startOf(path), 'it is no regular file')]);
    }
    if (before.size > MAX_FILE_BYTES) {
      throw new PairPolicyError([unreadable(startOf(path), 'it is larger than 512 MiB')]);
    }
    const bytes = await readAll(handle, Number(before.size));
    const after = await handle.stat({ bigint: true });
    const print = printOfStats(after);
    if (print !== printOfStats(before) || print !== printOf(path)) return 'changing';
    return { bytes, print, isFresh: Date.now() - Number(after.mtimeMs) < QUIET_MS };
  } finally {
    await handle.close();
  }
}

/** In as few calls as the system allows: `readFile` takes 200 for 100 MB. */
async function readAll(handle: FileHandle, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  while (at < size) {
    const { bytesRead } = await handle.read(bytes, at, size - at, at);
    // It has become shorter, which its times tell as well.
    if (bytesRead === 0) return bytes.subarray(0, at);
    at += bytesRead;
  }
  return bytes;
}
