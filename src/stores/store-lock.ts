/** The lock that keeps processes of ours from writing at the same time. Gateways know nothing of it. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { codeOf, makeFolder } from './replace-file.js';
import { storeBusy, writeFailed } from './store-errors.js';

/** The folder of ours in a state folder. */
export const OUR_FOLDER = 'pair-policy';

/** After so long without a sign of life its holder is taken for dead. */
const STALE_MS = 5000;
const LIFE_SIGN_MS = 1000;
/** Long enough to outlive one that was killed, and then some. */
const PATIENCE_MS = 20_000;
const LOOK_MS = 8;

/** A lock that is held. */
export interface StoreLock {
  /** False once another process has taken it, because this one gave no sign of life for too long. */
  isHeld(): boolean;
}

/** Runs with the lock of a state folder; fails with `STORE_BUSY` where it is not to be had. */
export async function withStoreLock<T>(
  stateDir: string,
  run: (lock: StoreLock) => Promise<T>,
): Promise<T> {
  const folder = join(stateDir, OUR_FOLDER);
  let isHeld = true;
  const release = await acquire(folder, () => {
    isHeld = false;
  });
  try {
    return await run({ isHeld: () => isHeld });
  } finally {
    // One that was taken over is not ours to give back.
    if (isHeld) await release().catch(() => {});
  }
}

async function acquire(folder: string, onCompromised: () => void): Promise<() => Promise<void>> {
  const end = performance.now() + PATIENCE_MS;
  const options = {
    lockfilePath: join(folder, 'stores.lock'),
    realpath: false,
    stale: STALE_MS,
    update: LIFE_SIGN_MS,
    onCompromised,
  };
  for (;;) {
    try {
      await makeFolder(folder);
      return await lock(folder, options);
    } catch (error) {
      if (codeOf(error) !== 'ELOCKED') {
        throw writeFailed(folder, `it cannot be locked: ${codeOf(error) ?? 'unknown error'}`);
      }
      if (performance.now() > end) throw storeBusy(folder, 'another process holds the lock');
    }
    await delay(LOOK_MS * (0.5 + Math.random()));
  }
}
