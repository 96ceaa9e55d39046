/** One policy through a whole recording: each approve is acted on, so limits count along the recording's own time. */
import { type CompiledPolicy, type LimitBook, LimitLedger, type SeeRule } from '../engine/index.js';
import type { Decision } from '../model/index.js';
import type { Limit } from '../policy/index.js';
import type { Moment } from './moment.js';

/** A policy with the approvals that it has given so far. */
export class PolicyReplay {
  readonly #policy: CompiledPolicy;
  readonly #limits: ReadonlyMap<string, Limit>;
  readonly #ledger = new LimitLedger();
  /** Whether the last decision might have been another one after other connects. */
  dependsOnBefore = false;

  constructor(policy: CompiledPolicy) {
    this.#policy = policy;
    this.#limits = new Map(
      policy.policy.rules.flatMap((rule) => (rule.limit ? [[rule.id, rule.limit]] : [])),
    );
  }

  decide(moment: Moment): Decision {
    // Only a survey shows each rule whose limit counts.
    if (this.#limits.size > 0) return this.survey(moment, () => undefined);
    return this.#policy.decide(moment.circumstances, this.#bookOf(moment));
  }

  /** The same, and tells every rule that is not false, which takes longer. */
  survey(moment: Moment, see: SeeRule): Decision {
    this.dependsOnBefore = false;
    const decision = this.#policy.survey(
      moment.circumstances,
      this.#bookOf(moment),
      (rule, truth, missing) => {
        if (rule.limit && truth === true) this.dependsOnBefore = true;
        see(rule, truth, missing);
      },
    );
    this.#act(decision);
    return decision;
  }

  #bookOf({ limits }: Moment): LimitBook {
    return limits ?? this.#ledger;
  }

  #act({ charge }: Decision): void {
    const limit = charge && this.#limits.get(charge.rule);
    if (limit) this.#ledger.charge(charge, limit);
  }
}
