/** The engine of this project, on circumstances that were made beforehand. */

import type { Circumstances } from '../../src/model/index.js';
import type { Policy } from '../../src/policy/index.js';
import { inOrder } from '../policies/checked-policy.js';
import { loadEngine } from '../product.js';
import type { Contender } from './contender.js';

const { compilePolicy, toCircumstances, LimitLedger } = await loadEngine();

/** The engine with a policy and records; its answer is the whole decision. */
export class Ours {
  readonly #compiled: ReturnType<typeof compilePolicy>;
  readonly #circumstances: readonly Circumstances[];
  readonly #book = new LimitLedger();
  readonly #numbers: ReadonlyMap<string | null, number>;

  constructor(policy: Policy, records: readonly unknown[]) {
    this.#compiled = compilePolicy(policy);
    this.#circumstances = records.map((record) => toCircumstances(record));
    this.#numbers = new Map(inOrder(policy).map(({ id }, number) => [id, number]));
  }

  /** The number of the rule that decided, as the peers answer. */
  expected(record: number): number {
    const { rule } = this.decide(record);
    return this.#numbers.get(rule) ?? -1;
  }

  decide(record: number) {
    return this.#compiled.decide(this.#circumstances[record] as Circumstances, this.#book);
  }

  explain(record: number) {
    return this.#compiled.explain(this.#circumstances[record] as Circumstances, this.#book);
  }

  /** What is timed: the decision with its reason, not the number. */
  asContender(): Contender {
    const compiled = this.#compiled;
    const circumstances = this.#circumstances;
    const book = this.#book;
    const decide = (record: number) =>
      compiled.decide(circumstances[record] as Circumstances, book) as unknown as number;
    return { decide };
  }
}
