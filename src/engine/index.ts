/** A checked policy becomes something that decides: pure, synchronous, total. */
export { compilePolicy } from './compile.js';
export type { CompiledPolicy, ConditionValue, Explanation, RuleValue } from './compiled-policy.js';
export { type Coverage, type MissingCoverage, measureCoverage } from './coverage.js';
export { type LimitBook, LimitLedger, readLimits } from './limits.js';
export { buildPolicy, type LoadedPolicy, loadPolicy, toCircumstances } from './load-policy.js';
export { runTests, type TestOutcome } from './run-tests.js';
