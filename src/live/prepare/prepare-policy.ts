/** Sources to a policy that decides, without ever keeping the event loop for long. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type CheckedPolicy,
  compileInSteps,
  type LoadedPolicy,
  type Steps,
  toLoadedPolicy,
} from '../../engine/index.js';
import { PairPolicyError } from '../../model/index.js';
import type { PolicyFiles } from '../../policy/index.js';
import { checkPolicy } from './check-policy.js';
import { CheckingThread } from './checking-thread.js';

/** Up to so many characters a policy is checked in line: some twenty rules, which takes less than a thread's answer. */
const MAX_IN_LINE = 4096;

/** How long the event loop is kept at most, but for a single step. */
const SLICE_MS = 2;

/** Makes policies of sources, one at a time. */
export class PolicyPreparer {
  readonly #thread: CheckingThread | undefined;
  readonly #onError: (error: Error) => void;
  #isClosed = false;

  /**
   * `onError` is told where the thread fails: the policy is then checked in line. Without a URL, and run from the
   * sources, there is no thread: what it would run is made by the build.
   */
  constructor(onError: (error: Error) => void, workerUrl: URL | undefined = builtWorker()) {
    this.#thread = workerUrl && new CheckingThread(workerUrl);
    this.#onError = onError;
  }

  /** Throws a `PairPolicyError` where the sources must not come into force. */
  async prepare(files: PolicyFiles): Promise<LoadedPolicy> {
    const { document, warnings } = await this.#check(files);
    return toLoadedPolicy(await finishInSlices(compileInSteps(document)), warnings);
  }

  /** Ends what is under way: it throws. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread?.close();
  }

  async #check(files: PolicyFiles): Promise<CheckedPolicy> {
    const size = files.sources.reduce((sum, { text }) => sum + text.length, 0);
    if (!this.#thread || size <= MAX_IN_LINE) return checkPolicy(files);
    try {
      return await this.#thread.check(files);
    } catch (error) {
      if (this.#isClosed || error instanceof PairPolicyError) throw error;
      // A late answer is better than the policy of before: an edit may be there to lock somebody out.
      this.#onError(error as Error);
      return checkPolicy(files);
    }
  }
}

function builtWorker(): URL | undefined {
  const isBuilt = !import.meta.url.endsWith('.ts');
  return isBuilt ? new URL('./prepare-worker.js', import.meta.url) : undefined;
}

async function finishInSlices<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const end = performance.now() + SLICE_MS;
    do {
      const { done, value } = steps.next();
      if (done) return value;
    } while (performance.now() < end);
    await nextTurn();
  }
}
