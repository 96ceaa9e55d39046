/** The owner's side of the thread in which large policies are checked. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { CheckedPolicy } from '../../engine/index.js';
import { PairPolicyError } from '../../model/index.js';
import type { PolicyFiles, PolicyTest, Rule } from '../../policy/index.js';
import type { WorkerAnswer, WorkerAsk } from './worker-messages.js';

/**
 * The heap is bounded, so that a monstrous policy ends the thread and not the gateway. Parsing makes garbage by the
 * megabyte, most of it short-lived: the young generation has room for it.
 */
const LIMITS = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 128 };

/** A thread that is started when it is first needed and then kept: starting it takes longer than most checks. */
export class CheckingThread {
  readonly #url: URL;
  #worker: Worker | undefined;

  constructor(url: URL) {
    this.#url = url;
  }

  /**
   * What `checkPolicy` answers or throws; one at a time. Any other error means that the thread failed, and says
   * nothing of the policy.
   */
  async check(files: PolicyFiles): Promise<CheckedPolicy> {
    const first = await this.#ask({ ask: 'check', files });
    if (first.answer === 'rejected') {
      const texts = files.sources.map(({ path, text }) => [path, text] as const);
      throw new PairPolicyError(first.problems, new Map(texts));
    }
    if (first.answer !== 'accepted') throw new Error('the checking thread answered out of turn');
    const { document, warnings } = first.checked;
    return { document: { ...document, ...(await this.#takeParts()) }, warnings };
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async #takeParts(): Promise<{
    readonly rules: readonly Rule[];
    readonly tests: readonly PolicyTest[];
  }> {
    const rules: Rule[] = [];
    const tests: PolicyTest[] = [];
    for (;;) {
      const answer = await this.#ask({ ask: 'more' });
      if (answer.answer !== 'part') throw new Error('the checking thread answered out of turn');
      rules.push(...answer.part.rules);
      tests.push(...answer.part.tests);
      if (answer.part.isLast) return { rules, tests };
    }
  }

  async #ask(ask: WorkerAsk): Promise<WorkerAnswer> {
    const worker = this.#start();
    const ended = new AbortController();
    // The thread alone must not keep a process alive, but what is asked of it must.
    worker.ref();
    try {
      const { signal } = ended;
      const answered = once(worker, 'message', { signal });
      const gone = once(worker, 'exit', { signal }).then(() => {
        throw new Error('the checking thread ended');
      });
      worker.postMessage(ask);
      const [answer] = await Promise.race([answered, gone]);
      return answer as WorkerAnswer;
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      ended.abort();
      worker.unref();
    }
  }

  #start(): Worker {
    this.#worker ??= new Worker(this.#url, { resourceLimits: LIMITS });
    return this.#worker;
  }
}
