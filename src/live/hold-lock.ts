/** A lock that is kept for as long as a process serves. */
import lockfile from 'proper-lockfile';
import { PairPolicyError, startOf } from '../model/index.js';

/** A lock that its holder has not touched for so long is taken from it: it was killed. */
const STALE_MS = 5000;
const HELD_HINT = 'end the other one, or say another `--state-dir`';

/**
 * Takes the lock, and gives what lets go of it. Fails with `STORE_BUSY` where another process has it; `onLost` gets the
 * same where one takes it later, because this one stood still for too long, or its folder went away.
 */
export async function holdLock(
  path: string,
  onLost: (error: PairPolicyError) => void,
): Promise<() => Promise<void>> {
  try {
    // A process that was killed a moment ago leaves a lock that is not stale yet.
    const retries = { retries: 12, minTimeout: 500, maxTimeout: 500 };
    const release = await lockfile.lock(path, {
      stale: STALE_MS,
      realpath: false,
      retries,
      // By default this throws out of a timer.
      onCompromised: () => onLost(busy(path, 'the lock of this folder was lost', HELD_HINT)),
    });
    return () => release().catch(() => undefined);
  } catch (error) {
    const isHeld = (error as NodeJS.ErrnoException).code === 'ELOCKED';
    const message = isHeld
      ? 'another process serves with this folder'
      : `the lock cannot be taken: ${(error as NodeJS.ErrnoException).code}`;
    throw busy(path, message, isHeld ? HELD_HINT : 'check owner and mode of the folder');
  }
}

function busy(path: string, message: string, hint: string): PairPolicyError {
  return new PairPolicyError([
    { ...startOf(path), severity: 'error', code: 'STORE_BUSY', message, hint },
  ]);
}
