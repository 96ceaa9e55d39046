/** The library: load a policy, follow its files, decide on connect records. */
export {
  type CompiledPolicy,
  type ConditionValue,
  type Explanation,
  LimitLedger,
  type LoadedPolicy,
  loadPolicy,
  type RuleValue,
} from './engine/index.js';
export {
  createLivePolicy,
  type LivePolicy,
  type LivePolicyEvents,
  type LivePolicyOptions,
  type ReloadCount,
} from './live/index.js';
export {
  type Action,
  type Cause,
  type ConnectRecord,
  type Decision,
  type DecisionContext,
  type FactName,
  type Facts,
  type LimitCharge,
  type LimitedApproval,
  type LimitState,
  PairPolicyError,
  type Place,
  type Problem,
  type ProblemCode,
  type Severity,
  type Truth,
} from './model/index.js';
export type { Condition, Limit, Policy, PolicyTest, Rule } from './policy/index.js';
