/** A lock that is kept for as long as a process serves. */
import lockfile from 'proper-lockfile';
import { PairPolicyError, startOf } from '../model/index.js';

/** A lock that its holder has not touched for so long is taken from it: it was killed. */
const STALE_MS = 5000;

/** Takes the lock, and gives what lets go of it. Fails with `STORE_BUSY` where another process has it. */
export async function holdLock(path: string): Promise<() => Promise<void>> {
  try {
    // A process that was killed a moment ago leaves a lock that is not stale yet.
    const retries = { retries: 12, minTimeout: 500, maxTimeout: 500 };
    const release = await lockfile.lock(path, { stale: STALE_MS, realpath: false, retries });
    return () => release().catch(() => undefined);
  } catch (error) {
    const isHeld = (error as NodeJS.ErrnoException).code === 'ELOCKED';
    const message = isHeld
      ? 'another process serves with this folder'
      : `the lock cannot be taken: ${(error as NodeJS.ErrnoException).code}`;
    const hint = isHeld
      ? 'end it, or say another `--state-dir`'
      : 'check owner and mode of the folder';
    throw new PairPolicyError([
      { ...startOf(path), severity: 'error', code: 'STORE_BUSY', message, hint },
    ]);
  }
}
