/** A checked policy becomes something that decides: pure, synchronous, total. */

export { compileInSteps, compilePolicy } from './compile.js';
export { factsOf } from './compile-condition.js';
export type {
  CompiledPolicy,
  ConditionValue,
  Explanation,
  RuleValue,
  SeeRule,
} from './compiled-policy.js';
export { type LimitBook, LimitLedger, readLimits } from './limits.js';
export {
  buildPolicy,
  type CheckedPolicy,
  checkSources,
  type LoadedPolicy,
  loadPolicy,
  toCircumstances,
  toLoadedPolicy,
} from './load-policy.js';
export { factValue } from './near-miss/change-connect.js';
export { grantScopes } from './near-miss/grant-scopes.js';
export {
  findNearMisses,
  type NearMiss,
  smallestChange,
  type Unmet,
} from './near-miss/near-miss.js';
export { type Suggestion, suggestRule } from './near-miss/suggest-rule.js';
export { type Coverage, type MissingCoverage, measureCoverage } from './policy-tests/coverage.js';
export { runTests, type TestOutcome } from './policy-tests/run-tests.js';
export type { Steps } from './steps.js';
