/** One at a time, over all processes of this machine that keep to it. */
import lockfile from 'proper-lockfile';

/** A lock that its holder has not touched for so long is taken from it: it was killed. */
const STALE_MS = 5000;
/** In all longer than that. */
const RETRIES = { retries: 150, minTimeout: 5, maxTimeout: 100, factor: 1.3, randomize: true };

/** Does the work while it holds the lock beside the file; `isHeld` says whether it was taken away meanwhile. */
export async function withLock<T>(
  file: string,
  work: (isHeld: () => boolean) => Promise<T>,
): Promise<T> {
  let held = true;
  const release = await lockfile.lock(file, {
    stale: STALE_MS,
    retries: RETRIES,
    // The file may not be there yet.
    realpath: false,
    // By default this throws out of a timer, and ends the gateway.
    onCompromised: () => {
      held = false;
    },
  });
  try {
    return await work(() => held);
  } finally {
    // A lock that was taken away is not ours to release.
    await release().catch(() => undefined);
  }
}
