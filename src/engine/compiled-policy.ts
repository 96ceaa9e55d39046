/** The contract of the engine: what compiling gives, and what can be asked of it. */
import type { Circumstances, Decision, FactName, Truth } from '../model/index.js';
import type { Condition, Policy, Rule } from '../policy/index.js';
import type { LimitBook } from './limits.js';

/** A policy that decides. Pure, synchronous and total: same input, same decision, no exception. */
export interface CompiledPolicy {
  readonly policy: Policy;
  decide(circumstances: Circumstances, book: LimitBook): Decision;
  /** Explains a decision by every rule, or by the `only` ones. */
  explain(circumstances: Circumstances, book: LimitBook, only?: ReadonlySet<Rule>): Explanation;
  /** The same decision, and every rule that takes part and is true or unknown: far cheaper than to explain it. */
  survey(circumstances: Circumstances, book: LimitBook, see: SeeRule): Decision;
}

/** Is told a rule that is not false, with the facts whose absence makes it unknown. */
export type SeeRule = (rule: Rule, truth: true | 'unknown', missing: readonly FactName[]) => void;

/** The decision with the value of every condition of every rule. */
export interface Explanation {
  readonly decision: Decision;
  readonly rules: readonly RuleValue[];
}

/** What a rule came out as for one connect. */
export interface RuleValue {
  readonly rule: Rule;
  /** `error` where a condition failed to evaluate and no other one made the rule false. */
  readonly value: Truth | 'error';
  readonly when: readonly ConditionValue[];
  readonly unless: readonly ConditionValue[];
  /** Whether `expires` lies ahead; true without one. */
  readonly current: Truth;
  /** Whether the rule may take part: for a reconnect most do not. */
  readonly takesPart: boolean;
  /** For a true approve rule with a limit: whether there is room. */
  readonly room: boolean;
}

/** What a condition came out as for one connect. */
export interface ConditionValue {
  readonly condition: Condition;
  readonly value: Truth | 'error';
  /** The facts that the condition reads. */
  readonly reads: readonly FactName[];
  /** Those of them whose absence makes it unknown; empty unless it is. */
  readonly missing: readonly FactName[];
}
