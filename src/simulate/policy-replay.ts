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

  constructor(policy: CompiledPolicy) {
    this.#policy = policy;
    this.#limits = new Map(
      policy.policy.rules.flatMap((rule) => (rule.limit ? [[rule.id, rule.limit]] : [])),
    );
  }

  decide(moment: Moment): Decision {
    const decision = this.#policy.decide(moment.circumstances, this.#bookOf(moment));
    this.#act(decision);
    return decision;
  }

  /** The same, and tells every rule that is not false, which takes longer. */
  survey(moment: Moment, see: SeeRule): Decision {
    const decision = this.#policy.survey(moment.circumstances, this.#bookOf(moment), see);
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
